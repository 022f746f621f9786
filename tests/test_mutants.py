"""The mutation lab: each fault is one, our suite catches them all, and the starter none."""

import json
import os
import shutil
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
from course.mutants.faults import all_faults, the_chapter
from course.mutants.runners import SURROUNDINGS
from course.mutants.suite import find_suite
from course.setup.environment import python_environment
from course.spine import Chapter, find_section

pytestmark = pytest.mark.slow

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
    assert f"in {len(names)} ways" in the_chapter().text_of(find_section("6.6"))


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
            [sys.executable, ROOT / "tests" / "wire.py", "6", *names],
            cwd=Path(folder, CHAPTER.name),
            env=python_environment(**SURROUNDINGS),
            stdout=subprocess.PIPE,
            timeout=300,
            check=True,
        )
    return json.loads(played.stdout)


def difference(lines, others):
    return "\n".join(unified_diff(lines, others, lineterm=""))


# Those that a learner adds, or that fit no more

OWN = """
[[fault]]
name = "my-own"
section = "6.3"
question = "Is it?"
file = "cinema/data/validation.py"
old = "type(value) is not int"
new = "not isinstance(value, int)"
explanation = "It is."
breaks = "RFC 9110"
hint = "a test that looks."
wire = []
"""


@pytest.fixture
def chapter(tmp_path, monkeypatch):
    """Let the lab be about a chapter that a test may change, and return its folder."""
    folder = tmp_path / CHAPTER.name
    folder.joinpath("cinema", "data").mkdir(parents=True)
    for name in ("faults.toml", "cinema/data/validation.py"):
        shutil.copy(CHAPTER / name, folder / name)
    shutil.copytree(STARTER, folder / STARTER.name)
    for module in ("mutants.faults", "commands.mutants"):
        monkeypatch.setattr(f"course.{module}.the_chapter", lambda: Chapter(folder))
    return folder


def add_fault(chapter, fault):
    with (chapter / "faults.toml").open("a", encoding="utf-8") as file:
        file.write(fault)


@pytest.mark.parametrize("option", ["--only", "--explain"])
def test_file_in_which_a_break_was_left_is_told_before_anything_runs(chapter, capsys, option):
    file = chapter / "cinema" / "data" / "validation.py"
    file.write_text(file.read_text(encoding="utf-8").replace("type(value) is not int", "False"))

    assert refusal(option, "true-is-a-number") == (
        "06_testing/cinema/data/validation.py is not as the laboratory knows it "
        "(true-is-a-number fits 0 times, not once). Put it back: git checkout "
        "06_testing/cinema/data/validation.py (or mend `old`, if the fault is yours)"
    )
    assert capsys.readouterr().out == ""


def test_fault_of_ones_own_is_one_too(chapter, capsys):
    add_fault(chapter, OWN)

    assert main(["mutants", "--explain", "my-own"]) == 0
    assert "not isinstance(value, int)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("wire = []", "", "Mend my-own in 06_testing/faults.toml: wire is missing."),
        ("hint", "hnit", "Mend my-own in 06_testing/faults.toml: hint is missing, hnit is"),
        ('"6.3"', "6.3", "Mend my-own in 06_testing/faults.toml: section is no str."),
        ('name = "my-own"', "", "Mend a fault without a name in 06_testing/faults.toml: name is"),
        ("wire = []", "wire = [", "06_testing/faults.toml can't be read: "),
    ],
)
def test_fault_that_is_not_written_as_it_should_be_is_told(chapter, line, instead, told):
    add_fault(chapter, OWN.replace(line, instead))

    for command in (["--list"], ["--only", POST], ["--explain", "my-own"]):
        assert refusal(*command).startswith(told)


def test_fault_of_a_file_outside_the_chapter_is_told(chapter):
    outside = chapter.with_name("outside.py")
    outside.write_text("type(value) is not int")
    add_fault(chapter, OWN.replace("cinema/data/validation.py", outside.as_posix()))

    assert refusal("--only", "my-own").startswith(f"my-own: there is no {outside.as_posix()} in ")


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("cinema/data/v", "v", "my-own: there is no validation.py in 06_testing. Mend `file`, "),
        ("int)", "int", "my-own leaves no Python: "),
    ],
)
def test_fault_that_breaks_no_file_or_all_of_it_is_told(chapter, line, instead, told):
    add_fault(chapter, OWN.replace(line, instead))

    for option in ("--only", "--explain"):
        assert refusal(option, "my-own").startswith(told)


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


