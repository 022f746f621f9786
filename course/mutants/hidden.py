"""Hides the source of a copy's API: it answers as before, and there is nothing to read."""

import shutil
import subprocess

from course.spine import FACTORY

NOT_THE_API = ("tests", "your_suite")
INSTEAD = "# Here stood a part of the API. Tests ask it, and don't read it.\n"
FACTORY_INSTEAD = INSTEAD + "def create_app(): ...\n"  # by which `start` knows what is an app


def packages_of(chapter):
    packages = (file.parent for file in chapter.glob("*/__init__.py"))
    return [package for package in packages if package.name not in NOT_THE_API]


def hide(python, copy):
    """Let Python use what is compiled, whatever the source says; and let the source say nothing."""
    packages = packages_of(copy)
    unchecked = ("-q", "-f", "--invalidation-mode", "unchecked-hash")
    subprocess.run([python, "-m", "compileall", *unchecked, *packages], check=True)
    for package in packages:
        for file in package.rglob("*.py"):
            is_app = FACTORY.search(file.read_text(encoding="utf-8"))
            file.write_text(FACTORY_INSTEAD if is_app else INSTEAD, encoding="utf-8")


def show_again(chapter, copy):
    """Put the source back, and let Python compile it anew."""
    for package in packages_of(chapter):
        for folder in (copy / package.name).rglob("__pycache__"):
            shutil.rmtree(folder)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, copy / package.name, ignore=ignored, dirs_exist_ok=True)
