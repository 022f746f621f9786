"""Chapters 1 to 4 in a browser's Python: which tests and promises hold there, and what is left out.

Pyodide runs under Node here: the same Python, packages and course as on the pages.
"""

import base64
import io
import json
import zipfile
from pathlib import Path

import pytest
from browser_edition import built, in_node

from course.browser.inside.missing import (
    AUTHORIZATION_SERVER,
    CRYPTOGRAPHY,
    ORJSON,
    PROCESSES,
    SOCKETS,
    THREADS,
    VALIDATOR,
)
from course.browser.inside.suites import names_in
from course.building.asking import BROKEN, NOT_ASKED
from course.building.check import Asked, outcomes_of
from course.building.folder import begin
from course.building.promise import YOUR_TURN, promises_of
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

KEPT_KEY = "test_2a_key.KeptKeyTest.test_applications_that_start_at_once_share_one_key"
KEPT_SECRET = "test_2a_key.KeptSecretTest.test_applications_that_start_at_once_share_one_secret"
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
    KEPT_KEY: THREADS,
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
WHOLE_FILES = {  # of chapter 4
    **dict.fromkeys(
        (
            *("test_4a4_authorization_code", "test_4a4_clients", "test_4a4_consent"),
            *("test_4a4_discovery", "test_4a4_junk", "test_4a4_login_page", "test_4a4_rooms"),
            *("test_4a4_tokens", "test_4d_api_description"),
        ),
        AUTHORIZATION_SERVER,
    ),
    **dict.fromkeys(
        ("test_4a4_issuer_keys", "test_4a4_oauth", "test_4a4_scopes", "test_4d_permissions"),
        CRYPTOGRAPHY,
    ),
    "test_4d_api_contract": VALIDATOR,
    "test_4e_fast": ORJSON,
}
TESTS_OF_CHAPTER_4 = find_chapter("4").folder / "tests"
THE_LIBRARY = "test_4a3_message_signatures.TestTheLibrary"
TURNS = "test_4b_preconditions.ReadBeforeItsTurnTest"
OF_CHAPTER_4 = OF_CHAPTER_3 | {
    name: why
    for module, why in WHOLE_FILES.items()
    for name in names_in(TESTS_OF_CHAPTER_4 / f"{module}.py", module)
}
del OF_CHAPTER_4[KEPT_KEY]  # there is no key any more
OF_CHAPTER_4 |= {
    KEPT_SECRET: THREADS,
    "test_4a1_failed_logins.ParallelGuessesTest"
    ".test_parallel_guesses_are_counted_one_by_one": THREADS,
    "test_4a1_failed_logins.SlowCheckForAllTest"
    ".test_many_who_guess_are_refused_soon_and_others_are_answered": THREADS,
    f"{THE_LIBRARY}.test_it_accepts_ours": CRYPTOGRAPHY,
    f"{THE_LIBRARY}.test_its_other_choices_are_accepted": CRYPTOGRAPHY,
    f"{THE_LIBRARY}.test_its_signatures_are_ours": CRYPTOGRAPHY,
    "test_4a3_raw_url.TestRawUrl.test_what_is_sent_arrives": SOCKETS,
    "test_4a3_signed_requests.ParallelReplayTest.test_of_two_copies_at_once_one_passes": THREADS,
    "test_4b_preconditions.RaceTest.test_of_a_hundred_racing_changes_none_is_lost": THREADS,
    f"{TURNS}.test_change_does_not_undo_what_another_has_just_done": THREADS,
    f"{TURNS}.test_change_to_the_version_that_was_read_is_412": THREADS,
    "test_4d_idempotency.ManyClientsTest"
    ".test_eight_that_send_the_same_request_at_once_create_one_movie": THREADS,
}
LEFT_OUT = {1: {}, 2: OF_CHAPTER_2, 3: OF_CHAPTER_3, 4: OF_CHAPTER_4}
NEED_TOKENS = {each.name for each in promises_of("4a4") if each.tier != YOUR_TURN}
NEED_TOKENS -= {"4a4-names-bearer"}
NOT_ASKED_IN_A_BROWSER = {  # promises about many clients at once, and about tokens
    1: set(),
    2: {"2a-one-of-many"},
    3: {"2a-one-of-many", "3a-patches-at-once", "3a-one-creates", "3b-deleted-once"},
}
NOT_ASKED_IN_A_BROWSER[4] = NOT_ASKED_IN_A_BROWSER[3] | {
    *("4b-racing-writers", "4d-retried-at-once"),
    *NEED_TOKENS,
}
LAST_SECTION = {1: "1d", 2: "2b", 3: "3c", 4: "4d"}
MOVIES = "02_create_read/cinema/api/movies.py"
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
    "token": (
        "send",
        {
            "chapter": "4",
            "method": "GET",
            "path": "/v1/movies/3",
            "headers": [
                ["Authorization", "Bearer eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.eA"]
            ],
            "body": "",
        },
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
    of_4 = {name: job for name, job in JOBS.items() if job[1]["chapter"] == "4"}
    others = {name: job for name, job in JOBS.items() if name not in of_4}
    return {
        name: result
        for chapter, jobs in ((4, of_4), (3, others))
        for name, result in zip(jobs, in_node(site, chapter, list(jobs.values())), strict=True)
    }


@pytest.mark.parametrize("number", LEFT_OUT)
def test_suites_pass_but_for_what_a_browser_does_not_have(done, number):
    told = done[f"test {number}"]["result"]

    assert told["failed"] == {}
    left_out = {name.removeprefix("tests."): why for name, why in told["left_out"].items()}
    assert left_out == LEFT_OUT[number]
    assert told["passed"] + len(left_out) == told["of"]


@pytest.mark.parametrize("number", LEFT_OUT)
def test_promises_are_kept_but_for_what_a_browser_does_not_have(done, number):
    states = states_of(done[f"check {number}"])

    not_asked = {name for name, state in states.items() if state == NOT_ASKED}
    assert not_asked == NOT_ASKED_IN_A_BROWSER[number]
    assert [name for name, state in states.items() if state == BROKEN and name not in tasks()] == []


def test_token_of_an_authorization_server_that_is_not_there_is_503(done):
    result = done["token"]["result"]

    assert result["status"] == 503
    assert "The authorization server does not answer." in result["text"]


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
    return {"2b-runtime-max", "4d-third-version"}
