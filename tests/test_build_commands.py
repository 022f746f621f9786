"""begin, check, hint, solution, progress: what they say when they are typed wrong, and right."""

from pathlib import Path

import pytest

from course.building import folder, progress
from course.building.asking import BROKEN, Outcome
from course.building.lesson_code import code_at
from course.building.promise import promises_of
from course.building.report import explanation
from course.building.typist import steps, type_in
from course.building.wire import Broken
from course.command_line import main
from course.setup import environment
from course.spine import find_chapter, find_section


@pytest.fixture(autouse=True)
def environment_is_ready(monkeypatch):
    monkeypatch.setattr(environment, "ensure", lambda *_groups: environment.PYTHON)


@pytest.fixture
def mine(tmp_path):
    list(folder.begin(2, tmp_path / "mine"))
    return tmp_path / "mine"


def said(capsys, *words):
    """Type a command; return its exit code and all that it printed."""
    try:
        code = main([str(word) for word in words])
    except SystemExit as end:
        code = end.code
    printed = "".join(capsys.readouterr())
    return (code, printed) if isinstance(code, int) else (1, f"{code}{printed}")


def test_begin_that_cannot_write_says_so_and_continues_when_it_can(tmp_path, capsys):
    in_the_way = tmp_path / "mine"
    in_the_way.write_text("")
    begin = ("begin", "1", "--folder", in_the_way / "cinema")

    code, told = said(capsys, *begin)

    assert code == 1
    assert "could not be made: " in told
    assert told.strip().endswith("type the same command again: it continues where it stopped.")
    in_the_way.unlink()
    assert said(capsys, *begin)[0] == 0


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("begin", "9"), "There is no chapter '9'"),
        (("begin", "6"), "Chapter 6 is about tests"),
        (("begin", "two"), "There is no chapter 'two'"),
        (("check", "9z"), "There is no section '9z'"),
        (("check", "6.1"), "mutants"),
        (("check", "1b", "--folder", "no-such-folder"), "begin 1"),
        (("check", "1a", "--url", "nonsense"), "is no URL"),
        (("check", "1a", "--watch", "--json"), "leave --watch out"),
        (
            ("check", "1a", "--url", "http://127.0.0.1:9", "--show", "lists"),
            "Did you mean 1a-lists",
        ),
        (("check", "1a", "2a"), "--help"),
        (("hint", "2a-nothing"), "There is no promise"),
        (("hint", "location"), "Did you mean 2a-location"),
        (("solution", "6.1"), "adds no code"),
        (("solution", "9z"), "There is no section"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_use_is_answered_by_what_to_type(words, answer, mine, capsys):
    at = () if "--folder" in words or words[0] == "begin" else ("--folder", mine)

    code, printed = said(capsys, *words, *at)

    assert code != 0
    assert answer in printed
    assert "Traceback" not in printed


def test_begin_says_what_to_read_and_how_to_check(tmp_path, capsys):
    code, printed = said(capsys, "begin", "1", "--folder", tmp_path / "new")

    assert code == 0
    assert "01_getting_started/README.md" in printed
    assert "check 1a --watch" in printed


def test_begin_without_a_number_asks_for_it(mine, capsys):
    code, printed = said(capsys, "begin", "--folder", mine)

    assert code != 0
    assert "is at chapter 2. Name a chapter" in printed
    assert "begin 3" in printed
    assert progress.read(mine)["begun"] == 2, "nothing was begun"


def test_begin_of_an_earlier_chapter_leads_to_the_one_begun(mine, capsys):
    _, printed = said(capsys, "begin", "1", "--folder", mine)

    assert "You have begun chapter 2" in printed
    assert "Read 02_create_read/README.md" in printed
    assert "01_getting_started" not in printed


def test_file_in_the_place_of_the_folder_is_told(tmp_path, capsys):
    (tmp_path / "mine").write_text("")

    _, printed = said(capsys, "begin", "1", "--folder", tmp_path / "mine")

    assert "is a file" in printed


def test_hints_come_one_by_one(mine, capsys):
    progress.write(mine, {"section": "2a", "broken": ["2a-location"]})
    first, second, third = (said(capsys, "hint", "--folder", mine)[1] for _ in range(3))

    assert "\n  1. " in first
    assert "\n  2. " not in first
    assert first.endswith(f"(1 of 2; again for more: python3 -m course hint --folder {mine})\n")
    assert "\n  2. " in second
    assert "again for more" not in second
    assert "That was the last hint. Read 02_create_read/lessons/2a_create.md" in second
    assert second.endswith("solution 2a\n"), "and after the last one, where to look"
    assert third == second


def test_hint_that_was_asked_for_by_name_says_how_to_ask_again(mine, capsys):
    _, printed = said(capsys, "hint", "2a-location", "--folder", mine)

    assert f"again for more: python3 -m course hint 2a-location --folder {mine})" in printed


@pytest.mark.parametrize(
    ("words", "next_command"),
    [
        (("begin",), "begin 1"),
        (("check", "1a"), "begin 1"),
        (("progress",), "begin 1"),
        (("hint",), "check 1a"),
        (("hint", "nothing-like-it"), "progress --all"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_to_type_next_is_about_the_same_folder(words, next_command, tmp_path, capsys):
    hers = tmp_path / "anna's api"

    _, printed = said(capsys, *words, "--folder", hers)

    assert f'python3 -m course {next_command} --folder "{hers}"' in printed


def test_help_with_a_broken_promise_is_about_the_same_folder(mine):
    outcome = Outcome(promises_of("2a")[0], BROKEN, Broken("201", "POST / HTTP/1.1"))

    assert f" --folder {mine}" in "\n".join(explanation(outcome, folder=mine))
    assert "--folder" not in "\n".join(explanation(outcome))


def test_hint_before_the_first_check_says_so(mine, capsys):
    assert "Nothing was checked yet" in said(capsys, "hint", "--folder", mine)[1]


def test_hint_after_an_api_that_did_not_start_says_so(mine, capsys):
    progress.write(mine, {"section": "2a", "broken": []})
    (mine / "check.toml").write_text("start = 1")

    said(capsys, "check", "2a", "--folder", mine)

    assert "did not start" in said(capsys, "hint", "--folder", mine)[1]


def test_solution_is_a_diff_from_the_learners_file(mine, capsys):
    (mine / "cinema/http/json_body.py").write_text("# mine\n")

    _, printed = said(capsys, "solution", "2a", "--folder", mine)

    assert "-# mine" in printed
    assert "+def create_movie():" in printed


@pytest.mark.parametrize(
    ("section", "has", "later"),
    [
        ("1a", "def list_movies", "error_handler"),
        ("2.0", "def list_movies", "key_required"),
        ("2a", "@key_required", "read_movie_query"),
        ("3a", "def change_movie", "def delete_movie"),
        ("3b", "def delete_movie", "negotiation"),
        ("3c", "offer(blueprint", None),
        ("4a1", "Basic", "signed_request"),
        ("4a2", "csrf", "delegated"),
        ("4a4", "InvalidToken", "overtaken"),
        ("5a", "SentInTheClear", "NoConnectionLeft"),
        ("5b", "own_login", "refuse_if_changed"),
        ("5d1", "end_sessions_of", "new_stamp"),
    ],
)
def test_solution_has_nothing_of_later_sections(section, has, later, tmp_path, capsys):
    """The learner has no file yet, so each of the section's is shown whole."""
    code, printed = said(capsys, "solution", section, "--folder", tmp_path)

    assert code == 0
    assert has in printed
    assert later is None or later not in printed


@pytest.mark.parametrize(
    ("section", "file", "later"),
    [
        ("3a", "cinema/data/finders.py", "TEXT"),
        ("4b", "cinema/data/finders.py", "cursor"),
        ("4b", "cinema/data/models.py", "private"),
        ("4b", "cinema/api/errors.py", "ErrorCode"),
        ("4b", "cinema/api/movies.py", "idempotent"),
        ("5a", "cinema/api/errors.py", "patience"),
        ("5d1", "cinema/users/passwords.py", "is_current"),
    ],
)
def test_file_of_a_solution_has_nothing_of_later_sections(section, file, later):
    chapter = find_chapter(section[0])

    text = code_at(chapter, find_section(section), {Path(file)})[Path(file)]

    assert later not in text


@pytest.mark.parametrize(
    ("section", "first_line"),
    [
        (
            "4c",
            "No lesson says step by step what to type in 4.c: its files are shown as they are at "
            "the end of chapter 4, with lines of 4.d in cinema/__init__.py and "
            "cinema/api/errors.py.",
        ),
        (
            "4e",
            "No lesson says step by step what to type in 4.e: its files are shown as they are at "
            "the end of chapter 4.",
        ),
        (
            "5d1",
            "No lesson says step by step what to change in cinema/users/credentials/__init__.py: "
            "it is shown as it is at the end of chapter 5, with lines of 5.d2.",
        ),
        (
            "5a",
            "No lesson says step by step what to change in authorization_server/__init__.py and "
            "authorization_server/config.py: they are shown as they are at the end of chapter 5, "
            "with lines of 5.d2 and 5.e.",
        ),
        ("4a2", "--- (not in yours)"),
        ("2a", "--- (not in yours)"),
    ],
)
def test_solution_says_which_files_have_lines_of_later_sections(
    section, first_line, tmp_path, capsys
):
    _, printed = said(capsys, "solution", section, "--folder", tmp_path)

    assert printed.splitlines()[0] == first_line


def test_solution_names_no_file_that_it_does_not_show(tmp_path, capsys):
    list(folder.begin(4, tmp_path / "mine"))

    _, printed = said(capsys, "solution", "4a1", "--folder", tmp_path / "mine")

    assert printed.startswith("--- "), "begin has given cinema/http/rate_limits.py as it is shown"
    assert "rate_limits.py" not in printed


def test_what_lessons_type_so_far_is_what_solution_shows(tmp_path, capsys):
    """Somebody who has typed up to a section differs only where the chapter has more to say."""
    list(folder.begin(3, tmp_path / "mine"))
    chapter = find_chapter(3)
    for section in chapter.sections[:2]:
        for step in steps(chapter.text_of(section)):
            type_in(step, tmp_path / "mine")

    _, printed = said(capsys, "solution", "3b", "--folder", tmp_path / "mine")

    assert "cinema/api/movies.py" not in printed
    assert "cinema/api/watchlists.py" not in printed


@pytest.mark.slow  # starts a server
@pytest.mark.parametrize(("section", "expected"), [("1d", 0), ("2a", 1)])
def test_exit_code_of_a_check_says_whether_all_is_kept(section, expected, mine, capsys):
    code, printed = said(capsys, "check", section, "--folder", mine, "--json")

    assert code == expected
    assert '"1a-lists": "kept"' in printed
    assert ('"broken"' in printed) == (expected == 1)


def test_progress_shows_the_whole_way(mine, capsys):
    progress.write(mine, {"section": "1a", "states": {"1a-lists": "kept"}})

    code, printed = said(capsys, "progress", "--folder", mine)

    assert code == 0
    assert "1.a  First routes and JSON" in printed
    assert "1 of" in printed
    assert "of 1 your turn" in printed
    assert "A model: private attributes, properties and setters" in printed, "and no title is cut"


def test_progress_names_each_promise_if_asked(mine, capsys):
    _, printed = said(capsys, "progress", "--all", "--folder", mine)

    assert "2a-too-large" in printed, "the hardened ones, too"
