"""In a demonstration, a cell is run once more: by mistake, or because somebody asks for it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from course_files import ROOT, label, tracked_files

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
TWICE = Path(__file__).with_name("run_twice.py")
PATIENCE = 1200  # seconds: other work may go on meanwhile


def failures(notebook):
    """Return what goes wrong in a notebook whose cells are run twice, each right after itself."""
    done = subprocess.run(
        [sys.executable, TWICE, notebook],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.needs_servers
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=label)
def test_any_cell_may_be_run_twice(notebook):
    assert failures(notebook) == []


def test_a_cell_that_fails_the_second_time_is_named_and_so_is_one_that_suffers_from_it(tmp_path):
    cells = {
        "a": "found = {'x': 1}",
        "b": "found.pop('x')",
        "c": "found.pop('x', None)\nassert found == {}",
        "d": "import sys",
        "e": "assert not hasattr(sys, 'seen')\nsys.seen = True",
        "f": "1 / 0",
    }
    notebook = tmp_path / "small.ipynb"
    content = [{"id": name, "cell_type": "code", "source": [text]} for name, text in cells.items()]
    notebook.write_text(json.dumps({"cells": content}))

    assert failures(notebook) == [
        "b, second time: KeyError: 'x'",
        "e, second time: AssertionError",
        "f, first time: ZeroDivisionError: division by zero",
        "f, second time: ZeroDivisionError: division by zero",
    ]
