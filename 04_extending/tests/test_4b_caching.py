"""4.b HTTP caching: an ETag spares work and saves changes, and Cache-Control says who may keep."""

import os
import random
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace
from unittest import mock

from cinema import create_app
from cinema.data.database import db
from cinema.data.models import Movie, Watchlist
from cinema.data.movie_rows import find_row
from cinema.http import caching
from cinema.http.caching import Cache, ForgivingCache, answers
from flask import Flask, g
from redis.exceptions import ConnectionError as RedisIsGone
from sqlalchemy import event

from tests import (
    ALICE,
    BOB,
    METROPOLIS,
    REBECCA,
    SETTINGS,
    ApiTestCase,
    ServerTestCase,
    basic,
    urls_of,
)

JSON, JSON_LD, TEXT = "application/json", "application/ld+json", "text/plain"
FRIDAY_NIGHT = "/v1/watchlists/friday-night"
SATURDAY = "/v1/watchlists/saturday"
SECRET = "/v1/watchlists/secret"  # of bob
LISTS = ("/v1/movies", "/v2/movies", "/v1/watchlists", "/v2/watchlists")
ENTITIES = (REBECCA["url"], "/v2/movies/3", FRIDAY_NIGHT, "/v2/watchlists/friday-night")
VERSIONED = (*LISTS, *ENTITIES)
NOT_VERSIONED = {  # nothing is ever written there, or its reader alone could have it
    "/",
    "/v1/context",
    "/v1/documentation",
    "/v1/session",
    "/v1/signing-key",
    "/v2/context",
    "/v2/documentation",
    "/v2/session",
    "/v2/signing-key",
}
CHANGES = [  # what may be done to what is there
    ("PUT", REBECCA["url"], {**METROPOLIS, "title": "Rebecca"}),
    ("PATCH", REBECCA["url"], {"runtime": 130}),
    ("DELETE", REBECCA["url"], None),
    ("PUT", FRIDAY_NIGHT, {"title": "Friday", "movies": [2]}),
    ("PATCH", FRIDAY_NIGHT, {"title": "Friday"}),
    ("DELETE", FRIDAY_NIGHT, None),
]
NOW = 1000.0  # of a clock that stands still


