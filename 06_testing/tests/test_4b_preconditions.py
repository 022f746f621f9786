"""4.b HTTP caching: a change says which version it is meant for, and none is lost."""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import click
from cinema import create_app
from cinema.data.database import db, writing
from cinema.data.models import Movie
from flask import g, request
from sqlalchemy import text

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, ServerTestCase, basic
from tests.caching import CHANGES, FRIDAY_NIGHT, JSON, JSON_LD, SECRET, TEXT, CachingTestCase


class IfMatchTest(CachingTestCase):
    """A change may say which version it is meant for."""

    def assert_unchanged(self, url, tag):
        self.assertEqual(self.tag(url), tag)
        self.assert_nothing_changed()

    def test_change_to_another_version_is_412_and_nothing_is_done(self):
        for method, url, body in CHANGES:
            tag = self.tag(url)
            for sent in (
                '"0-json"',
                '"other", "third"',
                f"W/{tag}",
                '""',
                f"{tag} {tag}",
                tag[:-1],
                f'{tag[:-1]}x"',
                self.tag(url, credentials=BOB),  # who sees the same otherwise
            ):
                with self.subTest(method=method, url=url, sent=sent):
                    response = self.change(method, url, body, If_Match=sent)

                    self.assert_problem(response, 412, "Precondition Failed")
                    self.assert_unchanged(url, tag)

    def test_change_to_this_version_is_done(self):
        for method, url, body in CHANGES:
            tags = [self.tag(url), self.tag(url, JSON_LD), self.tag(url, JSON, ALICE)]
            for sent in ("*", *tags, ", ".join(['"other"', *tags])):
                with self.subTest(method=method, url=url, sent=sent):
                    response = self.change(method, url, body, If_Match=sent)

                    self.assertEqual(response.status_code, 204 if method == "DELETE" else 200)
                    self.begin_again()

    def test_tag_of_the_text_is_good_for_a_change_too(self):
        tag = self.tag(REBECCA["url"], TEXT)

        response = self.change("PATCH", REBECCA["url"], {"runtime": 130}, If_Match=tag)

        self.assertEqual(response.status_code, 200)

    def test_tag_is_used_up_by_a_change(self):
        tag = self.tag(REBECCA["url"])
        self.change("PATCH", REBECCA["url"], {"runtime": 130}, If_Match=tag)

        response = self.change("PATCH", REBECCA["url"], {"runtime": 131}, If_Match=tag)

        self.assert_problem(response, 412, "Precondition Failed")
        self.assertEqual(self.get(REBECCA["url"]).json["runtime"], 130)

    def test_put_with_if_none_match_creates_and_never_replaces(self):
        url = "/v1/watchlists/sunday"

        first = self.change("PUT", url, {"title": "First"}, If_None_Match="*")
        second = self.change("PUT", url, {"title": "Second"}, If_None_Match="*")

        self.assertEqual(first.status_code, 201)
        self.assert_problem(second, 412, "Precondition Failed")
        self.assertEqual(self.get(url).json["title"], "First")

    def test_if_none_match_of_a_change_is_compared_weakly(self):
        for url, body in ((REBECCA["url"], {"runtime": 130}), (FRIDAY_NIGHT, {"title": "New"})):
            tag = self.tag(url)
            for sent, status in (
                (tag, 412),
                (f"W/{tag}", 412),
                ("*", 412),
                (f'"other", {tag}', 412),
                ('"other"', 200),
                (f'{tag[:-1]}x"', 200),
                ('""', 200),
            ):
                with self.subTest(url=url, sent=sent):
                    response = self.change("PATCH", url, body, If_None_Match=sent)

                    self.assertEqual(response.status_code, status)
                    self.begin_again()

    def test_nothing_is_made_where_a_version_is_expected(self):
        for sent in ("*", '"other"'):
            with self.subTest(sent=sent):
                response = self.change(
                    "PUT", "/v1/watchlists/sunday", {"title": "New"}, If_Match=sent
                )

                self.assert_problem(response, 412, "Precondition Failed")
                self.assert_nothing_changed()

    def test_what_is_wrong_anyway_is_said_before_412(self):
        """RFC 9110, section 13.2.1."""
        junk = {"data": "{", "content_type": JSON}
        text = {"data": "{}", "content_type": "text/plain"}
        body = {"json": {"title": "New"}}
        for method, url, credentials, sent, status in (
            ("PATCH", "/v1/movies/999", ALICE, body, 404),
            ("DELETE", "/v1/watchlists/none", ALICE, {}, 404),
            ("PATCH", SECRET, ALICE, body, 404),
            ("PATCH", REBECCA["url"], ALICE, junk, 400),
            ("PUT", FRIDAY_NIGHT, ALICE, junk, 400),
            ("PATCH", REBECCA["url"], {}, body, 401),
            ("DELETE", REBECCA["url"], basic("alice", "wrong"), {}, 401),
            ("PATCH", REBECCA["url"], BOB, body, 403),
            ("PUT", FRIDAY_NIGHT, BOB, body, 403),
            ("DELETE", FRIDAY_NIGHT, BOB, {}, 403),
            ("POST", REBECCA["url"], ALICE, body, 405),
            ("PATCH", REBECCA["url"], ALICE | {"Accept": "image/png"}, body, 406),
            ("PATCH", REBECCA["url"], ALICE, {"json": {"title": "x" * 70_000}}, 413),
            ("PATCH", REBECCA["url"], ALICE, text, 415),
        ):
            with self.subTest(method=method, url=url, status=status):
                headers = credentials | {"If-Match": '"stale"'}

                response = self.client.open(url, method=method, headers=headers, **sent)

                self.assertEqual(response.status_code, status)

    def test_no_condition_is_a_500(self):
        randomly = random.Random(4)  # noqa: S311 (the same each time)
        parts = ('"', "W/", "w/", "*", ",", " ", "\t", "-", "1-json", "\\", "é", ";", "''", "\x7f")
        nonsense = ["".join(randomly.choices(parts, k=randomly.randint(0, 9))) for _ in range(60)]
        for value in ("", '""', 'W/""', '"', "W/", 'W/"', "*,*", '*, "a"', "," * 999, *nonsense):
            for name in ("If-Match", "If-None-Match"):
                with self.subTest(name=name, value=value):
                    headers = {name: value}

                    read = self.client.get(REBECCA["url"], headers=headers)
                    change = self.client.patch(REBECCA["url"], json={}, headers=ALICE | headers)

                    self.assertIn(read.status_code, (200, 304, 412))
                    self.assertIn(change.status_code, (200, 412))


