"""Chapters 1 to 3 in a browser's Python: which tests and promises hold there, and what is left out.

Pyodide runs under Node here: the same Python, packages and course as on the pages.
"""

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from browser_edition import built, in_node

from course.building.asking import BROKEN, NOT_ASKED
from course.building.check import Asked, outcomes_of
from course.building.folder import begin
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

THREADS, PROCESSES = "threads", "processes"
OF_CHAPTER_2 = {
    "test_20_database.RestartTest"
    ".test_applications_that_start_at_once_make_the_tables_once": THREADS,
    "test_20_database.SeedTest.test_seeds_at_once_load_each_film_once": THREADS,
    "test_20_wings.ToolkitTest.test_each_module_can_be_imported": PROCESSES,
    "test_20_wings.ToolkitTest.test_its_promises_hold_there": PROCESSES,
    "test_20_wings.ToolkitTest.test_project_has_no_cinema": PROCESSES,
    "test_2a_create.KillTest.test_what_was_acknowledged_survives_a_kill": PROCESSES,
    "test_2a_create.LockedTest"
    ".test_many_who_wait_to_write_leave_others_a_connection_to_read": THREADS,
    "test_2a_create.ManyClientsTest.test_movies_created_at_once_are_all_kept": THREADS,
    "test_2a_create.ManyClientsTest"
    ".test_one_of_eight_that_create_the_same_movie_at_once_does_it": THREADS,
    "test_2a_key.KeptKeyTest.test_applications_that_start_at_once_share_one_key": THREADS,
}
ALL_AT_ONCE, WAITING = "test_3a_many_clients.AllAtOnceTest", "test_3a_many_clients.WaitingTest"
OF_CHAPTER_3 = OF_CHAPTER_2 | {
    f"{ALL_AT_ONCE}.test_one_of_eight_that_put_the_same_new_watchlist_at_once_creates_it": THREADS,
    f"{ALL_AT_ONCE}.test_one_of_four_that_take_the_same_imdb_id_at_once_gets_it": THREADS,
    f"{ALL_AT_ONCE}.test_patches_of_different_members_at_once_are_all_kept": THREADS,
    f"{WAITING}.test_movie_that_was_deleted_meanwhile_cannot_be_put_on_a_watchlist": THREADS,
    f"{WAITING}.test_patch_keeps_what_was_changed_meanwhile": THREADS,
    f"{WAITING}.test_patch_of_a_watchlist_keeps_what_was_changed_meanwhile": THREADS,
    f"{WAITING}.test_put_creates_a_watchlist_that_was_deleted_meanwhile": THREADS,
    f"{WAITING}.test_put_replaces_a_watchlist_that_was_created_meanwhile": THREADS,
    f"{WAITING}.test_what_was_deleted_meanwhile_is_404": THREADS,
    "test_3b_delete.ManyClientsTest"
    ".test_one_of_four_that_delete_the_same_movie_at_once_does_it": THREADS,
}
LEFT_OUT = {1: {}, 2: OF_CHAPTER_2, 3: OF_CHAPTER_3}
NOT_ASKED_IN_A_BROWSER = {  # promises about many clients at once
    1: set(),
    2: {"2a-one-of-many"},
    3: {"2a-one-of-many", "3a-patches-at-once", "3a-one-creates", "3b-deleted-once"},
}
LAST_SECTION = {1: "1d", 2: "2b", 3: "3c"}
MOVIES = "02_create_read/cinema/api/movies.py"
PAGE_LINKS = "02_create_read/cinema/api/page_links.py"
PAGE_LINKS = "02_create_read/cinema/api/page_links.py"
LOCATION = ', 201, {"Location": movie_url(movie.id)}'
DEEP = "[" * 50_000 + "]" * 50_000


def text_of(path):
    return (find_chapter("1").folder.parent / path).read_text(encoding="utf-8")


