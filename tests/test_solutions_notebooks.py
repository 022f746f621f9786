"""The solutions in the notebooks: run after the notebook's own cells, they print what is shown."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from comparison import agree
from course_files import label, tracked_files

from course import tasks
from course.spine import ROOT

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
SHOWN = re.compile(
    r"^```python\n.*?^```$\n+(?:^```text\n(?P<text>.*?)^```$)?", re.MULTILINE | re.DOTALL
)
NEED_SERVERS = ("4b_", "5e_", "6_")  # as test_notebooks.py has it: nginx, Valkey, the laboratory
ONLY_SAID = {"2.0.n1", "5c.n2", "5e.n2"}  # answers in words; lessons and tests prove them

every_notebook = pytest.mark.parametrize(
    "notebook",
    [
        pytest.param(
            file,
            id=file.stem,
            marks=[pytest.mark.needs_servers] if file.stem.startswith(NEED_SERVERS) else [],
        )
        for file in NOTEBOOKS
    ],
)


@cache
def printed(notebook):
    """Return what each block of each solution prints, by the solution's id."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("solved_cells.py"), notebook],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{label(notebook)}:\n{done.stderr[-3000:]}"
    return json.loads(done.stdout)


@pytest.mark.slow
@every_notebook
def test_solutions_print_what_is_shown(notebook):
    for task in tasks.tasks_of(notebook):
        for shown, told in zip(outputs(task), printed(notebook)[task.id], strict=True):
            assert agree(shown or "", told), f"{task.id}\n--- shown:\n{shown}\n--- printed:\n{told}"


def outputs(task):
    return [found["text"] for found in SHOWN.finditer(task.solution)]


@every_notebook
def test_each_notebook_has_two_tasks_with_solutions(notebook):
    found = tasks.tasks_of(notebook)

    assert len(found) == 2, label(notebook)
    for task in found:
        assert task.id in ONLY_SAID or any(outputs(task)), f"{task.id} should show what it prints"


@every_notebook
def test_task_asks_and_hints_before_it_tells(notebook):
    [part] = tasks.texts_of(notebook)
    titles = re.findall(r"^### (Task \d)|<summary>(Hint|Solution)", part, re.MULTILINE)

    assert ["".join(title) for title in titles] == [
        "Task 1",
        "Hint",
        "Solution",
        "Task 2",
        "Hint",
        "Solution",
    ]


def test_output_that_differs_is_seen():
    assert agree("201\n…\n", "201\nmore\n")
    assert not agree("201\n", "200\n")