def test_starter_tells_where_to_find_what_the_hints_need():
    told = STARTER.joinpath("test_cinema.py").read_text(encoding="utf-8")
    credentials = CHAPTER.joinpath("tests/credentials.py").read_text(encoding="utf-8")

    assert 'settings = {"RATE_LIMIT": ' in told
    assert "tests/credentials.py" in told
    for name in ("issuer_without_a_network", "later"):
        assert name in told
        assert f"def {name}(" in credentials


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
FAIL = "self.fail('not yet')"
HANG = "time.sleep(60 * (response.status_code == 200))"
STORIES = """
from hypothesis.stateful import RuleBasedStateMachine, rule


class Stories(RuleBasedStateMachine):
    @rule()
    def fail(self):
        raise AssertionError


StoriesTest = Stories.TestCase
"""
SLOW_BESIDE_OTHERS = """
import subprocess
import sys
import time
from pathlib import Path


def test_second_and_third_run_are_slow():
    subprocess.run([sys.executable, "-c", "pass"], check=True)  # so it may see any fault
    runs = Path(__file__).with_name("runs")
    with runs.open("a") as file:
        file.write(".")
    time.sleep(60 * (runs.stat().st_size in (2, 3)))
"""
OVER_HTTP = """
from unittest import TestCase

import requests
from course import start
from tests import METROPOLIS


class CreateTest(TestCase):
    def test_new_movie_is_201(self):
        with start("6") as api:
            response = requests.post(
                f"{api}/v1/movies",
                json=METROPOLIS,
                auth=("alice", api.password),
                verify=api.ca,
            )

        self.assertEqual(response.status_code, 201)
"""
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


def test_each_fault_that_is_named_is_explained(capsys):
    named = [FAULTS[0], FAULTS[1]]

    assert main(["mutants", "--explain", *(fault.name for fault in named)]) == 0

    shown = capsys.readouterr().out
    for fault in named:
        assert f"{fault.section}  {fault.name}\n" in shown
    assert shown.count("What catches it: ") == len(named)


@pytest.mark.parametrize("words", [["--list"], ["--hint", POST], ["--explain", POST]])
def test_path_is_refused_where_no_suite_is_tried(words):
    assert refusal("06_testing/tests", *words) == (
        "No suite is tried here. Leave out: 06_testing/tests"
    )


def test_unknown_fault_gets_the_nearest_one():
    for option in ("--only", "--hint", "--explain"):
        assert refusal(option, "post-answer-20") == (
            "There is no fault 'post-answer-20'. Did you mean post-answers-200? "
            "To see all of them: python3 -m course mutants --list"
        )


def test_name_that_is_like_no_fault_gets_none_instead():
    assert refusal("--only", "zzz") == (
        "There is no fault 'zzz'. To see all of them: python3 -m course mutants --list"
    )


@pytest.mark.parametrize("path", ["06_testing/your_suite", "your_suite/", "README.md"])
def test_path_that_is_taken_for_a_fault_is_told(monkeypatch, path):
    monkeypatch.chdir(ROOT)

    assert refusal("--only", POST, path).startswith(
        f"{path} is a path, and no fault. Put it before --only: "
        f"python3 -m course mutants {path} --only "
    )