class CachingTestCase(ApiTestCase):
    """Three watchlists: two of alice, which all may see, and one that is bob's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = cls.app.test_client()
        cls.put(FRIDAY_NIGHT, ALICE, title="Two nights", movies=[1, 3])
        cls.put(SATURDAY, ALICE, title="Saturday", movies=[2])
        cls.put(SECRET, BOB, title="Secret", private=True)
        cls.snapshot = cls.database.serialize()

    @classmethod
    def put(cls, url, headers, **members):
        return cls.client.put(url, json=members, headers=headers)

    def get(self, url, accept=JSON, credentials=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(url, headers={"Accept": accept} | (credentials or {}) | named)

    def tag(self, url, accept=JSON, credentials=None):
        return self.get(url, accept, credentials).headers["ETag"]

    def tags(self):
        """Return the ETags of everything that bob may see."""
        return {url: self.tag(url, credentials=BOB) for url in (*VERSIONED, SATURDAY, SECRET)}

    def change(self, method, url, body=None, credentials=ALICE, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(url, method=method, json=body, headers=credentials | named)


class ETagTest(CachingTestCase):
    """Every answer that may change has a name for its version."""

    def test_every_route_that_can_change_has_an_etag(self):
        read_only = ("/errors", "/.well-known", "/v1/api", "/v2/api", "/docs", "/openapi")
        urls = [url for url in urls_of(self.app) if not url.startswith(read_only)]

        versioned = {url for url in urls if "ETag" in self.get(url, credentials=ALICE).headers}

        self.assertEqual(versioned | NOT_VERSIONED, set(urls))
        self.assertEqual(versioned, set(VERSIONED))

    def test_etag_is_strong(self):
        for url in VERSIONED:
            with self.subTest(url=url):
                self.assertRegex(self.tag(url), '^"[!-~]+"$', "no W/: bytes are what it names")

    def test_each_representation_and_each_reader_has_an_etag_of_its_own(self):
        readers = (None, ALICE, BOB)
        for url in VERSIONED:
            kinds = (JSON, JSON_LD, TEXT) if "movies" in url else (JSON, JSON_LD)
            with self.subTest(url=url):
                tags = {self.tag(url, accept, who) for accept in kinds for who in readers}

                self.assertEqual(len(tags), len(kinds) * len(readers))

    def test_etag_is_the_same_for_the_same(self):
        for url in VERSIONED:
            with self.subTest(url=url):
                self.assertEqual(self.tag(url), self.tag(url))
                self.assertEqual(self.tag(url, JSON_LD, ALICE), self.tag(url, JSON_LD, ALICE))

    def test_head_has_the_etag_of_get(self):
        for url in VERSIONED:
            with self.subTest(url=url):
                response = self.client.head(url)

                self.assertEqual(response.headers["ETag"], self.tag(url))

    def test_change_to_a_movie_changes_its_tag_and_that_of_the_lists_it_is_on(self):
        for method, body in (
            ("PUT", METROPOLIS),
            ("PATCH", {"runtime": 130}),
            ("PATCH", {"imdb_id": None}),
        ):
            with self.subTest(method=method, body=body):
                before = self.tags()

                self.change(method, REBECCA["url"], body)

                changed = {url for url, tag in self.tags().items() if tag != before[url]}
                self.assertEqual(
                    changed, {REBECCA["url"], "/v2/movies/3", "/v1/movies", "/v2/movies"}
                )

    def test_change_to_a_watchlist_changes_its_tag_and_that_of_the_list(self):
        for method, body in (
            ("PUT", {"title": "Two nights", "movies": [3, 1]}),
            ("PATCH", {"title": "Three nights"}),
            ("PATCH", {"movies": [1]}),
            ("PATCH", {"private": True}),
            ("PATCH", {"private": False}),
        ):
            with self.subTest(method=method, body=body):
                before = self.tags_of_alice()

                response = self.change(method, FRIDAY_NIGHT, body)

                changed = {url for url, tag in self.tags_of_alice().items() if tag != before[url]}
                self.assertEqual(response.status_code, 200)
                self.assertEqual(
                    changed,
                    {url for url in VERSIONED if url.endswith(("/watchlists", "/friday-night"))},
                )

    def tags_of_alice(self):
        return {url: self.tag(url, credentials=ALICE) for url in (*VERSIONED, SATURDAY)}

    def test_new_movie_changes_the_tags_of_the_lists_of_movies_only(self):
        before = self.tags()

        self.create_movie()

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, {"/v1/movies", "/v2/movies"})

    def test_deleted_movie_changes_the_watchlists_that_it_was_on(self):
        before = self.tags()

        self.change("DELETE", "/v1/movies/1")

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, {*LISTS, FRIDAY_NIGHT, "/v2/watchlists/friday-night"})

    def test_deleted_movie_that_was_on_no_watchlist_changes_the_lists_of_movies_only(self):
        movie = self.change("POST", "/v1/movies", METROPOLIS)
        before = self.tags()

        self.change("DELETE", movie.headers["Location"])

        changed = {url for url, tag in self.tags().items() if tag != before[url]}
        self.assertEqual(changed, {"/v1/movies", "/v2/movies"})

    def test_watchlist_that_was_deleted_and_made_again_has_another_tag(self):
        before = self.tag(SATURDAY)
        self.change("DELETE", SATURDAY)

        self.put(SATURDAY, ALICE, title="Saturday", movies=[2])

        self.assertNotEqual(self.tag(SATURDAY), before)

    def test_change_that_changes_nothing_keeps_every_tag(self):
        friday = {"title": "Two nights", "movies": [1, 3], "private": False}
        for method, url, body in (
            ("PUT", REBECCA["url"], REBECCA),
            ("PATCH", REBECCA["url"], {}),
            ("PATCH", REBECCA["url"], {"runtime": REBECCA["runtime"]}),
            ("PUT", FRIDAY_NIGHT, friday),
            ("PATCH", FRIDAY_NIGHT, {}),
            ("PATCH", FRIDAY_NIGHT, {"movies": [1, 3]}),
        ):
            with self.subTest(method=method, url=url, body=body):
                before = self.tags()

                response = self.change(method, url, body)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(self.tags(), before, "nothing has changed, so no tag should")

    def test_change_that_is_refused_keeps_every_tag(self):
        for method, url, body in (
            ("POST", "/v1/movies", {"title": "Metropolis"}),
            ("POST", "/v1/movies", {**METROPOLIS, "imdb_id": REBECCA["imdb_id"]}),
            ("PUT", REBECCA["url"], {}),
            ("PATCH", REBECCA["url"], {"runtime": 130, "year": 0}),
            ("PATCH", FRIDAY_NIGHT, {"movies": [999]}),
            ("DELETE", SECRET, None),
        ):
            with self.subTest(method=method, url=url, body=body):
                before = self.tags()

                response = self.change(method, url, body)

                self.assertGreaterEqual(response.status_code, 400)
                self.assertEqual(self.tags(), before)

    def test_answer_to_put_has_no_etag(self):
        """What is kept is not, to the byte, what was sent (RFC 9110, section 9.3.4)."""
        for url, body in ((REBECCA["url"], METROPOLIS), ("/v1/watchlists/new", {"title": "New"})):
            with self.subTest(url=url):
                response = self.change("PUT", url, body)

                self.assertIn(response.status_code, (200, 201))
                self.assertNotIn("ETag", response.headers)

    def test_answer_to_post_and_patch_has_the_etag_with_which_one_goes_on(self):
        self.change("PUT", "/v1/watchlists/new", {"title": "New"})
        for method, url, body in (
            ("POST", "/v1/movies", METROPOLIS),
            ("PATCH", REBECCA["url"], {"runtime": 130}),
            ("PATCH", "/v1/watchlists/new", {"title": "Newer"}),
        ):
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body)

                there = response.headers.get("Location", url)
                self.assertEqual(
                    response.headers["ETag"], self.client.get(there, headers=ALICE).headers["ETag"]
                )


class NotModifiedTest(CachingTestCase):
    """Who has this version already gets 304, and we have had almost no work."""

    def test_known_version_is_304_for_get_and_head(self):
        for url in VERSIONED:
            for method in ("GET", "HEAD"):
                with self.subTest(method=method, url=url):
                    headers = {"If-None-Match": self.tag(url)}

                    response = self.client.open(url, method=method, headers=headers)

                    self.assertEqual(response.status_code, 304)
                    self.assertEqual(response.data, b"")

    def test_304_has_the_fields_that_the_200_would_have_and_no_others(self):
        """RFC 9110, section 15.4.5; the server adds Date."""
        for url in VERSIONED:
            for credentials in (None, ALICE):
                with self.subTest(url=url, credentials=credentials):
                    full = self.get(url, credentials=credentials)

                    response = self.get(
                        url, credentials=credentials, If_None_Match=full.headers["ETag"]
                    )

                    self.assertEqual(
                        sorted(response.headers),
                        sorted((name, full.headers[name]) for name in self.fields_of_304()),
                    )

    def fields_of_304(self):
        return "Cache-Control", "ETag", "Vary"

    def test_304_to_a_reader_with_a_session_has_the_same_fields(self):
        self.client.post("/v1/session", json={"name": "bob", "password": SETTINGS["PASSWORD"]})
        full = self.get(SECRET)

        response = self.get(SECRET, If_None_Match=full.headers["ETag"])

        self.assertEqual(response.status_code, 304)
        self.assertEqual(sorted(dict(response.headers)), sorted(self.fields_of_304()))

    def test_tags_are_compared_weakly_and_one_of_them_is_enough(self):
        for url in (REBECCA["url"], "/v1/movies", FRIDAY_NIGHT):
            tag = self.tag(url)
            for sent, status in (
                (tag, 304),
                (f"W/{tag}", 304),
                (f'"other", {tag}', 304),
                (f'"other",W/{tag} , "third"', 304),
                ("*", 304),
                ('"other"', 200),
                ('W/"other"', 200),
                (tag.strip('"')[:-1], 200),
                (self.tag(url, JSON_LD), 200),
                (self.tag(url, JSON, ALICE), 200),
            ):
                with self.subTest(url=url, sent=sent):
                    response = self.get(url, If_None_Match=sent)

                    self.assertEqual(response.status_code, status)

    def test_old_tag_brings_the_new_version(self):
        old = self.tag(REBECCA["url"])
        self.change("PATCH", REBECCA["url"], {"runtime": 130})

        response = self.get(REBECCA["url"], If_None_Match=old)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA | {"runtime": 130})
        self.assertNotEqual(response.headers["ETag"], old)

    def test_304_costs_one_statement_for_the_version_alone(self):
        for url in VERSIONED:
            headers = {"If-None-Match": self.tag(url)}
            self.forget_answers()
            with self.subTest(url=url):
                statements = self.statements_of(url, headers)

                self.assertEqual(len(statements), 1, "the version should be asked for, no more")
                self.assertNotRegex(statements[0], "title|runtime|watchlist_item")

    def test_304_is_decided_before_anything_is_loaded(self):
        for url in VERSIONED:
            headers = {"If-None-Match": self.tag(url)}
            self.forget_answers()
            with self.subTest(url=url), nothing_is_loaded():
                response = self.client.get(url, headers=headers)

                self.assertEqual(response.status_code, 304)

    def test_dates_and_ranges_are_ignored_where_nothing_has_a_date(self):
        """RFC 9110, sections 13.1.3, 13.1.4 and 14.2."""
        long_ago, one_day = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
        for headers in (
            {"If-Modified-Since": one_day},
            {"If-Unmodified-Since": long_ago},
            {"Range": "bytes=0-1"},
            {"Range": "bytes=0-1", "If-Range": self.tag(REBECCA["url"])},
        ):
            with self.subTest(headers=headers):
                response = self.client.get(REBECCA["url"], headers=headers)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json, REBECCA)

    def test_if_match_of_a_get_is_compared_strongly(self):
        for url in VERSIONED:
            tag = self.tag(url)
            for sent, status in (
                (tag, 200),
                (f'"other", {tag}', 200),
                ("*", 200),
                ('"other"', 412),
                (f"W/{tag}", 412),
                (self.tag(url, JSON_LD), 412),
            ):
                with self.subTest(url=url, sent=sent):
                    response = self.get(url, If_Match=sent)

                    self.assertEqual(response.status_code, status)

    def test_if_match_comes_before_if_none_match(self):
        tag = self.tag(REBECCA["url"])

        stale = self.get(REBECCA["url"], If_Match='"other"', If_None_Match=tag)
        current = self.get(REBECCA["url"], If_Match=tag, If_None_Match=tag)

        self.assert_problem(stale, 412, "Precondition Failed")
        self.assertEqual(current.status_code, 304)

    def test_answer_that_is_no_200_is_the_same_with_conditions(self):
        """RFC 9110, section 13.2.1."""
        for url, headers, status in (
            ("/v1/movies/999", {}, 404),
            ("/v1/watchlists/none", {}, 404),
            (SECRET, {}, 404),
            ("/v1/movies?page=junk", {}, 400),
            ("/v2/movies?cursor=junk", {}, 400),
            ("/v1/watchlists?per_page=0", {}, 400),
            ("/v2/watchlists?per_page=0", {}, 400),
            ("/v1/movies/3?serialize=junk", {}, 400),
            (REBECCA["url"], basic("alice", "wrong"), 401),
            (REBECCA["url"], {"Accept": "image/png"}, 406),
        ):
            for condition in ({"If-None-Match": "*"}, {"If-Match": '"stale"'}):
                with self.subTest(url=url, condition=condition):
                    response = self.client.get(url, headers=headers | condition)

                    self.assertEqual(response.status_code, status)


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
        first = self.put_back(self.first, {"If_Match": self.first.headers["ETag"]}, runtime=130)
        second = self.put_back(self.second, {"If_Match": self.second.headers["ETag"]}, year=1941)

        again = self.get(REBECCA["url"])
        third = self.put_back(again, {"If_Match": again.headers["ETag"]}, year=1941)

        statuses = [first.status_code, second.status_code, third.status_code]
        self.assertEqual(statuses, [200, 412, 200])
        self.assertEqual(self.get(REBECCA["url"]).json, REBECCA | {"runtime": 130, "year": 1941})


class RaceTest(ServerTestCase):
    """The same with a database that is a file, and with changes that come all at once."""

    def setUp(self):
        super().setUp()
        self.client = self.app.test_client()
        self.url = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE).json["url"]

    def test_of_a_thousand_racing_changes_none_is_lost(self):
        def make_longer(_):
            client = self.app.test_client()
            known = client.get(self.url)
            for _ in range(250):
                while (changed := made_longer_by_one(client, known)).status_code == 412:
                    known = client.get(self.url)
                known = changed

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(make_longer, range(4)))

        runtime = self.client.get(self.url).json["runtime"]
        self.assertEqual(runtime, METROPOLIS["runtime"] + 1000)

    def test_version_that_changes_behind_our_back_is_412(self):
        """The condition of the UPDATE itself, for what was read before it was our turn."""
        self.app.before_request_funcs[None].append(self.read_and_let_another_write)

        response = self.client.patch(self.url, json={"runtime": 1}, headers=ALICE)

        self.assertEqual(response.status_code, 412)
        self.assertEqual(response.json["detail"], "Somebody else was faster: read it again.")
        self.app.before_request_funcs[None].pop()
        self.assertEqual(self.client.get(self.url).json["runtime"], 7)

    def test_row_that_changes_behind_our_back_is_412(self):
        with self.app.app_context(), db.engine.connect() as connection:
            known = find_row(connection, 1)
        outdated = known._asdict() | {"version": known.version - 1}

        with mock.patch("cinema.api.movies.find_row", return_value=SimpleNamespace(**outdated)):
            response = self.client.put(self.url, json=METROPOLIS | {"runtime": 1}, headers=ALICE)

        self.assertEqual(response.status_code, 412)
        self.assertEqual(self.client.get(self.url).json["title"], known.title)

    def test_put_writes_the_columns_that_change_and_no_others(self):
        """Whoever writes a column writes its index, too, even if the value stays as it was."""
        statements = []
        with self.app.app_context():
            listener = db.engine, "before_cursor_execute", lambda *call: statements.append(call[2])
        event.listen(*listener)
        self.addCleanup(event.remove, *listener)

        self.client.put(self.url, json=METROPOLIS | {"runtime": 1}, headers=ALICE)

        (statement,) = (each for each in statements if each.startswith("UPDATE movie"))
        columns = statement.partition(" SET ")[2].partition(" WHERE ")[0].split(", ")
        self.assertEqual([column.partition("=")[0] for column in columns], ["runtime", "version"])

    def read_and_let_another_write(self):
        g.movie = db.session.get(Movie, 1)
        another = sqlite3.connect(f"{self.folder}/cinema.db")
        with another:
            another.execute("UPDATE movie SET version = version + 1, runtime = 7")
        another.close()


class CacheControlTest(CachingTestCase):
    """Every answer says who may keep it."""

    def test_every_answer_everywhere_says_who_may_keep_it(self):
        client = self.app.test_client(use_cookies=False)  # so that it sends what we write
        reads = ("GET", "HEAD")
        others = ("OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "UNHEARD-OF")
        for url in urls_of(self.app):
            for who in ({}, ALICE, {"Cookie": "session=junk"}):
                for method in (*reads, *others) if who is ALICE else reads:
                    with self.subTest(method=method, url=url, who=who):
                        response = client.open(url, method=method, headers=who, buffered=True)

                        self.assert_right_cache_control(response, method, who)

    def assert_right_cache_control(self, response, method, credentials):
        told = response.headers.get("Cache-Control", "nothing")
        if method not in ("GET", "HEAD") or response.status_code not in (200, 304):
            self.assertEqual(told, "no-store")
        elif credentials:
            self.assertIn(told, ("private, no-cache", "no-store"))
        else:
            self.assertEqual(told, "public, max-age=5, stale-if-error=600")

    def test_answers_to_who_has_shown_credentials_are_asked_for_again_each_time(self):
        for url in VERSIONED:
            with self.subTest(url=url):
                response = self.get(url, credentials=ALICE)

                self.assertEqual(response.headers["Cache-Control"], "private, no-cache")

    def test_304_says_what_the_200_says(self):
        for credentials in (None, ALICE):
            for url in VERSIONED:
                with self.subTest(url=url, credentials=credentials):
                    full = self.get(url, credentials=credentials)

                    response = self.get(
                        url, credentials=credentials, If_None_Match=full.headers["ETag"]
                    )

                    self.assertEqual(response.status_code, 304)
                    self.assert_right_cache_control(response, "GET", credentials)

    def test_what_has_changed_something_is_not_kept(self):
        changes = [
            ("POST", "/v1/movies", METROPOLIS, 201),
            ("PUT", "/v1/watchlists/sunday", {"title": "New"}, 201),
            ("POST", "/v1/signing-key", None, 201),
            *((*change, 204 if change[0] == "DELETE" else 200) for change in CHANGES),
        ]
        for method, url, body, status in changes:
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body)

                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers["Cache-Control"], "no-store")
                self.begin_again()

    def test_nobody_keeps_a_session_or_a_key(self):
        login = {"name": "bob", "password": SETTINGS["PASSWORD"]}

        response = self.client.post("/v1/session", json=login)
        session = self.client.get("/v1/session")
        self.client.post("/v1/signing-key", headers=BOB)
        key = self.client.get("/v1/signing-key", headers=BOB)

        for answer in (response, session, key):
            self.assertIn(answer.status_code, (200, 201))
            self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_an_error_is_not_kept(self):
        defect = mock.patch("cinema.api.lists_by_page.find_movies", side_effect=RuntimeError)
        with defect, self.assertLogs("cinema"):
            failed = self.get("/v1/movies")

        missing, signed = self.get("/v1/movies/999"), self.get("/v1/movies", Signature_Input="x")
        for response, status in ((failed, 500), (missing, 404), (signed, 401)):
            with self.subTest(status=status):
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_setting_says_for_how_long(self):
        with mock.patch.dict(self.app.config, PUBLIC_MAX_AGE=60):
            response = self.get(REBECCA["url"])

        self.assertEqual(
            response.headers["Cache-Control"], "public, max-age=60, stale-if-error=600"
        )

    def test_vary_names_all_that_an_answer_depends_on(self):
        for url in (*VERSIONED, "/"):
            for credentials in (None, ALICE, basic("alice", "wrong")):
                with self.subTest(url=url, credentials=credentials):
                    response = self.get(url, credentials=credentials)

                    self.assertEqual(
                        response.headers.getlist("Vary"),
                        ["Accept, Authorization, Cookie, Signature-Input"],
                    )


class ApplicationCacheTest(CachingTestCase):
    """What we have answered before, we need not make again."""

    def test_second_answer_costs_one_statement_for_the_version(self):
        for url in VERSIONED:
            for accept in (JSON, JSON_LD):
                headers = {"Accept": accept}
                with self.subTest(url=url, accept=accept):
                    first = self.statements_of(url, headers)

                    second = self.statements_of(url, headers)

                    self.assertGreater(len(first), 1)
                    self.assertEqual(len(second), 1)

    def test_second_answer_is_not_made_again(self):
        for url in VERSIONED:
            first = self.get(url)
            with self.subTest(url=url), nothing_is_loaded():
                second = self.get(url)

                self.assertEqual(second.status_code, 200)
                self.assertEqual(second.data, first.data)

    def test_answer_from_the_cache_is_the_same_to_the_byte(self):
        for url in (*VERSIONED, "/v1/movies?per_page=1&page=2", "/v1/movies/3?serialize=false"):
            for accept in (JSON, JSON_LD, TEXT):
                for who in (None, ALICE, BOB):
                    with self.subTest(url=url, accept=accept, who=who):
                        made, cached = (whole(self.get(url, accept, who)) for _ in range(2))

                        with no_cache():
                            uncached = whole(self.get(url, accept, who))

                        self.assertEqual(cached, made)
                        self.assertEqual(uncached, made)

    def test_head_after_get_has_its_fields(self):
        for url in VERSIONED:
            with self.subTest(url=url):
                full = self.get(url)

                response = self.client.head(url)

                self.assertEqual(whole(response)[1], whole(full)[1])
                self.assertEqual(response.data, b"")

    def test_cache_never_shows_what_was(self):
        randomly = random.Random(4)  # noqa: S311 (the same each time)
        for _ in range(40):
            method, url, body, who = self.random_change(randomly)
            self.change(method, url, body, who)
            for reader in (None, ALICE, BOB):
                url = randomly.choice((*VERSIONED, SECRET))
                accept = randomly.choice((JSON, JSON_LD))

                cached = whole(self.get(url, accept, reader))

                with no_cache():
                    self.assertEqual(cached, whole(self.get(url, accept, reader)))

    def random_change(self, randomly):
        number = randomly.randint(1, 999)
        movies = randomly.sample((1, 2, 3), randomly.randint(0, 3))
        movie = {**METROPOLIS, "runtime": number, "imdb_id": None}
        watchlist = {"title": str(number), "movies": movies}
        private = {"private": randomly.choice((True, False))}
        movie_url = f"/v{randomly.choice('12')}/movies/{randomly.choice('1233')}"
        watchlist_url = randomly.choice((FRIDAY_NIGHT, "/v2/watchlists/friday-night", SECRET))
        who = BOB if watchlist_url == SECRET else ALICE
        return randomly.choice(
            (
                ("POST", "/v1/movies", movie, ALICE),
                ("PUT", movie_url, movie, ALICE),
                ("PATCH", movie_url, {"runtime": number}, ALICE),
                ("DELETE", f"/v1/movies/{randomly.randint(1, 9)}", None, ALICE),
                ("PUT", watchlist_url, watchlist, who),
                ("PATCH", watchlist_url, private, who),
                ("DELETE", watchlist_url, None, who),
            )
        )

    def test_what_one_reader_may_see_is_not_shown_to_another(self):
        for url in ("/v1/watchlists", "/v2/watchlists"):
            with self.subTest(url=url):
                names = [
                    [watchlist["name"] for watchlist in self.get(url, JSON, who).json["watchlists"]]
                    for who in (BOB, ALICE, None, BOB)
                ]

                every, public = ["friday-night", "saturday", "secret"], ["friday-night", "saturday"]
                self.assertEqual(names, [every, public, public, every])

    def test_private_watchlist_in_the_cache_is_hidden_from_others(self):
        self.get(SECRET, credentials=BOB)

        for who in (None, ALICE):
            with self.subTest(who=who):
                response = self.get(SECRET, credentials=who)

                self.assert_problem(response, 404, "Not Found")

    def test_operations_that_are_offered_are_those_of_the_reader(self):
        counts = [
            len(self.get(REBECCA["url"], JSON_LD, who).json["operation"])
            for who in (ALICE, None, BOB, ALICE)
        ]

        self.assertEqual(counts, [3, 0, 0, 3])

    def test_versions_and_hosts_are_kept_apart(self):
        for url in (REBECCA["url"], "/v2/movies/3"):
            for host in ("a.example", "b.example"):
                with self.subTest(url=url, host=host):
                    response = self.get(url, JSON_LD, Host=host)

                    self.assertEqual(response.json["@id"], f"http://{host}{url}")

    def test_key_is_short_however_long_the_url(self):
        with mock.patch.object(answers, "set") as keep:
            for length in (0, 1, 6000):
                self.get(f"/v1/movies?ignored={'é' * length}")

        keys = [call.args[0] for call in keep.call_args_list]
        self.assertEqual([len(key) for key in keys], [64, 64, 64])

    def test_error_is_not_kept(self):
        with mock.patch.object(answers, "set") as keep:
            self.get("/v1/movies/999")
            self.get("/v1/movies?page=junk")
            self.get(REBECCA["url"], accept="image/png")

        keep.assert_not_called()

    def test_answer_of_an_old_version_never_comes_back(self):
        self.get(SATURDAY)
        self.change("DELETE", SATURDAY)
        gone = self.get(SATURDAY)

        self.put(SATURDAY, ALICE, title="Another", movies=[1])

        self.assertEqual(gone.status_code, 404)
        self.assertEqual(self.get(SATURDAY).json["title"], "Another")


class RememberedTotalTest(CachingTestCase):
    def test_total_is_remembered_for_the_next_page_and_new_after_a_write(self):
        first = self.statements_of("/v1/movies?per_page=1")
        second = self.statements_of("/v1/movies?per_page=1&page=2")
        self.change("POST", "/v1/movies", METROPOLIS)

        after = self.client.get("/v1/movies?per_page=1")

        self.assertEqual((len(first), len(second)), (3, 2), "the second page need not count")
        self.assertEqual(after.json["total"], 4)

    def test_totals_of_two_questions_are_kept_apart(self):
        totals = [
            self.client.get(f"/v1/movies?per_page=1{filters}").json["total"]
            for filters in ("", "&year=1940", "&q=Rebecca&year=1940", "&director=Alfred+Hitchcock")
        ]

        self.assertEqual(totals, [3, 3, 1, 1])


class CacheThatIsGoneTest(ApiTestCase):
    """The death of the cache's server slows the API, and does not break it."""

    def setUp(self):
        super().setUp()
        self.clock = self.enterContext(mock.patch("cinema.http.caching.time.monotonic"))
        self.clock.return_value = NOW
        self.addCleanup(setattr, answers, "left_alone_until", 0)

    def failing(self, *results):
        return self.enterContext(mock.patch.object(Cache, "get", side_effect=results))

    def test_answers_go_on_and_one_warning_is_logged(self):
        self.failing(RedisIsGone("Connection refused."))

        with self.assertLogs("cinema", "WARNING") as logs:
            statuses = [self.client.get("/v1/movies").status_code for _ in range(3)]

        self.assertEqual(statuses, [200, 200, 200])
        self.assertEqual(len(logs.output), 1)
        self.assertIn("The cache does not answer: Connection refused.", logs.output[0])

    def test_cache_is_left_alone_for_five_seconds_and_then_asked_again(self):
        ask = self.failing(RedisIsGone, None, None)
        with self.assertLogs("cinema", "WARNING"):
            self.client.get("/v1/movies")

        asked = []
        for seconds in (0, 4.9, 5.1, 5.2):
            self.clock.return_value = NOW + seconds
            self.client.get("/v1/movies")
            asked.append(ask.call_count)

        self.assertEqual(asked, [1, 1, 2, 3])

    def test_one_warning_for_each_time_it_was_asked_in_vain(self):
        self.failing(RedisIsGone, RedisIsGone)

        with self.assertLogs("cinema", "WARNING") as logs:
            for seconds in (0, 1, 5.1, 6):
                self.clock.return_value = NOW + seconds
                self.client.get("/v1/movies")

        self.assertEqual(len(logs.output), 2)

    def test_answer_that_cannot_be_kept_is_given_all_the_same(self):
        failing = mock.patch.object(Cache, "set", side_effect=RedisIsGone)
        with failing, self.assertLogs("cinema", "WARNING"):
            response = self.client.get(REBECCA["url"])

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)


