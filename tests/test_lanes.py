"""The lanes of CI: the ends of what is found on a machine, which may have one Python only."""

import importlib.util

import pytest
from course_files import ROOT

spec = importlib.util.spec_from_file_location("lanes", ROOT / ".ci" / "lanes.py")
lanes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lanes)


def python(*version):
    return {"version_parts": dict(zip(("major", "minor", "patch"), version, strict=True))}


def test_lanes_are_the_oldest_and_the_newest_python_by_number():
    found = [python(3, 11, 10), python(3, 14, 0), python(3, 11, 9)]

    oldest, newest = lanes.lanes(found)

    assert (oldest.python, oldest.resolution) == (python(3, 11, 9), "lowest-direct")
    assert (newest.python, newest.resolution) == (python(3, 14, 0), "highest")


def test_one_python_takes_both_lanes():
    oldest, newest = lanes.lanes([python(3, 11, 2)])

    assert oldest.python == newest.python
    assert oldest.resolution != newest.resolution


@pytest.fixture
def chapters(tmp_path, monkeypatch):
    """Two chapters of one API, of which the later one has a suite and a package more."""
    for name, packages in (("05_one", "flask\n"), ("06_two", "flask\nhypothesis\n")):
        for file in ("README.md", "cinema.py", "tests/test_5a.py"):
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(file)
        (tmp_path / name / "requirements.txt").write_text(packages)
    (tmp_path / "06_two" / "tests" / "test_61.py").touch()
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    return [tmp_path / "05_one", tmp_path / "06_two"]


def test_suites_that_the_next_chapter_has_too_are_run_there(chapters):
    assert [lanes.runs_in_the_next(folder) for folder in chapters] == [True, False]


@pytest.mark.parametrize("file", ["cinema.py", "tests/test_5a.py", "requirements.txt"])
def test_suites_that_differ_are_run_in_both(chapters, file):
    (chapters[0] / file).write_text("another")

    assert not lanes.runs_in_the_next(chapters[0])
