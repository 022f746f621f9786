"""Notebooks: committed as they ran, with outputs that are the same on every machine."""

import ast
import json
import re
import subprocess
import sys

import pytest
from course_files import label, tracked_files

from course.notebooks import plain, stamp
from course.setup.programs import NGINX, VALKEY
from course.spine import ROOT

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
VARIES = re.compile(r"127\.0\.0\.1:\d+|localhost:\d+|Bearer [\w-]{20,}|File \"?/|/tmp/|\\Temp\\")
FEWEST, MOST = 20, 40  # cells that can be given live

every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=label)


def cells(notebook, kind):
    """Return the cells of a kind; what only the speaker sees is none of them."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == kind and not is_note(cell)]


def is_note(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"


@every_notebook
def test_first_code_cell_starts_the_chapters_server(notebook):
    first = ast.unparse(ast.parse("".join(cells(notebook, "code")[0]["source"])))

    assert re.search("^import requests$", first, re.MULTILINE)
    assert re.search("^from course import (start, show|show, start)$", first, re.MULTILINE)
    assert re.search(f"^api = start\\('{notebook.stem[0]}'\\)$", first, re.MULTILINE)


@every_notebook
def test_every_code_cell_was_run_once_from_top_to_bottom(notebook):
    counts = [cell["execution_count"] for cell in cells(notebook, "code")]

    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_outputs_are_kept_and_none_is_an_error(notebook):
    outputs = [output for cell in cells(notebook, "code") for output in cell["outputs"]]

    assert outputs
    assert "error" not in {output["output_type"] for output in outputs}


@every_notebook
def test_outputs_hold_nothing_that_varies(notebook):
    for cell in cells(notebook, "code"):
        found = VARIES.search(json.dumps(cell["outputs"], ensure_ascii=False))

        assert not found, f"{found[0]} in the output of:\n{''.join(cell['source'])}"


@every_notebook
def test_outputs_are_those_of_the_code_as_it_is(notebook):
    if stamp.is_current(notebook):
        return
    if uses_servers(notebook) and not (NGINX.find() and VALKEY.find()):
        pytest.skip("nginx or Valkey is missing; `python3 -m course stack 4` installs them")

    today = run_without_jupyter(notebook)

    kept = {cell["id"]: plain.kept(cell).strip() for cell in cells(notebook, "code")}
    assert {name: text.strip() for name, text in today.items()} == kept, (
        f"Keep what it prints now: python3 -m course.notebooks {notebook.stem}"
    )


def uses_servers(notebook):
    return any(
        re.search(r"from course import .*(cache_server|gateway)", "".join(cell["source"]))
        for cell in cells(notebook, "code")
    )


def run_without_jupyter(notebook):
    """Return what each cell prints, by its id; in a process of its own, as in a kernel."""
    done = subprocess.run(
        [sys.executable, "-m", "course.notebooks.plain", notebook],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{label(notebook)} fails:\n{done.stderr[-4000:]}"
    return json.loads(done.stdout)


@every_notebook
def test_times_of_running_are_not_kept(notebook):
    assert not any("execution" in cell["metadata"] for cell in cells(notebook, "code"))


@every_notebook
def test_notebook_can_be_given_live(notebook):
    assert FEWEST <= len(cells(notebook, "code") + cells(notebook, "markdown")) <= MOST
