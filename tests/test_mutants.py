"""The mutation lab: each fault is one, our suite catches them all, and the starter none."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from functools import cache
from pathlib import Path

import pytest
from course_copy import wait_until
from course_files import ROOT, copy_files

from course.command_line import main
from course.environment import python_environment
from course.mutants.faults import all_faults, the_chapter
from course.mutants.run import SURROUNDINGS
from course.spine import find_section

FAULTS = all_faults()
CHAPTER = the_chapter().folder
OURS = sorted(CHAPTER.glob("tests/test_6*.py"))
STARTER = CHAPTER / "your_suite"
PACKAGES = {"auth_service", "authorization_server", "cinema"}

every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def source_of(fault):
    return (CHAPTER / fault.file).read_text(encoding="utf-8")


# The faults


def test_there_are_as_many_as_the_lesson_says_and_no_two_have_the_same_name():
    names = [fault.name for fault in FAULTS]

    assert len(set(names)) == len(names)
    assert f"in {len(names)} ways" in the_chapter().lesson


@every_fault
def test_fault_fits_its_file_once_and_changes_it(fault):
    assert source_of(fault).count(fault.old) == 1
    assert fault.applied_to(source_of(fault)) != source_of(fault)
    assert fault.file.split("/")[0] in PACKAGES


@every_fault
def test_fault_leaves_its_file_readable(fault):
    compile(fault.applied_to(source_of(fault)), fault.file, "exec")


@every_fault
def test_fault_is_explained(fault):
    assert find_section(fault.section).title
    assert fault.question.endswith("?")
    assert len(fault.explanation) > 100
    assert fault.breaks
    assert fault.hint.startswith("a test ")


@every_fault
def test_fault_is_a_change_on_the_wire(fault):
    sound, broken, mended = exchanges()[fault.name]

    assert sound == mended, "the proof itself varies:\n" + difference(sound, mended)
    assert sound != broken, "both answer:\n" + "\n".join(sound)


@cache
def exchanges():
    """Return for each fault, by its name, the exchanges with the API sound, broken and mended."""
    names = [fault.name for fault in FAULTS]
    processes = os.cpu_count() or 1
    with ThreadPoolExecutor(processes) as threads:
        parts = threads.map(play, [names[start::processes] for start in range(processes)])
    return {name: lines for part in parts for name, lines in part.items()}


def play(names):
    with tempfile.TemporaryDirectory() as folder:
        copy_files(CHAPTER, Path(folder))
        played = subprocess.run(
            [sys.executable, ROOT / "tests" / "wire.py", *names],
            cwd=Path(folder, CHAPTER.name),
            env=python_environment(**SURROUNDINGS),
            stdout=subprocess.PIPE,
            timeout=300,
            check=True,
        )
    return json.loads(played.stdout)


def difference(lines, others):
    return "\n".join(unified_diff(lines, others, lineterm=""))


# The suites


def mutants(*arguments, **options):
    """Run the command to its end; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "course", "mutants", *map(str, arguments)],
        **in_course(options),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def in_course(options):
    return {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}} | options


@pytest.mark.slow
def test_starter_catches_none():
    code, output = mutants(STARTER)

    assert code == 1
    assert f"\n0 of {len(FAULTS)} faults caught." in output


@pytest.mark.slow
def test_ours_catches_all():
    code, output = mutants(*OURS)

    assert code == 0, output.partition("\nSurvived\n")[2] or output


# The command

SUITE = """
import time

from tests import METROPOLIS, ApiTestCase, KEY


class CreateTest(ApiTestCase):
    def test_new_movie_is_201(self):
        response = self.client.post("/v1/movies", json=METROPOLIS, headers=KEY)

        {then}
"""
COMPARE = "self.assertEqual(response.status_code, 201)"
HANG = "time.sleep(60 * (response.status_code == 200))"
POST = "post-answers-200"


@pytest.fixture
def suite(tmp_path):
    """Write a suite outside the course, and return its path."""

    def write(text=SUITE, then=COMPARE):
        file = tmp_path / "my tests" / "test_movies.py"
        file.parent.mkdir()
        file.write_text(text.replace("{then}", then))
        return file

    return write


def refusal(*arguments):
    """Return the only line that the command prints when it is refused."""
    with pytest.raises(SystemExit) as refused:
        main(["mutants", *map(str, arguments)])
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_list_has_every_fault_and_gives_nothing_away(capsys):
    assert main(["mutants", "--list"]) == 0

    listed = capsys.readouterr().out
    assert len(listed.splitlines()) == len(FAULTS)
    for fault in FAULTS:
        assert f"{fault.section}  {fault.name} " in listed
        assert fault.hint not in listed