class CreateTest(CachingTestCase):
    """A POST is about the list that it is sent to, so its conditions are about the list, too."""

    def create(self, **conditions):
        headers = ALICE | {name.replace("_", "-"): value for name, value in conditions.items()}
        return self.client.post("/v1/movies", json=METROPOLIS, headers=headers)

    def test_post_on_a_condition_that_does_not_hold_is_412_and_creates_nothing(self):
        tag = self.tag("/v1/movies")
        for conditions in (
            {"If_Match": '"nope"'},
            {"If_Match": f"W/{tag}"},
            {"If_Match": tag[:-1]},
            {"If_None_Match": "*"},
            {"If_None_Match": tag},
            {"If_None_Match": f'"other", W/{tag}'},
            {"If_Match": tag, "If_None_Match": "*"},
        ):
            with self.subTest(conditions=conditions):
                response = self.create(**conditions)

                self.assert_problem(response, 412, "Precondition Failed")
                self.assert_nothing_changed()

    def test_post_on_a_condition_that_holds_creates(self):
        tags = [self.tag("/v1/movies", *way) for way in ((), (JSON_LD,), (TEXT,), (JSON, ALICE))]
        for conditions in (
            {"If_Match": "*"},
            *({"If_Match": tag} for tag in tags),
            {"If_None_Match": '"nope"'},
        ):
            with self.subTest(conditions=conditions):
                response = self.create(**conditions)

                self.assertEqual(response.status_code, 201, response.text)
                self.begin_again()

    def test_tag_of_a_list_is_used_up_by_a_post(self):
        tag = self.tag("/v1/movies")

        statuses = [self.create(If_Match=tag).status_code for _ in range(2)]

        self.assertEqual(statuses, [201, 412])

    def test_what_is_wrong_anyway_is_said_before_412(self):
        for credentials, body, status in (({}, METROPOLIS, 401), (BOB, METROPOLIS, 403)):
            with self.subTest(status=status):
                headers = credentials | {"If-Match": '"nope"'}

                response = self.client.post("/v1/movies", json=body, headers=headers)

                self.assertEqual(response.status_code, status)


