"""The mutation lab is quick: a fault meets first the tests that run its code, if any do."""

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from course.mutants import kept, seen
from course.mutants.faults import all_faults, the_chapter
from course.mutants.laboratory import Laboratory
from course.mutants.suite import in_parts
from course.spine import Chapter

SOURCE = """
AT_IMPORT = 1


def answer():
    return 201


def refuse():
    def inner():
        return 400

    return inner()


def never():
    return 500


def by_a_program():
    return 202
"""
SUITE = """
import subprocess
import sys
from unittest import TestCase

import cinema


class FirstTest(TestCase):
    def test_answers(self):
        self.assertEqual(cinema.answer(), 201)


class SecondTest(TestCase):
    def test_refuses(self):
        self.assertEqual(cinema.refuse(), 400)
"""
BY_A_PROGRAM = """

class ThirdTest(TestCase):
    def test_asks_a_program(self):
        subprocess.run([sys.executable, "-c", "pass"], check=True)
"""
FAULT = """
[[fault]]
name = "{name}"
section = "6.3"
question = "Is it?"
file = "cinema/__init__.py"
old = "{old}"
new = "{new}"
explanation = "It is."
breaks = "RFC 9110"
hint = "a test that looks."
wire = []
"""
FAULTS = {
    "at-import": ("AT_IMPORT = 1", "AT_IMPORT = 2"),
    "answer": ("return 201", "return 200"),
    "inner": ("return 400", "return 401"),
    "never": ("return 500", "return 501"),
}
FIRST = "test_x.py: FirstTest.test_answers"
SECOND = "test_x.py: SecondTest.test_refuses"
THIRD = "test_x.py: ThirdTest.test_asks_a_program"


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Give a function that makes a laboratory for a suite, and tries the sound API."""
    chapter = tmp_path / "06_testing"
    (chapter / "cinema").mkdir(parents=True)
    (chapter / "README.md").write_text("# 6 · Testing\n")
    (chapter / "cinema" / "__init__.py").write_text(SOURCE)
    tables = (FAULT.format(name=name, old=old, new=new) for name, (old, new) in FAULTS.items())
    (chapter / "faults.toml").write_text("".join(tables))
    for module in ("faults", "laboratory"):
        monkeypatch.setattr(f"course.mutants.{module}.the_chapter", lambda: Chapter(chapter))
    monkeypatch.setattr(seen, "FILE", tmp_path / ".seen.json")
    suite = tmp_path / "test_x.py"

    def make(text, name="copies"):
        suite.write_text(text)
        (tmp_path / name).mkdir()
        laboratory = stack.enter_context(Laboratory(sys.executable, [suite], 60, tmp_path / name))
        outcome = laboratory.try_sound()
        assert outcome.passed, outcome.words
        return laboratory

    with ExitStack() as stack:
        yield make


def test_tests_see_the_faults_whose_functions_they_run(lab):
    laboratory = lab(SUITE)

    assert laboratory.seen == {
        "at-import": [seen.SHARED],
        "answer": [FIRST],
        "inner": [SECOND],
        "never": [],
    }


def test_test_that_starts_a_program_may_see_all(lab):
    laboratory = lab(SUITE + BY_A_PROGRAM)

    assert laboratory.seen["never"] == [THIRD]
    assert laboratory.seen["answer"] == [FIRST, THIRD]


def test_fault_that_no_test_runs_survives_without_a_run(lab, monkeypatch):
    laboratory = lab(SUITE)
    tried = []
    start = laboratory.start
    monkeypatch.setattr(
        laboratory, "start", lambda fault, copy: tried.append(fault.name) or start(fault, copy)
    )

    outcomes = {fault.name: outcome for fault, outcome in laboratory.try_each(all_faults())}

    assert {name: outcome.passed for name, outcome in outcomes.items()} == {
        "at-import": True,
        "answer": False,
        "inner": False,
        "never": True,
    }
    assert (outcomes["answer"].test, outcomes["inner"].test) == (FIRST, SECOND)
    assert sorted(tried) == ["answer", "at-import", "inner"]


def test_what_is_seen_is_kept_until_suite_chapter_or_faults_change(lab, tmp_path, monkeypatch):
    earlier = tmp_path / "elsewhere" / "earlier.toml"  # what is beside the suite counts anyway
    earlier.parent.mkdir()
    earlier.touch()
    monkeypatch.setattr(seen, "EARLIER", earlier)
    seen_now = lab(SUITE).seen
    suite = seen.FILE.with_name("test_x.py")
    chapter = seen.FILE.with_name("06_testing")

    assert seen.known(seen.digest([suite], chapter)) == seen_now

    for file in (suite, chapter / "cinema" / "__init__.py", chapter / "faults.toml", earlier):
        seen.keep(seen.digest([suite], chapter), seen_now)
        file.write_text(file.read_text() + "\n")
        assert seen.known(seen.digest([suite], chapter)) is None, f"{file.name} has changed"

    before = seen.digest([suite], chapter)
    suite.with_name("helper.py").touch()
    assert seen.digest([suite], chapter) != before, "a helper is a part of the suite"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}'])
def test_file_that_cannot_be_read_counts_as_none(tmp_path, monkeypatch, text):
    monkeypatch.setattr(seen, "FILE", tmp_path / ".seen.json")
    seen.FILE.write_text(text)

    assert seen.known("a") is None
    seen.keep("a", {"answer": []})
    assert seen.known("a") == {"answer": []}


def test_no_more_than_so_many_suites_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(seen, "FILE", tmp_path / ".seen.json")

    for number in range(seen.KEPT + 1):
        seen.keep(str(number), {})

    assert len(kept.read(seen.FILE)) == seen.KEPT
    assert seen.known("0") is None


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.name)
def test_functions_of_a_fault_hold_what_it_changes(fault):
    source = (the_chapter().folder / fault.file).read_text(encoding="utf-8")
    if not (functions := seen.functions_of(fault, source)):
        return

    first = source.count("\n", 0, source.index(fault.old.strip())) + 1
    assert any(start <= first <= end for start, end in functions)


def test_files_whose_tests_see_a_fault_come_first():
    files = [Path(f"test_{name}.py") for name in ("61_a", "62_b", "63_c", "63_d")]

    assert in_parts(files, "6.3", ["test_62_b.py: X.test_x", "test_63_c.py: X.test_x"]) == [
        [files[2]],
        [files[1]],
        [files[0], files[3]],
    ]
    assert in_parts(files, "6.3", []) == [files[2:], files[:2]]
