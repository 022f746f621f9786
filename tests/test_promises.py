"""Promises: a chapter keeps those of its sections; the chapter before breaks all that are new."""

from functools import cache

import pytest
from course_files import ROOT

from course.building.asking import BROKEN, KEPT, WAITS, ask_all, wanted
from course.building.check import Asked, outcomes_of
from course.building.promise import HARDENED, PROMISED, promises_of, sections
from course.building.server import Server
from course.building.wire import Api
from course.spine import chapters

pytestmark = pytest.mark.slow  # starts each chapter

LAST_SECTION = {1: "1d", 2: "2b", 3: "3c"}
EVERY = [promise for section in sections() for promise in promises_of(section)]

by_name = pytest.mark.parametrize("promise", EVERY, ids=lambda promise: promise.name)


@cache
def outcomes(number, section):
    """Ask a chapter's API for all promises up to a section; return its outcomes by name."""
    folder = chapters()[number - 1].folder
    told = outcomes_of(Asked(section, folder, hardened=True))
    return {outcome.promise.name: outcome for outcome in told}


@by_name
def test_promise_is_a_sentence_with_a_source_and_hints(promise):
    assert promise.sentence.endswith("."), "a sentence"
    assert len(promise.sentence) < 100, "that is read at a glance"
    assert promise.source, "the RFC or the documentation that says so"
    assert promise.hints, "a learner who is stuck needs one"
    assert promise.step, "where the lesson explains it"


def test_names_are_unique():
    functions = [promise.check.__name__ for promise in EVERY]

    assert len(set(functions)) == len(functions), "`needs` and `after` find a promise by its name"


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("20-in-the-database", "DATABASE_URL"),
        ("2a-creates", "API_KEY"),
        ("4a1-basic-editor", "CINEMA_PASSWORD"),
    ],
)
def test_hint_names_the_variable_in_which_an_api_finds_what_check_uses(name, variable):
    promise = next(each for each in EVERY if each.name == name)

    assert any(variable in hint for hint in promise.hints)


def test_what_a_promise_waits_for_is_a_promise():
    known = {promise.check.__name__ for promise in EVERY}

    for promise in EVERY:
        assert set(promise.after) <= known, promise.name


@pytest.mark.parametrize("number", LAST_SECTION)
def test_chapter_keeps_all_promises_up_to_its_end(number):
    told = outcomes(number, LAST_SECTION[number]).values()

    not_kept = {o.promise.name: str(o.broken) for o in told if o.state != KEPT and is_asked(o)}

    assert not not_kept


def is_asked(outcome):
    return outcome.promise.tier in (PROMISED, HARDENED)


@pytest.mark.parametrize("number", list(LAST_SECTION)[:-1])
def test_chapter_before_keeps_nothing_that_is_new_and_all_that_is_old(number):
    told = outcomes(number, LAST_SECTION[number + 1]).values()

    old = {o.promise.name: o.state for o in told if is_old(o, number) and is_asked(o)}
    new = {o.promise.name: o.state for o in told if not is_old(o, number) and is_asked(o)}

    assert set(old.values()) == {KEPT}, old
    assert set(new.values()) <= {BROKEN, WAITS}, new


def is_old(outcome, number):
    return int(outcome.promise.section[0]) <= number


def test_promises_hold_when_they_are_asked_twice_of_one_server():
    with Server(ROOT / "03_update_delete") as server:
        api = Api(server.start(), server.credentials, server)
        for _ in range(2):
            told = ask_all(api, wanted("3c", (PROMISED,)))

            assert {o.promise.name: o.state for o in told if o.state != KEPT} == {}


def test_what_needs_control_of_the_server_is_not_asked_at_a_url():
    with Server(ROOT / "02_create_read") as server:
        told = ask_all(Api(server.start(), server.credentials), wanted("20", (PROMISED,)))

    assert {o.promise.name: o.state for o in told}["20-in-the-database"] == "not asked"