class WithoutAVersionTest(CachingTestCase):
    """A session and a key have no ETag: of all conditions, only `*` can mean them."""

    THERE = (
        ({"If-Match": "*"}, True),
        ({"If-None-Match": '"nope"'}, True),
        ({"If-Match": '"nope"'}, False),
        ({"If-None-Match": "*"}, False),
    )
    NOT_THERE = (
        ({"If-None-Match": "*"}, True),
        ({"If-None-Match": '"nope"'}, True),
        ({"If-Match": "*"}, False),
        ({"If-Match": '"nope"'}, False),
    )

    def log_in(self, client, conditions=()):
        login = {"name": "bob", "password": SETTINGS["PASSWORD"]}
        return client.post("/v1/session", json=login, headers=dict(conditions))

    def test_session_begins_if_the_condition_holds(self):
        for conditions, holds in self.NOT_THERE:
            with self.subTest(conditions=conditions):
                client = self.app.test_client()

                response = self.log_in(client, conditions)

                self.assertEqual(response.status_code, 201 if holds else 412)
                shown = client.get("/v1/session")
                self.assertEqual(shown.status_code, 200 if holds else 404)

    def test_session_is_replaced_or_ended_if_the_condition_holds(self):
        for conditions, holds in self.THERE:
            for method in ("POST", "DELETE"):
                with self.subTest(conditions=conditions, method=method):
                    client = self.app.test_client()
                    csrf = {"X-CSRF-Token": self.log_in(client).json["csrf_token"]}
                    before = client.get("/v1/session").json

                    if method == "POST":
                        response = self.log_in(client, conditions)
                    else:
                        response = client.delete("/v1/session", headers=csrf | conditions)

                    done = 201 if method == "POST" else 204
                    self.assertEqual(response.status_code, done if holds else 412)
                    shown = client.get("/v1/session").json
                    self.assertEqual(shown == before, not holds, "412 should change nothing")

    def test_key_is_made_if_the_condition_holds(self):
        for conditions, holds in self.NOT_THERE:
            with self.subTest(conditions=conditions):
                self.begin_again()

                response = self.client.post("/v1/signing-key", headers=BOB | conditions)

                self.assertEqual(response.status_code, 201 if holds else 412)
                shown = self.client.get("/v1/signing-key", headers=BOB)
                self.assertEqual(shown.status_code, 200 if holds else 404)

    def test_key_is_replaced_or_given_up_if_the_condition_holds(self):
        for conditions, holds in self.THERE:
            for method, done in (("POST", 201), ("DELETE", 204)):
                with self.subTest(conditions=conditions, method=method):
                    self.client.post("/v1/signing-key", headers=BOB)
                    headers = BOB | conditions

                    response = self.client.open("/v1/signing-key", method=method, headers=headers)

                    self.assertEqual(response.status_code, done if holds else 412)
                    shown = self.client.get("/v1/signing-key", headers=BOB)
                    gone = holds and method == "DELETE"
                    self.assertEqual(shown.status_code, 404 if gone else 200)