class SharedCacheTest(ServerTestCase):
    """With CACHE_URL, answers and counts are kept by a server of their own."""

    def start(self, name, **settings):
        with mock.patch.dict(SETTINGS, settings):
            return super().start(name)

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, answers, "left_alone_until", 0)

    def test_api_starts_and_answers_while_nobody_is_there(self):
        client = self.start("other.db", CACHE_URL=nobody_there()).test_client()

        with self.assertLogs("cinema", "WARNING"):
            statuses = [client.get("/v1/movies").status_code for _ in range(2)]

        self.assertEqual(statuses, [200, 200])

    def test_what_is_no_url_of_a_cache_is_refused_at_the_start(self):
        for url in ("nonsense", "http://127.0.0.1", "redis://localhost:99999"):
            with self.subTest(url=url):
                app = Flask("cinema")
                app.config["CACHE_URL"] = url

                with self.assertRaisesRegex(ValueError, "scheme|[Pp]ort"):
                    caching.init_app(app)

    def test_requests_are_counted_here_while_nobody_is_there(self):
        app = self.start("other.db", CACHE_URL=nobody_there(), RATE_LIMIT="3 per minute")
        client = app.test_client()

        with self.assertLogs("cinema", "WARNING"):
            answers_given = [client.get("/v1/movies") for _ in range(4)]

        self.assertEqual([each.status_code for each in answers_given], [200, 200, 200, 429])
        self.assertRegex(answers_given[1].headers["RateLimit"], '^"requests";r=1;t=[0-9]+$')
        self.assertIn("Retry-After", answers_given[3].headers)