@every_fault
def test_explanation_holds_nothing_back(capsys, fault):
    assert main(["mutants", "--explain", fault.name]) == 0

    shown = capsys.readouterr().out
    for told in (fault.question, fault.explanation, fault.breaks, fault.hint):
        assert " ".join(told.split()) in " ".join(shown.split())
    for line in [*fault.old.splitlines(), *fault.new.splitlines()]:
        assert line in shown


def test_unknown_fault_gets_the_nearest_one():
    for option in ("--only", "--explain"):
        assert refusal(option, "post-answer-20") == (
            "There is no fault 'post-answer-20'. Did you mean post-answers-200? "
            "To see all of them: python3 -m course mutants --list"
        )


def test_path_that_is_not_there_is_told(tmp_path):
    assert refusal(tmp_path / "test_x.py").startswith("There is no file or folder ")


def test_folder_without_tests_is_told(tmp_path):
    assert refusal(tmp_path).startswith("There is no file of tests, such as test_cinema.py, in ")


def test_suite_without_tests_is_told(suite):
    code, output = mutants(suite("import unittest\n"), "--only", POST)

    assert code == 1
    assert "There is no test in it: write one" in output


def test_suite_that_fails_with_the_api_as_it_is_is_told(suite):
    code, output = mutants(suite(then="self.fail()"), "--only", POST)

    assert code == 1
    assert (
        "With the API as it is, test_movies.py: CreateTest.test_new_movie_is_201 fails: mend that"
    ) in output


def test_suite_that_cannot_be_read_is_told(suite):
    code, output = mutants(suite("import no_such_module\n"), "--only", POST)

    assert code == 1
    assert "With the API as it is, test_movies.py fails: mend that" in output


def test_suite_that_does_not_end_is_told_and_ended(suite):
    code, output = mutants(suite(then="time.sleep(60)"), "--only", POST, "--seconds", "8")

    assert code == 1
    assert "test_new_movie_is_201 has not ended after 8 seconds." in output


def test_suite_of_another_chapter_is_told():
    code, output = mutants(ROOT / "01_getting_started/tests/test_1b_model.py", "--only", POST)

    assert code == 1
    assert "These tests are about another cinema: " in output


def test_what_is_caught_is_explained_and_what_survives_is_asked(suite):
    code, output = mutants(suite(), "--only", POST, "location-missing")

    told = " ".join(output.split())
    caught, survived = (next(f for f in FAULTS if f.name == n) for n in (POST, "location-missing"))
    assert code == 1
    assert "1 of 2 faults caught." in output
    assert "test_movies.py: CreateTest.test_new_movie_is_201" in output
    assert " ".join(caught.explanation.split()) in told
    assert survived.question in told
    for secret in (survived.explanation, survived.hint, survived.breaks):
        assert " ".join(secret.split()) not in told


def test_all_that_were_asked_for_are_caught_a_second_time_too(suite):
    file = suite()

    for _ in range(2):
        code, output = mutants(file.name, "--only", POST, cwd=file.parent)
        assert (code, "1 of 1 faults caught." in output) == (0, True), output


def test_fault_by_which_the_tests_do_not_end_is_caught(suite):
    code, output = mutants(suite(then=HANG), "--only", POST, "--seconds", "10")

    assert code == 0
    assert "test_new_movie_is_201 did not end" in output


def test_suite_of_pytest_is_one_too(suite):
    code, output = mutants(suite("def test_nothing():\n    assert True\n"), "--only", POST)

    assert code == 1
    assert "0 of 1 faults caught." in output


def test_chapter_is_as_it_was(suite):
    before = {fault.file: source_of(fault) for fault in FAULTS}

    mutants(suite(), "--only", POST, "etag-constant")

    assert {fault.file: source_of(fault) for fault in FAULTS} == before


# Its end


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_ended(suite, tmp_path, number):
    copies, noted = tmp_path / "copies", tmp_path / "pids"
    copies.mkdir()
    noted.touch()
    note = f"print(__import__('os').getpid(), file=open({str(noted)!r}, 'a')); {HANG}"
    process = subprocess.Popen(
        [sys.executable, "-m", "course", "mutants", suite(then=note), "--only", POST],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **in_course({"env": os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(copies)}}),
    )
    with process:
        assert wait_until(lambda: len(noted.read_text().split()) == 2), "the second one hangs"
        process.send_signal(number)

    assert wait_until(lambda: not any(copies.iterdir()))
    for pid in map(int, noted.read_text().split()):
        assert wait_until(lambda pid=pid: is_over(pid))


def is_over(pid):
    """Tell whether a process has ended; on Linux, also one whose end nobody has asked about."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # no /proc, or not for this process any more
        return False
