"""A folder of wheels, from which any number of machines set up .venv without a package index."""

import os
from pathlib import Path

from course.errors import CourseError
from course.spine import ROOT

FOLDER = ROOT / "wheels"
VARIABLE = "COURSE_WHEELS"


def folder():
    """Return the folder of wheels that a set-up uses instead of the index; or None."""
    if named := os.environ.get(VARIABLE):
        if not Path(named).is_dir():
            raise CourseError(f"{VARIABLE} names {named}, and there is no such folder.")
        return Path(named).absolute()
    return FOLDER if FOLDER.is_dir() else None


def options():
    """Return what an installer, pip or uv, is told: wheels of the folder only, if there is one."""
    here = folder()
    return ["--no-index", "--find-links", str(here)] if here else []
