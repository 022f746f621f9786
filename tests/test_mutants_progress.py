"""The mutation lab's report: a step of help at a time, and what a suite has caught so far."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from course.command_line import main
from course.commands import mutants
from course.mutants import kept, progress
from course.mutants.faults import all_faults, the_chapter
from course.mutants.run import Outcome

FAULTS = {fault.name: fault for fault in all_faults()}
POST, LOCATION, COOKIE = "post-answers-200", "location-missing", "owner-check-missing"
TOTAL = len(FAULTS)


class FakeLaboratory:
    """Catches those whose names are in `caught`, and runs nothing; Ctrl-C is typed after so many.

    It keeps the names of those that it was asked to try.
    """

    caught, interrupted_after, tried = (), None, ()
    readers, unsteady = set(), set()

    def __init__(self, *_):
        """Make no copy."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Leave nothing behind."""

    def try_sound(self):
        return Outcome(True, tests=1)

    def try_each(self, faults):
        type(self).tried = [fault.name for fault in faults]
        for number, fault in enumerate(faults):
            if number == self.interrupted_after:
                raise KeyboardInterrupt
            yield fault, Outcome(fault.name not in self.caught, "test_x.py: test_x")

    def try_again(self, tests):
        assert tests == {"test_x.py: test_x"}
        return self.readers, self.unsteady


@pytest.fixture
def lab(monkeypatch, tmp_path):
    """Return a function that tries a suite, and returns the exit code; no test of it is run."""
    monkeypatch.setattr(mutants, "Laboratory", FakeLaboratory)
    monkeypatch.setattr(mutants, "folder_for_copies", lambda: nullcontext(tmp_path))
    monkeypatch.setattr(mutants, "environment", SimpleNamespace(ensure=lambda *_: "python"))
    monkeypatch.setattr(progress, "FILE", tmp_path / ".mutants.json")
    suite = tmp_path / "my suite"
    suite.mkdir()
    (suite / "test_x.py").touch()

    def run(*words, caught=(), interrupted_after=None):
        monkeypatch.setattr(FakeLaboratory, "caught", caught)
        monkeypatch.setattr(FakeLaboratory, "interrupted_after", interrupted_after)
        return main(["mutants", str(suite), *words])

    run.suite = suite
    return run


def test_survivors_come_first_and_only_they_are_asked_about(lab, capsys):
    assert lab("--only", POST, LOCATION, caught=[POST]) == 1

    told = capsys.readouterr().out
    assert told.index("\nSurvived\n") < told.index("\nNewly caught\n")
    assert " ".join(FAULTS[POST].explanation.split()) in " ".join(told.split())
    assert FAULTS[LOCATION].question in told
    for secret in (FAULTS[LOCATION].explanation, FAULTS[LOCATION].hint):
        assert " ".join(secret.split()) not in " ".join(told.split())


def test_what_was_caught_before_is_not_explained_again(lab, capsys):
    lab("--only", POST, caught=[POST])
    capsys.readouterr()

    lab("--only", POST, LOCATION, caught=[POST, LOCATION])

    told = capsys.readouterr().out
    assert f"  {FAULTS[POST].section}  {POST}\n" not in told
    assert f"  {FAULTS[LOCATION].section}  {LOCATION}\n" in told


def test_what_survives_again_and_is_caught_again_is_explained_again(lab, capsys):
    for caught in ([POST], []):
        lab("--only", POST, caught=caught)
    capsys.readouterr()

    lab("--only", POST, caught=[POST])

    assert "\nNewly caught\n" in capsys.readouterr().out


def test_progress_is_kept_from_run_to_run(lab, capsys):
    lab("--only", POST, caught=[POST])
    assert f"1 of 1 faults caught.\nSo far: 1 of {TOTAL}, 0 before.\n" in capsys.readouterr().out

    lab("--only", LOCATION, COOKIE, caught=[LOCATION, COOKIE])

    assert f"2 of 2 faults caught.\nSo far: 3 of {TOTAL}, 1 before.\n" in capsys.readouterr().out


def test_run_of_all_counts_by_section(lab, capsys):
    in_63 = [fault.name for fault in FAULTS.values() if fault.section == "6.3"]

    lab(caught=in_63)

    told = capsys.readouterr().out
    assert f"\n  6.3  {len(in_63)} of {len(in_63)}\n" in told
    assert "\n  6.4   0 of " in told


