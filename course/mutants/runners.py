"""The processes that run suites: each finds loaded what the chapter imports."""

import sys
from functools import partial

from course.serving.child import apart_from_ctrl_c
from course.serving.ready import Forks, Waiting
from course.setup.surroundings import for_lessons
from course.spine import ROOT

SURROUNDINGS = {
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # to load them takes longer than most suites
}


def runners(python, chapter):
    """Let suites be run in processes that get ready for this chapter."""
    command = [str(python), "-m", "course.mutants.waiting", str(chapter)]
    kind = Forks if sys.platform == "linux" else partial(Waiting, again=True)
    return kind(command, cwd=ROOT, env=for_lessons() | SURROUNDINGS, **apart_from_ctrl_c())