WITHOUT_LOCATION = {MOVIES: text_of(MOVIES).replace(LOCATION, ", 201")}
WITHOUT_PREFIX = {PAGE_LINKS: text_of(PAGE_LINKS).replace("{request.root_path}", "")}
WITH_A_TYPING_MISTAKE = {MOVIES: text_of(MOVIES).replace("def list_movies()", "def list_movies(")}
JOBS = {
    **{
        f"{job} {number}": (job, {"chapter": str(number), **details})
        for number in LEFT_OUT
        for job, details in (
            ("start", {"edits": {}}),
            ("test", {"pattern": "test_*.py"}),
            ("check", {"section": LAST_SECTION[number], "hardened": True}),
        )
    },
    "deep": (
        "send",
        {"chapter": "1", "method": "GET", "path": "/v1/movies", "headers": [], "body": DEEP},
    ),
    "start without prefix": ("start", {"chapter": "2", "edits": WITHOUT_PREFIX}),
    "test without prefix": ("test", {"chapter": "2", "pattern": "test_2b_*.py"}),
    "start broken": ("start", {"chapter": "2", "edits": WITHOUT_LOCATION}),
    "check broken": ("check", {"chapter": "2", "section": "2b", "hardened": True}),
    "take home": ("take_home", {"chapter": "2"}),
    "start mistyped": ("start", {"chapter": "2", "edits": WITH_A_TYPING_MISTAKE}),
    "start again": ("start", {"chapter": "2", "edits": {}}),
    "deep body": (
        "send",
        {
            "chapter": "2",
            "method": "POST",
            "path": "/v1/movies",
            "headers": [["Authorization", "Bearer $KEY"], ["Content-Type", "application/json"]],
            "body": DEEP,
        },
    ),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Return what came of each job."""
    site = built(tmp_path_factory)
    return dict(zip(JOBS, in_node(site, list(JOBS.values())), strict=True))


@pytest.mark.parametrize("number", LEFT_OUT)
def test_suites_pass_but_for_what_a_browser_does_not_have(done, number):
    told = done[f"test {number}"]["result"]

    assert told["failed"] == {}
    left_out = {name.removeprefix("tests."): why for name, why in told["left_out"].items()}
    assert left_out == LEFT_OUT[number]
    assert told["passed"] + len(left_out) == told["of"]


@pytest.mark.parametrize("number", LEFT_OUT)
def test_promises_are_kept_but_for_those_about_many_clients_at_once(done, number):
    states = states_of(done[f"check {number}"])

    not_asked = {name for name, state in states.items() if state == NOT_ASKED}
    assert not_asked == NOT_ASKED_IN_A_BROWSER[number]
    assert [name for name, state in states.items() if state == BROKEN and name not in tasks()] == []


def test_check_says_what_it_says_on_the_command_line(done, tmp_path):
    folder = unpacked(done, tmp_path)

    here = outcomes_of(Asked("2b", folder, hardened=True))

    there = states_of(done["check broken"])
    assert there["2a-location"] == BROKEN
    told = {
        o.promise.name: o.state for o in here if o.promise.name not in NOT_ASKED_IN_A_BROWSER[2]
    }
    assert {name: there[name] for name in told} == told
    assert done["check broken"]["result"]["first"] == "2a-location"


def test_broken_promise_comes_with_its_exchange_its_page_and_hints(done):
    explained = done["check broken"]["result"]["broken"]["2a-location"]

    assert any("HTTP/1.1 201 CREATED" in line for line in explained["exchanges"][-1])
    assert explained["promised"] == "a header Location"
    assert Path(explained["page"]).name == "2a_create.md"
    assert explained["hints"]


def test_only_the_test_of_what_was_broken_turns_red(done):
    failed = done["test without prefix"]["result"]["failed"]

    assert [name.rpartition(".")[2] for name in failed] == [
        "test_links_keep_the_prefix_under_which_the_api_is_served"
    ]


def test_typing_mistake_is_shown_where_it_is(done):
    trouble = done["start mistyped"]["trouble"]

    assert "SyntaxError" in trouble
    assert "movies.py" in trouble
    assert "key" in done["start again"]["result"]


@pytest.mark.parametrize("sent", ["deep", "deep body"])
def test_deep_nest_of_brackets_does_not_end_python(done, sent):
    assert done[sent]["result"]["status"] in (200, 400, 401)


def test_folder_to_take_home_is_one_that_begin_has_made(done, tmp_path):
    folder = unpacked(done, tmp_path)

    lines = list(begin(3, folder))

    assert (folder / "cinema/http/merge_patch.py").exists()
    assert (folder / "cinema/api/movies.py").read_text() == WITHOUT_LOCATION[MOVIES]
    assert not any("is yours" in line for line in lines)
    assert json.loads((folder / ".progress.json").read_text())["begun"] == 3


def unpacked(done, folder):
    content = base64.b64decode(done["take home"]["result"]["zip"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder / "mine"


def states_of(checked):
    rows = checked["result"]["rows"]
    return {each["name"]: each["state"] for row in rows for each in row["promises"]}


def tasks():
    """Return the promises that are the reader's turn: our own code need not keep them."""
    return {"2b-runtime-max"}
