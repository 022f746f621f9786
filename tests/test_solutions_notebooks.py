"""The tasks of notebooks: each asks, hints, and then tells; test_notebooks_today.py runs them."""

import re

import pytest
from course_files import label, tracked_files

from course import tasks

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
SHOWN = re.compile(r"^```python\n.*?^```\n+```text$", re.MULTILINE | re.DOTALL)
ONLY_SAID = {"2.0.n1", "5c.n2", "5e.n2"}  # answers in words; lessons and tests prove them

every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)


@every_notebook
def test_each_notebook_has_two_tasks_with_solutions(notebook):
    found = tasks.tasks_of(notebook)

    assert len(found) == 2, label(notebook)
    for task in found:
        assert task.id in ONLY_SAID or SHOWN.search(task.solution), "it should show what it prints"


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