class RequireIfMatchTest(CachingTestCase):
    """With the setting REQUIRE_IF_MATCH, nobody changes what they have not read (RFC 6585)."""

    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.dict(self.app.config, REQUIRE_IF_MATCH=True))

    def test_change_without_a_condition_is_428_and_nothing_is_done(self):
        creation = ("PUT", "/v1/watchlists/sunday", {"title": "New"})
        for method, url, body in (*CHANGES, creation):
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body)

                self.assert_problem(response, 428, "Precondition Required")
                self.assert_nothing_changed()

    def test_change_with_a_condition_is_done(self):
        for method, url, body in CHANGES:
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body, If_Match=self.tag(url))

                self.assertIn(response.status_code, (200, 204))
                self.begin_again()

    def test_creation_says_that_nothing_must_be_there(self):
        response = self.put("/v1/watchlists/sunday", ALICE | {"If-None-Match": "*"}, title="New")

        self.assertEqual(response.status_code, 201)

    def test_post_needs_no_condition(self):
        response = self.create_movie()

        self.assertEqual(response.status_code, 201)

    def test_what_is_wrong_anyway_is_said_before_428(self):
        for url, credentials, status in (
            ("/v1/movies/999", ALICE, 404),
            (REBECCA["url"], {}, 401),
            (REBECCA["url"], BOB, 403),
            (FRIDAY_NIGHT, BOB, 403),
        ):
            with self.subTest(url=url, status=status):
                response = self.change("PATCH", url, {"title": "New"}, credentials)

                self.assertEqual(response.status_code, status)

    def test_environment_can_want_it(self):
        for word, wanted in (("1", True), ("0", False), ("", False)):
            with self.subTest(word=word), mock.patch.dict(os.environ, REQUIRE_IF_MATCH=word):
                app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})

                with app.app_context():
                    for engine in db.engines.values():
                        engine.dispose()
                self.assertEqual(bool(app.config["REQUIRE_IF_MATCH"]), wanted)

    def test_variable_that_should_be_a_number_and_is_none_is_named(self):
        for name in ("REQUIRE_IF_MATCH", "PUBLIC_MAX_AGE", "TRUSTED_PROXIES"):
            for word in ("yes", "-1", "1.5", "²"):
                with self.subTest(name=name, word=word), mock.patch.dict(os.environ, {name: word}):
                    with self.assertRaises(click.ClickException) as refused:
                        create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})

                    said = refused.exception.format_message()
                    self.assertTrue(said.startswith(f"{name} is {word}: it must be "), said)

    def test_variable_that_does_not_read_is_named_when_we_start(self):
        for name in ("RATE_LIMIT", "FAILED_LOGINS", "CACHE_URL"):
            settings = {n: value for n, value in SETTINGS.items() if n != name}
            with self.subTest(name=name), mock.patch.dict(os.environ, {name: "nonsense"}):
                with self.assertRaises(click.ClickException) as refused:
                    create_app(settings | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})

                said = refused.exception.format_message()
                self.assertTrue(said.startswith(f"{name} must be like "), said)


class LostUpdateTest(CachingTestCase):
    """Two clients read the same movie, and each mends another member of it."""

    def setUp(self):
        super().setUp()
        self.first, self.second = (self.get(REBECCA["url"]) for _ in range(2))

    def put_back(self, read, conditions, **changes):
        return self.change("PUT", REBECCA["url"], read.json | changes, **conditions)

    def test_without_conditions_the_second_undoes_what_the_first_has_done(self):
        self.put_back(self.first, {}, runtime=130)

        response = self.put_back(self.second, {}, year=1941)

        self.assertEqual(response.status_code, 200)
        lost = self.get(REBECCA["url"]).json
        self.assertEqual((lost["runtime"], lost["year"]), (REBECCA["runtime"], 1941))

    def test_with_conditions_one_is_412_and_nothing_is_lost(self):
        first = self.put_back(self.first, {"If_Match": self.tag_of(self.first)}, runtime=130)
        second = self.put_back(self.second, {"If_Match": self.tag_of(self.second)}, year=1941)

        again = self.get(REBECCA["url"])
        third = self.put_back(again, {"If_Match": self.tag_of(again)}, year=1941)

        statuses = [first.status_code, second.status_code, third.status_code]
        self.assertEqual(statuses, [200, 412, 200])
        self.assertEqual(self.get(REBECCA["url"]).json, REBECCA | {"runtime": 130, "year": 1941})


