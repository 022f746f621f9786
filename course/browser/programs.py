"""The programs of others that build the browser edition."""

import os
import subprocess
import tempfile
from pathlib import Path

from course.browser import packages
from course.errors import CourseError

COMPILER = Path(__file__).with_name("compile.mjs")
WORDS = 3000  # characters of what a program says that fails


def compile_packages(pyodide, names, target, optimize):
    """Write an archive of packages, compiled with the Python that will run them."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.zip"
        packages.pack(names, plain)
        call("node", COMPILER, pyodide, plain, target, optimize)


def call(*command, cwd=None, **variables):
    """Run a program; raise CourseError with what it said if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CourseError(f"{command[0]} failed:\n{(done.stderr or done.stdout).strip()[-WORDS:]}")
