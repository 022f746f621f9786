"""Notebooks, run in Jupyter: what they print, what their solutions print, and what a class repeats.

Each is run once: its own cells, those of its solutions, and then its own again, from the last.
"""

import json
import re
from dataclasses import dataclass
from functools import cache

import pytest
from comparison import agree
from course_files import ROOT, tracked_files

from course import tasks
from course.notebooks.run import executed

FOLDER = ROOT / "notebooks"
NOTEBOOKS = [file for file in tracked_files(FOLDER) if file.suffix == ".ipynb"]
BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$\n+(?:^```text\n(?P<shown>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
COLOUR = re.compile(r"\x1b\[[\d;]*m")
WHAT_TO_RUN = ("again, then this one.", "run the cell before this one first")
OF_SEVERAL_APIS = ["4b_caching", "4d_large_projects", "5a_https"]
OF_LOGOUTS_AND_NEW_KEYS = ["4a2_cookies", "4a3_signed_requests", "5c_cookies"]
AGAIN = {"tags": ["raises-exception"]}  # an error is kept, and the next cell run
ONE_API = {file.stem for file in NOTEBOOKS} - {*OF_SEVERAL_APIS, *OF_LOGOUTS_AND_NEW_KEYS}

pytestmark = [pytest.mark.needs_servers, pytest.mark.slow]
every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.stem)


@dataclass
class Run:
    """The cells of a notebook after a run, those of its solutions, and its own run once more."""

    own: list
    solutions: list
    again: list


@cache
def run(notebook):
    solutions = [code_cell(each["code"]) for each in blocks(notebook)]
    again = [code_cell(source, **AGAIN) for source in reversed(sources_to_go_back_to(notebook))]
    cells = executed(notebook, solutions + again).cells
    own = len(cells) - len(solutions) - len(again)
    return Run(cells[:own], cells[own:][: len(solutions)], cells[len(cells) - len(again) :])


def code_cell(source, **metadata):
    from nbformat.v4 import new_code_cell  # noqa: PLC0415 (`course test` does not install it)

    return new_code_cell("".join(source), metadata=metadata)


def blocks(notebook):
    """Return the blocks of Python in the solutions, each with what is shown below it."""
    return [found for task in tasks.tasks_of(notebook) for found in BLOCK.finditer(task.solution)]


def sources_to_go_back_to(notebook):
    if notebook.stem in ONE_API:
        return []
    return [cell["source"] for cell in kept(notebook) if cell["cell_type"] == "code"]


def kept(notebook):
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def texts(cells):
    """Return what each cell prints, but for pictures, which depend on the machine's fonts."""
    return [
        ["".join(output.get("text") or output["data"]["text/plain"]) for output in cell["outputs"]]
        for cell in cells
        if cell["cell_type"] == "code"
    ]


def errors(cells):
    """Return the last line of what Jupyter shows, of each cell that fails."""
    shown = [
        output["traceback"] for cell in cells for output in cell["outputs"] if is_error(output)
    ]
    return [COLOUR.sub("", lines[-1]) for lines in shown]


def is_error(output):
    return output["output_type"] == "error"


@every_notebook
def test_outputs_are_what_a_run_prints_today(notebook):
    assert texts(kept(notebook)) == texts(run(notebook).own), (
        "Keep what it prints now: python3 -m course.notebooks"
    )


@every_notebook
def test_solutions_print_what_is_shown(notebook):
    for block, told in zip(blocks(notebook), texts(run(notebook).solutions), strict=True):
        shown = block["shown"] or ""
        assert agree(shown, "".join(told)), f"--- shown:\n{shown}\n--- printed:\n{told}"


@pytest.mark.parametrize("name", OF_SEVERAL_APIS)
def test_a_class_can_go_back_to_a_cell_before_another_api_was_started(name):
    """At the end, each cell runs again, or says in one line which other one must run first."""
    told = errors(run(FOLDER / f"{name}.ipynb").again)

    assert [line for line in told if not line.endswith(WHAT_TO_RUN)] == []


@pytest.mark.parametrize("name", OF_LOGOUTS_AND_NEW_KEYS)
def test_a_class_can_go_back_to_a_cell_before_a_logout_or_a_new_key(name):
    assert errors(run(FOLDER / f"{name}.ipynb").again) == []


def test_a_cell_that_can_not_be_run_again_at_the_end_is_seen(tmp_path):
    notebook = tmp_path / "small.ipynb"
    sources = "x = []", "assert not x, 'too late'", "x.append(1)"
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    notebook.write_text(json.dumps(content | {"cells": [code_cell(each) for each in sources]}))

    assert errors(run(notebook).own) == []
    assert errors(run(notebook).again) == ["AssertionError: too late"]


def test_output_that_differs_is_seen():
    assert agree("201\n…\n", "201\nmore\n")
    assert not agree("201\n", "200\n")
