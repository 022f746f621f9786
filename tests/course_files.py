"""The files that make up the course: what git tracks, or would; not what running it leaves."""

import shutil
import subprocess
from pathlib import Path

import pytest

from course.spine import ROOT

if not (ROOT / ".git").exists():
    pytest.skip("only git knows which files are the course's", allow_module_level=True)


def tracked_files(folder=ROOT):
    """Return the paths of the files in a folder of the course."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", folder)
    files = [ROOT / name for name in listed.split("\0") if name]
    return sorted(file for file in files if file.is_file())


def copy_files(source, target):
    """Copy a folder of the course, less what running it leaves, to the same place in another."""
    for file in tracked_files(source):
        copy = target / label(file)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)


def is_left_by_running(path):
    """Tell whether git ignores a path, which need not be there."""
    asked = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
    return asked.returncode == 0


def git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def label(path):
    """Name a file in a message or in a test's id."""
    return Path(path).relative_to(ROOT).as_posix()
