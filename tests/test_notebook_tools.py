"""What runs a notebook without Jupyter, and what tells whether that is needed."""

import json
import subprocess
import sys

import pytest

from course import spine
from course.notebooks import plain, stamp
from course.spine import ROOT

PICTURE = {"output_type": "display_data", "data": {"image/png": "…", "text/plain": "<Figure>"}}


def cell(number, *lines, outputs=()):
    source = "\n".join(lines).splitlines(keepends=True)
    return {"cell_type": "code", "id": f"c{number}", "source": source, "outputs": list(outputs)}


def stream(*lines):
    return {"output_type": "stream", "name": "stdout", "text": [f"{line}\n" for line in lines]}


@pytest.fixture
def run(tmp_path):
    """Run a notebook of these cells; return the process, as it has ended."""

    def run(*sources):
        path = tmp_path / "1_small.ipynb"
        cells = [cell(number, *source) for number, source in enumerate(sources)]
        path.write_text(json.dumps({"cells": cells, "metadata": {}}))
        return subprocess.run(
            [sys.executable, "-m", "course.notebooks.plain", path],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_cell_shows_what_it_prints_and_the_value_of_its_last_line(run):
    done = run(["x = 3", "print('three')", "x"], ["{'x': x}"], ["x + 1;"], ["# x"], ["None"])

    assert list(json.loads(done.stdout).values()) == ["three\n3", "{'x': 3}", "", "", ""]


def test_cell_can_show_the_source_of_what_another_defines(run):
    done = run(["def f():", "    return 1"], ["import inspect", "print(inspect.getsource(f))"])

    assert json.loads(done.stdout)["c1"].strip() == "def f():\n    return 1"


def test_cell_that_fails_ends_the_run_and_is_named(run):
    done = run(["x = 1"], ["assert x == 2, 'not two'"], ["print(x)"])

    assert done.returncode == 1
    assert 'File "<cell c1>", line 1' in done.stderr
    assert "AssertionError: not two" in done.stderr


def test_pictures_are_not_compared():
    assert plain.kept(cell(0, "plot()", outputs=[stream("one", "two"), PICTURE])) == "one\ntwo\n"


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A stamped notebook of a chapter that a test may change."""
    for name in ("README.md", "cinema.py", "tests/test_1a.py"):
        (tmp_path / "01_one" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "01_one" / name).write_text("# 1 · One\n")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "core.txt").write_text("flask==3")
    for module in (spine, stamp):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    path = tmp_path / "1_small.ipynb"
    content = {"cells": [cell(0, "print(1)", outputs=[stream("1")])], "metadata": {}}
    content["metadata"][stamp.NAME] = stamp.digest(path, content)
    path.write_text(json.dumps(content))
    return path


def test_notebook_that_was_run_is_current(notebook):
    assert stamp.is_current(notebook)


@pytest.mark.parametrize("file", ["01_one/cinema.py", "01_one/new.py", "requirements/core.txt"])
def test_notebook_is_to_be_run_again_when_what_is_behind_it_changes(notebook, file):
    (notebook.parent / file).write_text("something else")

    assert not stamp.is_current(notebook)


@pytest.mark.parametrize(("old", "new"), [("print(1)", "print( 1)"), ('"1\\n"', '"2\\n"')])
def test_notebook_is_to_be_run_again_when_it_changes_itself(notebook, old, new):
    text = notebook.read_text()
    assert old in text
    notebook.write_text(text.replace(old, new))

    assert not stamp.is_current(notebook)


def test_notebook_without_a_stamp_is_to_be_run(notebook):
    content = json.loads(notebook.read_text())
    del content["metadata"][stamp.NAME]
    notebook.write_text(json.dumps(content))

    assert not stamp.is_current(notebook)


@pytest.mark.parametrize("file", ["README.md", "tests/test_1a.py", "instance/cinema.db"])
def test_what_it_does_not_run_makes_no_difference(notebook, file):
    path = notebook.parent / "01_one" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text("something else")

    assert stamp.is_current(notebook)


def test_tests_make_a_difference_to_a_notebook_that_imports_them(notebook):
    content = json.loads(notebook.read_text())
    content["cells"][0]["source"] = ["from tests import test_1a"]
    content["metadata"][stamp.NAME] = stamp.digest(notebook, content)
    notebook.write_text(json.dumps(content))
    assert stamp.is_current(notebook)

    (notebook.parent / "01_one" / "tests" / "test_1a.py").write_text("something else")

    assert not stamp.is_current(notebook)