class RaceTest(ServerTestCase):
    """The same with a database that is a file, and with changes that come all at once."""

    def setUp(self):
        super().setUp()
        self.client = self.app.test_client()
        self.url = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE).json["url"]

    def test_of_a_hundred_racing_changes_none_is_lost(self):
        def make_longer(_):
            client = self.app.test_client()
            known = client.get(self.url)
            for _ in range(25):
                while (changed := made_longer_by_one(client, known)).status_code == 412:
                    known = client.get(self.url)
                self.assertEqual(changed.status_code, 200, changed.text)
                known = changed

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(make_longer, range(4)))

        runtime = self.client.get(self.url).json["runtime"]
        self.assertEqual(runtime, METROPOLIS["runtime"] + 100)


class ReadBeforeItsTurnTest(ServerTestCase):
    """Looks inside: a hook of Flask's reads the movie, and lets another write, before the view."""

    def setUp(self):
        super().setUp()
        self.client = self.app.test_client()
        self.url = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE).json["url"]
        hooks = self.app.before_request_funcs
        behind_our_back = [*hooks.get(None, ()), self.read_and_let_another_write]
        self.enterContext(mock.patch.dict(hooks, {None: behind_our_back}))

    def read_and_let_another_write(self):
        if request.method != "GET":
            g.movie = db.session.get(Movie, 1)
            with ThreadPoolExecutor(1) as thread:
                thread.submit(self.shorten).result()

    def shorten(self):
        with self.app.app_context(), writing():
            db.session.get(Movie, 1).runtime = 7

    def test_change_does_not_undo_what_another_has_just_done(self):
        """It may do the change on top of the other's, or refuse it: 412."""
        response = self.client.patch(self.url, json={"year": 1931}, headers=ALICE)

        movie = self.client.get(self.url).json
        year = {200: 1931, 412: METROPOLIS["year"]}
        self.assertIn(response.status_code, year, response.text)
        self.assertEqual((movie["runtime"], movie["year"]), (7, year[response.status_code]))

    def test_change_to_the_version_that_was_read_is_412(self):
        known = self.client.get(self.url).headers.get("ETag")

        for method, body in (("PUT", METROPOLIS), ("PATCH", {"year": 1931}), ("DELETE", None)):
            with self.subTest(method=method):
                response = self.client.open(
                    self.url, method=method, json=body, headers=ALICE | {"If-Match": known}
                )

                self.assertEqual(response.status_code, 412, response.text)
                self.assertEqual(self.client.get(self.url).json["runtime"], 7)


class WithoutATurnTest(CachingTestCase):
    """Looks inside: a view in Flask's dictionary of views that forgets `with writing()`."""

    def test_version_column_refuses_what_was_read_before_another_wrote(self):
        def change_carelessly(movie_id):
            movie = db.session.get(Movie, movie_id)
            db.session.execute(text("UPDATE movie SET version = version + 1, runtime = 7"))
            movie.runtime = 1
            db.session.commit()

        endpoint = "v1.movies.change_movie"
        with mock.patch.dict(self.app.view_functions, {endpoint: change_carelessly}):
            response = self.client.patch(REBECCA["url"], json={}, headers=ALICE)

        self.assert_problem(response, 412, "Precondition Failed")


def made_longer_by_one(client, known):
    """Put a movie back a minute longer than it is known; 412 if somebody came between."""
    return client.patch(
        known.json["url"],
        json={"runtime": known.json["runtime"] + 1},
        headers=ALICE | {"If-Match": known.headers.get("ETag", "")},
    )
