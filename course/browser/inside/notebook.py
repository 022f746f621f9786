"""What a notebook in JupyterLite gets beside `start` and `show`."""

import os
import sys
from concurrent import futures
from pathlib import Path

from course.browser.inside import charts
from course.spine import ROOT

DRIVE = Path("/drive")  # of JupyterLite: each file that is read there costs a request
FOLDER = ROOT / "notebooks"


def is_notebook():
    return sys.platform == "emscripten" and Path.cwd().is_relative_to(DRIVE)


def make_ready():
    """Move to where the chapters are near, in memory; do without threads, and draw without C."""
    FOLDER.mkdir(exist_ok=True)
    os.chdir(FOLDER)
    futures.ThreadPoolExecutor = OneByOne
    charts.stand_in_for_matplotlib()


class OneByOne(futures.Executor):
    """Does one after the other what a ThreadPoolExecutor does at the same time, and says so."""

    def __init__(self, *_arguments, **_options):
        print("(Python has no threads in a browser: here, one client follows the other.)")

    def submit(self, function, /, *arguments, **options):
        future = futures.Future()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:  # whoever asks for the result gets it
            future.set_exception(error)
        return future