def test_run_of_all_says_how_long_it_will_still_take(lab, capsys):
    lab()

    lines = capsys.readouterr().out.splitlines()
    [first] = [line for line in lines if line.startswith(f"  1 of {TOTAL} ")]
    [last] = [line for line in lines if line.startswith(f" {TOTAL} of {TOTAL} ")]
    assert first.endswith("(about 10 seconds left)")
    assert last.endswith("survived")


def test_survivors_are_those_that_are_not_caught_yet(lab):
    lab("--only", POST, LOCATION, caught=[POST])

    lab("--survivors", "--section", "6.3")

    assert POST not in FakeLaboratory.tried
    assert LOCATION in FakeLaboratory.tried
    assert {FAULTS[name].section for name in FakeLaboratory.tried} == {"6.3"}


def test_where_none_survives_nothing_is_run(lab, capsys):
    lab("--only", POST, caught=[POST])
    capsys.readouterr()

    assert lab("--only", POST, "--survivors") == 0
    assert capsys.readouterr().out == (
        "Your tests have caught them all. To try again: leave out --survivors\n"
    )


@pytest.mark.parametrize("section", ["6.3", "63"])
def test_section_has_its_faults_only(capsys, section):
    assert main(["mutants", "--list", "--section", section]) == 0

    listed = capsys.readouterr().out.splitlines()
    assert listed
    assert all(line.startswith("6.3  ") for line in listed)


def test_section_without_faults_is_told():
    with pytest.raises(SystemExit) as refused:
        main(["mutants", "--section", "9.z"])

    assert str(refused.value) == (
        "There is no fault of section '9.z'. There is: 6.2, 6.3, 6.4, 6.5."
    )


def test_hint_says_what_would_catch_it_and_not_where_it_is(capsys):
    fault = FAULTS[POST]

    assert main(["mutants", "--hint", POST]) == 0

    told = capsys.readouterr().out
    assert fault.question in told
    assert fault.hint in told
    for secret in (fault.file, fault.old, " ".join(fault.explanation.split())):
        assert secret not in " ".join(told.split())


def test_survivor_is_followed_by_the_next_step_of_help(lab, capsys):
    lab("--only", POST)

    told = capsys.readouterr().out
    assert told.endswith(
        f"For a hint: python3 -m course mutants --hint {POST}\n"
        "If that does not help, what is broken: "
        f"python3 -m course mutants --explain {POST}\n"
    )


def test_interrupted_run_keeps_what_was_caught(lab, capsys):
    lab("--only", POST, LOCATION, caught=[POST, LOCATION], interrupted_after=1)
    assert "What was caught until now is kept" in capsys.readouterr().out

    lab("--only", POST, LOCATION, "--survivors", caught=[POST, LOCATION])

    assert FakeLaboratory.tried == [LOCATION]


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"a": 1}', "\xff"])
def test_file_that_cannot_be_read_counts_as_none(lab, capsys, kept):
    progress.FILE.write_bytes(kept.encode("latin-1"))

    assert lab("--only", POST, caught=[POST]) == 0
    assert f"So far: 1 of {TOTAL}, 0 before." in capsys.readouterr().out


def test_suites_that_are_gone_are_forgotten(lab):
    lab("--only", POST)
    lab.suite.rename(lab.suite.with_name("another suite"))

    progress.Progress(the_chapter(), [lab.suite.with_name("another suite")]).note(POST, caught=True)

    [suite] = kept.read(progress.FILE)
    assert suite.endswith("another suite")


def test_progress_of_one_suite_is_not_that_of_another(lab):
    lab("--only", POST, caught=[POST])

    assert progress.Progress(the_chapter(), [lab.suite]).caught() == {POST}
    assert progress.Progress(the_chapter(), [lab.suite.parent]).caught() == set()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("readers", "when the API's source can't be read"),
        ("unsteady", "it passes only the first time, only after other tests, or only now and then"),
    ],
)
def test_what_is_caught_by_a_test_that_is_red_anyway_is_not_counted(
    lab, capsys, monkeypatch, kind, told
):
    monkeypatch.setattr(FakeLaboratory, kind, {"test_x.py: test_x"})

    assert lab("--only", POST, caught=[POST]) == 1

    shown = capsys.readouterr().out
    assert "\nNot counted\n\n  test_x.py: test_x\n" in shown
    assert told in " ".join(shown.split())
    assert f"0 of 1 faults caught.\nSo far: 0 of {TOTAL}.\n" in shown
