"""The solutions in lessons and notebooks: each task has one, and each does what it says.

What a solution types into files is typed into a copy of the chapter, or into what its lesson has
built so far: the task's check is red before, and green after. A solution's commands are typed by
test_readmes.py, as all others of a lesson are; its cells by test_notebooks_today.py.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from course_files import ROOT, label, tracked_files
from solved import (
    built_by_lesson,
    carry_out,
    copy_of_chapter,
    names_of_suites,
    replace,
    state_of,
    suite,
)

from course import tasks
from course.building.progress import BROKEN, KEPT
from course.building.promise import YOUR_TURN, promises_of, sections
from course.command_line import main

TASKS = {task.id: task for task in tasks.tasks()}
CHECKED = {
    promise.task: promise
    for section in sections()
    for promise in promises_of(section)
    if promise.tier == YOUR_TURN
}
KEPT_BY_THE_CHAPTER = {"4a2.1", "4a3.1", "4a4.1", "5d2.2"}  # they only ask
BUILT = {"4a2.2": "4a2"}  # the chapter does it, for hostile clients; the lesson up to here does not
CHANGES = [name for name in CHECKED if name in TASKS and name not in KEPT_BY_THE_CHAPTER]
TASK_FILES = sorted(Path(__file__).with_name("of_tasks").glob("task_*.py"))
CLAIM_FILES = sorted(Path(__file__).with_name("of_tasks").glob("claim_*.py"))
NOT_DISTURBED = {  # a solution that changes much, and the chapter's tests that must stay green
    "3.1": ("tests.test_2b_read", "tests.test_3a_watchlists", "tests.test_3b_delete"),
    "4a3.2": ("tests.test_4a3_signed_requests", "tests.test_4a3_message_signatures"),
    "4d.1": ("tests.test_4d_cursors", "tests.test_2b_read"),
    "5a.1": ("tests.test_5a_certificates",),
    "5c.2": ("tests.test_5c_cookies",),
    "4e.2": ("tests.test_4e_fast",),
    "3a.1": ("tests.test_3a_merge_patch", "tests.test_3a_update", "tests.test_3a_watchlists"),
}
TURNS_ONE_RED = {
    "4c.1": "tests.test_4c_errors",
    "4d.1": "tests.test_4d_large_projects",
    "5c.2": "tests.test_5c_session_life",
    "5e.1": "tests.test_5e_migrations",
}
TEXTS = [file for file in tracked_files() if file.suffix in (".md", ".ipynb")]
WITH_TASKS = [file for file in TEXTS if tasks.texts_of(file)]


@pytest.mark.parametrize("file", WITH_TASKS, ids=label)
def test_each_task_has_a_solution_with_its_id(file):
    questions = [tasks.questions_in(text) for text in tasks.texts_of(file) if asks(text)]
    numbers = [task.id.rpartition(".")[2] for task in tasks.tasks_of(file)]

    assert len(numbers) == sum(map(len, questions))


def asks(text):
    return "Each page ends with tasks." not in text


def test_solutions_of_notebooks_are_without_speaker_notes():
    for task in tasks.tasks():
        assert "They ask:" not in task.question + task.solution, task.id


def test_ids_are_unique_and_count_the_tasks_of_a_section():
    found = [task.id for task in tasks.tasks()]
    by_section = {}
    for name in found:
        section, _, number = name.rpartition(".")
        by_section.setdefault((section, number[0] == "n"), []).append(number.strip("n"))

    assert len(set(found)) == len(found)
    for numbers in by_section.values():
        assert sorted(numbers) == [str(i) for i in range(1, len(numbers) + 1)]


def test_every_task_that_is_checked_has_a_solution():
    assert set(CHECKED) <= set(TASKS)


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_check_is_red_before_and_green_after(name, tmp_path):
    promise = CHECKED[name]
    if name in BUILT:
        place = built_by_lesson(BUILT[name], tmp_path)
    else:
        place = copy_of_chapter(promise.section[0], tmp_path)

    before = state_of(promise, place)
    carry_out(TASKS[name], place)
    after = state_of(promise, place)

    assert (before, after) == (BROKEN, KEPT)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(KEPT_BY_THE_CHAPTER & set(CHECKED)))
def test_what_a_task_only_asks_is_so_in_the_chapter(name, tmp_path):
    promise = CHECKED[name]

    assert state_of(promise, copy_of_chapter(promise.section[0], tmp_path)) == KEPT


# -- the command ---------------------------------------------------------------------------------


def test_command_prints_the_task_and_its_solution_as_the_text_has_it(capsys):
    assert main(["solution", "2.1"]) == 0

    printed = capsys.readouterr().out
    assert "2.1 · 02_create_read/README.md" in printed
    assert "filtered by `runtime_max`" in printed
    assert "    def matching(query):\n        movies = select(Movie)\n" in printed
    assert "```" not in printed
    assert "details" not in printed


@pytest.mark.parametrize("name", ["2.0.1", "20.1", "2.0.1 "])
def test_task_goes_by_each_of_its_names(name):
    assert tasks.find_task(name.strip()).id == "2.0.1"


@pytest.mark.parametrize(
    ("name", "answer"), [("2.9", "There is: 2.1, 2.2"), ("9a.1", "none there")]
)
def test_unknown_task_lists_what_there_is(name, answer):
    with pytest.raises(SystemExit, match=answer):
        main(["solution", name])


# -- tasks that change the API, without a promise: a suite of their own asks, on the test client --


OF_TASKS = {file.stem.removeprefix("task_"): file for file in TASK_FILES}


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_TASKS)
def test_its_own_tests_are_red_before_and_green_after(name, tmp_path):
    task = TASKS[name.replace("_", ".")]
    chapter = copy_of_chapter(task.id[0], tmp_path)
    shutil.copy(OF_TASKS[name], chapter / "tests" / "test_task.py")

    before, _ = suite(chapter, "tests.test_task")
    carry_out(task, chapter)
    after, report = suite(chapter, "tests.test_task")

    assert not before
    assert after, report


@pytest.mark.slow
@pytest.mark.parametrize(("name", "suites"), NOT_DISTURBED.items())
def test_solution_leaves_the_chapters_tests_green(name, suites, tmp_path):
    chapter = copy_of_chapter(name[0], tmp_path)
    carry_out(TASKS[name], chapter)

    green, report = suite(chapter, *suites)

    assert green, report


CLAIMS = {file.stem.removeprefix("claim_"): file for file in CLAIM_FILES}


@pytest.mark.slow
@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_solution_says_of_the_chapter_is_so(name, tmp_path):
    assert name.replace("_", ".") in TASKS
    chapter = copy_of_chapter(name[0], tmp_path)
    shutil.copy(CLAIMS[name], chapter / "tests" / "test_task.py")

    green, report = suite(chapter, "tests.test_task")

    assert green, report


# -- tasks that only the chapter's own tests see -------------------------------------------------


@pytest.mark.slow
def test_2_0_2_the_test_of_the_wings_says_the_place_and_the_rule(tmp_path):
    chapter = copy_of_chapter(2, tmp_path)
    green, _ = suite(chapter, "tests.test_20_wings")
    carry_out(TASKS["2.0.2"], chapter)

    still_green, report = suite(chapter, "tests.test_20_wings")

    assert (green, still_green) == (True, False)
    assert quoted(TASKS["2.0.2"]) in report


def quoted(task):
    """Return what a solution quotes from a report: the text between its first quotation marks."""
    return " ".join(re.search(r'"([^"]+)"', task.solution)[1].rstrip(".").split())


@pytest.mark.slow
def test_4a1_2_the_test_that_misses_the_login_is_the_one_that_is_named(tmp_path):
    chapter = copy_of_chapter(4, tmp_path)
    movies = chapter / "cinema" / "api" / "movies.py"
    replace(
        movies,
        '@login_required\n@permission_required("movies:write")\n@idempotent',
        '@permission_required("movies:write")\n@idempotent',
    )

    green, report = suite(chapter, *names_of_suites(chapter, "4a1"))

    assert not green
    print(report)
    assert re.search(r"`(test_\w+)`", TASKS["4a1.2"].solution)[1] in report


@pytest.mark.slow
@pytest.mark.parametrize(("name", "module"), TURNS_ONE_RED.items())
def test_only_the_test_that_the_solution_names_turns_red(name, module, tmp_path):
    chapter = copy_of_chapter(name[0], tmp_path)
    carry_out(TASKS[name], chapter)

    _, report = suite(chapter, module)

    named = re.search(r"turns red, and rightly so: `(\w+)`", TASKS[name].solution)[1]
    assert re.findall(r"^(?:FAIL|ERROR): (\w+)", report, re.MULTILINE) == [named]


def test_4e_1_the_technique_is_the_one_that_was_measured():
    measured = json.loads((ROOT / "notebooks" / "4e_what_pays.json").read_text())
    cpu = {
        each["contender"]: each["cpu_milliseconds"]
        for each in measured["results"]
        if (each["server"], each["row"]) == ("granian", "POST")
    }
    gains = {name: cpu["cinema"] / cpu[f"fast: {name}"] for name in measured["lines"]}
    best = sorted(gains, key=gains.get, reverse=True)[:3]

    assert re.findall(r"`(\w+)`", TASKS["4e.1"].solution)[:3] == best
    assert 1.3 < gains[best[0]] < 1.4, "a third more"