def test_help_says_what_only_is_for(capsys):
    with pytest.raises(SystemExit):
        main(["mutants", "--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert "--only NAME [NAME ...] try only the faults of these names" in shown


def test_path_that_is_not_there_is_told(tmp_path):
    for name in ("test_x.py", "test_9*.py"):
        assert refusal(tmp_path / name) == (
            f"There is no file or folder {tmp_path / name}. "
            "Name your tests, as in: 06_testing/your_suite"
        )


@pytest.mark.parametrize("name", ["README.md", "cinema/api/openapi.yaml"])
def test_file_of_something_else_is_told(name):
    assert refusal(CHAPTER / name) == (
        f"{CHAPTER / name} holds no tests: name a .py file, or a folder of them."
    )


def test_pattern_that_the_shell_has_not_expanded_is_expanded(monkeypatch):
    monkeypatch.chdir(ROOT)

    assert find_suite(["06_testing/tests/test_6*.py"]) == OURS
    assert find_suite([CHAPTER / "tests" / "test_6*.py"]) == OURS


def test_name_that_looks_like_a_pattern_is_a_name_too(tmp_path):
    file = tmp_path / "[ab]" / "test_x.py"
    file.parent.mkdir()
    file.touch()

    assert find_suite([file.parent]) == find_suite([file]) == [file.resolve()]


def test_folder_without_tests_is_told(tmp_path):
    assert refusal(tmp_path).startswith("There is no file of tests, such as test_cinema.py, in ")


def test_suite_without_tests_is_told(suite):
    code, output = mutants(suite("import unittest\n"), "--only", POST)

    assert code == 1
    assert "There is no test in it, or all are skipped: write one" in output


def test_suite_whose_tests_are_all_skipped_is_told(suite):
    code, output = mutants(suite(then="self.skipTest('later')"), "--only", POST)

    assert code == 1
    assert "There is no test in it, or all are skipped: write one" in output


def test_test_with_subtests_counts_as_one(suite):
    loop = "for _ in range(3): self.enterContext(self.subTest())"

    _, output = mutants(suite(then=loop), "--only", POST)

    assert "All pass: 1." in output


def test_suite_that_fails_with_the_api_as_it_is_is_told(suite):
    code, output = mutants(suite(then=FAIL), "--only", POST)

    assert code == 1
    assert (
        "With the API as it is, test_movies.py: CreateTest.test_new_movie_is_201 fails: mend that"
    ) in output
    assert f"{FAIL}\nE   AssertionError: not yet" in output


def test_files_of_the_copy_are_told_as_those_of_the_chapter(suite):
    place = "self.fail(__import__('os').path.abspath('your_suite/test_cinema.py'))"

    _, output = mutants(suite(then=place), "--only", POST)

    assert f"AssertionError: {Path('your_suite/test_cinema.py')}\n" in output


def test_suite_that_cannot_be_read_is_told(suite):
    code, output = mutants(suite("import no_such_module\n"), "--only", POST)

    assert code == 1
    assert "With the API as it is, test_movies.py fails: mend that" in output
    assert "No module named 'no_such_module'" in output


def test_suite_whose_conftest_cannot_be_read_is_told(suite):
    file = suite()
    file.with_name("conftest.py").write_text("import no_such_module\n")

    code, output = mutants(file, "--only", POST)

    assert code == 1
    assert "No module named 'no_such_module'" in output
    assert "With the API as it is, the suite fails: mend that first." in output


def test_test_that_is_written_elsewhere_has_the_name_that_it_has_here(suite):
    code, output = mutants(suite(STORIES), "--only", POST)

    assert code == 1
    assert "With the API as it is, test_movies.py: StoriesTest.runTest fails" in output


def test_suite_that_does_not_end_is_told_and_ended(suite):
    code, output = mutants(suite(then="time.sleep(60)"), "--only", POST, "--seconds", "8")

    assert code == 1
    assert (
        "With the API as it is, test_movies.py: CreateTest.test_new_movie_is_201 "
        "has not ended after 8 seconds. To wait longer: --seconds 16"
    ) in output


def test_suite_may_take_longer_than_each_of_its_tests(suite):
    slow = "".join(f"\n\ndef test_slow_{n}():\n    time.sleep(2.5)\n" for n in range(2))

    code, output = mutants(suite(SUITE + slow), "--only", POST, "--seconds", "4")

    assert (code, "1 of 1 faults caught." in output) == (0, True), output


def test_suite_of_which_no_test_has_begun_in_time_is_told(suite):
    _, output = mutants(suite("import time\n\ntime.sleep(60)\n"), "--only", POST, "--seconds", "2")

    assert "With the API as it is, the suite has not ended after 2 seconds. To wait" in output


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


def test_suite_that_is_only_slow_beside_others_is_tried_again_alone(suite):
    file = suite(SLOW_BESIDE_OTHERS)

    code, output = mutants(file, "--only", POST, "location-missing", "--seconds", "12")

    assert code == 1
    assert "0 of 2 faults caught." in output
    assert (file.parent / "runs").read_text() == "." * 5, "once sound, twice with each fault"


def test_suite_of_pytest_is_one_too(suite):
    code, output = mutants(suite("def test_nothing():\n    assert True\n"), "--only", POST)

    assert code == 1
    assert "0 of 1 faults caught." in output


def test_suite_over_http_is_graded_like_any_other(suite):
    code, output = mutants(suite(OVER_HTTP), "--only", POST, "location-missing")

    assert code == 1
    assert "1 of 2 faults caught." in output
    assert "caught    test_movies.py: CreateTest.test_new_movie_is_201" in output


def test_suite_that_reads_the_source_catches_nothing_and_is_told_so(suite):
    read = "self.assertIn('(body, 201, headers)', open('cinema/api/movies.py').read())"

    code, output = mutants(suite(then=read), "--only", POST)

    assert code == 1
    assert "Not counted\n\n  test_movies.py: CreateTest.test_new_movie_is_201\n" in output
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