def made_longer_by_one(client, known):
    """Put a movie back a minute longer than it is known; 412 if somebody came between."""
    return client.patch(
        known.json["url"],
        json={"runtime": known.json["runtime"] + 1},
        headers=ALICE | {"If-Match": known.headers["ETag"]},
    )


def whole(response):
    """Return all of an answer but what differs from one request to the next."""
    headers = [(name, value) for name, value in response.headers if name != "RateLimit"]
    return response.status_code, sorted(headers), response.data


def no_cache():
    return mock.patch.multiple(ForgivingCache, get=mock.Mock(return_value=None), set=mock.Mock())


def nothing_is_loaded():
    """Fail if anything of a movie or a watchlist is loaded or shown."""
    stop = mock.Mock(side_effect=AssertionError("the view should not have run"))
    finders = [
        *(f"cinema.api.lists_by_page.{name}" for name in ("find_movies", "find_watchlists")),
        *(
            f"cinema.api.lists_by_cursor.{name}"
            for name in ("find_movies_from", "find_watchlists_from")
        ),
        "cinema.api.movies.find_movie",
        "cinema.api.watchlists.find_watchlist",
    ]
    patches = ExitStack()
    for name in finders:
        patches.enter_context(mock.patch(name, stop))
    for model in (Movie, Watchlist):
        patches.enter_context(mock.patch.object(model, "serialize", stop))
    return patches


def nobody_there():
    """Return the URL of a cache on a port where nobody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"
