"""Builds the whole site into a folder that any static host can serve."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from course.browser import build as browser
from course.errors import CourseError
from course.site import code_pages, npm, staging, teaching_pages
from course.spine import ROOT

CONFIGURATION = Path(__file__).resolve().parent / "sphinx"
SCRIPTS = ("@mermaid-js/tiny/dist/mermaid.tiny.js",)
MARK = ".nojekyll"  # without it, GitHub Pages leaves out folders such as _static
NOT_SERVED = ("_sources", ".buildinfo", "objects.inv")


def build(out, with_browser=True):
    """Build the site into the folder `out`, which is emptied first.

    `with_browser` adds the pages that run Python. Raises CourseError where a step fails.
    """
    empty(out)
    packages = npm.node_modules()
    print("The lessons, the demonstrations, what to build ...", flush=True)
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        staging.lay_out(Path(folder, "source"))
        run_sphinx(Path(folder), out)
    for script in SCRIPTS:
        shutil.copy(packages / script, out / "_static")
    print("The code ...", flush=True)
    code_pages.write(out)
    teaching_pages.write_handouts(out)
    for name in NOT_SERVED:
        remove(out / name)
    if with_browser:
        browser.build(out)


def empty(folder):
    """Empty the folder of an earlier site. Raises CourseError if something else is in it."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise CourseError(f"{folder} holds something else. Name an empty folder: --out FOLDER")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def run_sphinx(folder, out):
    """Make pages; a warning, such as of a link that leads nowhere, is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    command += ["-c", CONFIGURATION, "-d", folder / "doctrees", folder / "source", out]
    made = subprocess.run(command, cwd=ROOT, check=False)
    if made.returncode:
        raise CourseError("Sphinx found the faults above in the pages.")


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
