"""What the site takes from npm, in the versions and with the hashes of `npm/package-lock.json`."""

import shutil
import subprocess
from pathlib import Path

from course.errors import CourseError
from course.spine import ROOT

PINNED = Path(__file__).resolve().parent / "npm"
CACHE = ROOT / ".site" / "npm"
FILES = ("package.json", "package-lock.json")


def node_modules():
    """Return the folder with the packages, installed anew when the lock file has changed.

    Raises CourseError where npm is missing, or fails.
    """
    if not is_installed():
        npm = find_npm()
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "installed").unlink(missing_ok=True)
        for name in FILES:
            shutil.copy(PINNED / name, CACHE)
        install(npm)
        shutil.copy(PINNED / FILES[1], CACHE / "installed")
    return CACHE / "node_modules"


def is_installed():
    installed = CACHE / "installed"
    return installed.exists() and installed.read_bytes() == (PINNED / FILES[1]).read_bytes()


def find_npm():
    npm = shutil.which("npm")
    if not npm:
        raise CourseError(
            "Building the site needs npm, which comes with Node.js 20 or newer (nodejs.org; on "
            "Debian or Ubuntu: sudo apt install npm). Then type the same command again."
        )
    return npm


def install(npm):
    """Install what is locked; no package's own script is run."""
    installed = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=CACHE,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode:
        raise CourseError(
            f"npm could not install what the site needs:\n{installed.stderr.strip()}\n"
            "Check that the network is there, and type the same command again."
        )
