"""The mutation lab is fair: what reads the source, or passes only once, catches nothing."""

import signal
import subprocess
import sys
from functools import partial
from threading import Timer

import pytest

from course.mutants.hidden import hide, show_again
from course.mutants.laboratory import Laboratory
from course.serving.ready import Forks, Waiting
from course.spine import Chapter

SUITE = """
import inspect
from pathlib import Path
from unittest import TestCase

import cinema

RUNS = Path(__file__).with_name("runs")


class AnswerTest(TestCase):
    def test_asks(self):
        self.assertEqual(cinema.answer(), 201)

    def test_reads_the_file(self):
        self.assertIn("return 201", Path(cinema.__file__).read_text())

    def test_compares_the_size(self):
        self.assertEqual(Path("cinema/__init__.py").stat().st_size, {size})

    def test_inspects(self):
        self.assertIn("201", inspect.getsource(cinema.answer))

    def test_passes_only_the_first_time(self):
        self.assertFalse(RUNS.exists())
        RUNS.touch()
"""
SOURCE = "def answer():\n    return 201\n\n\ndef create_app():\n    return answer()\n"


@pytest.fixture(params=[Forks, partial(Waiting, again=True)], ids=["forks", "waiting"])
def laboratory(request, tmp_path, monkeypatch):
    """Give a laboratory of a chapter of one module, as on Linux and as elsewhere."""
    monkeypatch.setattr("course.mutants.runners.Forks", request.param)
    chapter = tmp_path / "06_testing"
    (chapter / "cinema").mkdir(parents=True)
    (chapter / "README.md").write_text("# 6 · Testing\n")
    (chapter / "faults.toml").touch()
    file = chapter / "cinema" / "__init__.py"
    file.write_text(SOURCE)
    suite = tmp_path / "test_x.py"
    suite.write_text(SUITE.replace("{size}", str(file.stat().st_size)))
    monkeypatch.setattr("course.mutants.laboratory.the_chapter", lambda: Chapter(chapter))
    monkeypatch.setattr("course.mutants.seen.FILE", tmp_path / "seen.json")
    copies = tmp_path / "copies"
    copies.mkdir()
    with Laboratory(sys.executable, [suite], 60, copies) as laboratory:
        yield laboratory


def test_what_gets_ready_ends_with_the_lab(laboratory):
    with laboratory:
        assert laboratory.try_sound().passed

        waiting = processes_in(laboratory.runners)
        assert all(each.poll() is None for each in waiting)
    assert all(each.poll() is not None for each in waiting)


def test_run_that_could_not_begin_is_one_that_fails(laboratory):
    for each in processes_in(laboratory.runners):
        Timer(0.1, each.kill).start()
        each.send_signal(signal.SIGSTOP)  # so it is wanted, and does not hear it

    assert not laboratory.try_sound().passed
    assert laboratory.try_sound().passed


def processes_in(ready):
    """Return those that get ready."""
    return [*ready.waiting] if isinstance(ready, Waiting) else [ready.source.process]


def test_one_fault_needs_one_copy(laboratory, tmp_path):
    (tmp_path / "one").mkdir()
    with Laboratory(sys.executable, laboratory.files, 60, tmp_path / "one", 1) as small:
        assert len(small.copies) == 1


def test_tests_that_read_the_source_or_pass_only_once_are_told_apart(laboratory):
    assert laboratory.try_sound().passed

    readers, unsteady = laboratory.try_again(
        {"test_x.py: AnswerTest.test_asks", "test_x.py: AnswerTest.test_inspects"}
    )

    assert readers == {
        "test_x.py: AnswerTest.test_reads_the_file",
        "test_x.py: AnswerTest.test_compares_the_size",
        "test_x.py: AnswerTest.test_inspects",
    }
    assert unsteady == {"test_x.py: AnswerTest.test_passes_only_the_first_time"}


def test_api_answers_as_before_when_its_source_is_hidden(laboratory):
    copy = laboratory.copies[0]
    source = copy / "cinema" / "__init__.py"

    hide(sys.executable, copy)
    assert "201" not in source.read_text()
    assert Chapter(copy).folder.joinpath("cinema").exists()
    assert answer(copy) == "201"

    show_again(laboratory.chapter, copy)
    assert source.read_text() == SOURCE
    source.write_text(SOURCE.replace("201", "200"))
    assert answer(copy) == "200", "a fault is read, and not what was compiled"


def answer(copy):
    asked = [sys.executable, "-c", "import cinema; print(cinema.answer())"]
    return subprocess.run(
        asked, cwd=copy, capture_output=True, text=True, check=True
    ).stdout.strip()
