"""4.e What pays: with each technique of fast/, and with all, the answers are the same."""

import os
import re
import sqlite3
from contextlib import closing, redirect_stdout
from functools import partial
from io import StringIO
from itertools import count
from runpy import run_module
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import MagicMock, patch

import cinema
import fast
from cinema.data.database import db, writing
from cinema.users.commands import add_first_users
from fast import counters, proven_passwords
from limits import parse

from . import (
    ALICE,
    BOB,
    KITTY_FOYLE,
    METROPOLIS,
    PRIDE_AND_PREJUDICE,
    REBECCA,
    SETTINGS,
    basic,
    movie_of,
)

LD, TEXT = {"Accept": "application/ld+json"}, {"Accept": "text/plain"}
CHANGED = METROPOLIS | {"runtime": 145}
READS = (
    *(("GET", path, {}) for path in ("/", "/v1", "/v1/movies/3", "/v1/movies/99", "/v3", "/v1//x")),
    *(
        ("GET", f"{path}?{query}", {"headers": headers})
        for path in ("/v1/movies", "/v2/movies")
        for query in ("per_page=1", "year=1940&director=Sam+Wood", "q=k&sort=title")
        for headers in ({}, LD, TEXT)
    ),
    *(("GET", "/v1/movies", {"headers": headers}) for headers in ({}, ALICE)),
    ("GET", "/v1/movies?page=2&per_page=2", {}),
    ("GET", "/v1/movies?page=9", {}),
    ("GET", "/v2/movies?per_page=1&sort=-year&cursor=WyIteWVhciIsMTk0MCwzXQ", {}),
    ("GET", "/v2/movies?cursor=junk", {}),
    ("GET", "/v1/movies?serialize=false", {}),
    ("GET", "/v1/movies?year=junk&sort=x", {}),
    ("GET", "/v1/movies/3?serialize=false", {}),
    *(("GET", "/v1/movies/3", {"headers": headers}) for headers in (LD, TEXT, {"Accept": "a/b"})),
    *(
        ("GET", "/v1/movies/3", {"headers": {"If-None-Match": tags}})
        for tags in ('"3-json"', 'W/"3-json"', '"3-ld", "3-json"', '"2-json"', "*", "junk")
    ),
    ("GET", "/v1/movies/3", {"headers": {"If-Match": '"9"'}}),
    *(("GET", "/v1/movies/3", {"headers": {name: ""}}) for name in ("Authorization", "Cookie")),
    ("HEAD", "/v1/movies", {}),
    ("OPTIONS", "/v1/movies", {}),
    ("BREW", "/v1/movies", {}),
    ("GET", "/v1/watchlists", {}),
    ("GET", "/v1/session", {}),
    *(("GET", path, {}) for path in ("/", "/openapi.yaml")),
    *(
        ("GET", path, {"headers": {"Authorization": "Basic junk"}})
        for path in ("/v1/movies/3", "/", "/openapi.yaml", "/nothing")
    ),
    *(("GET", "/v1/movies/3", {"headers": basic(who, "a guess")}) for who in ("alice", "nobody")),
)
WRITES = (
    ("POST", "/v1/movies", {"json": METROPOLIS}),
    ("POST", "/v1/movies", {"json": METROPOLIS, "headers": BOB}),
    ("POST", "/v1/movies", {"json": METROPOLIS, "headers": ALICE}),
    ("POST", "/v1/movies", {"json": METROPOLIS, "headers": ALICE}),  # its imdb_id is taken
    ("POST", "/v1/movies", {"json": METROPOLIS | {"imdb_id": None}, "headers": ALICE | LD}),
    ("POST", "/v1/movies", {"json": {"title": "", "x": 1}, "headers": ALICE}),
    ("POST", "/v1/movies", {"data": "junk", "headers": ALICE}),
    *(
        ("POST", "/v1/movies", {"json": KITTY_FOYLE | {"id": 9, "url": "x"}, "headers": key})
        for key in (ALICE | {"Idempotency-Key": "a"},) * 2
    ),
    *(("PUT", "/v1/movies/4", {"json": CHANGED, "headers": ALICE}) for _ in range(2)),
    ("PUT", "/v1/movies/4", {"json": REBECCA, "headers": ALICE}),  # says another id
    ("PUT", "/v1/movies/4", {"json": METROPOLIS, "headers": ALICE | {"If-Match": '"1"'}}),
    ("PUT", "/v1/movies/4", {"json": METROPOLIS, "headers": ALICE | {"Prefer": "return=minimal"}}),
    ("PUT", "/v2/movies/99", {"json": METROPOLIS, "headers": ALICE}),
    ("PATCH", "/v1/movies/4", {"json": {"year": 1928}, "headers": ALICE}),
    ("PUT", "/v1/watchlists/w", {"json": {"title": "W", "private": True}, "headers": BOB}),
    ("GET", "/v1/watchlists/w", {"headers": BOB}),
    ("GET", "/v1/watchlists/w", {}),
    ("DELETE", "/v1/movies/4", {"headers": ALICE}),
    ("GET", "/v1/movies/4", {}),
)


class FastTestCase(TestCase):
    """Applications whose databases are files: some techniques are for files only."""

    def setUp(self):
        self.folder = self.enterContext(TemporaryDirectory())

    def start(self, create_app, name="cinema", **settings):
        """Start an application of three movies and two users, in a file of this name."""
        path = f"{self.folder}/{name}.db"
        place = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"}
        app = create_app(SETTINGS | place | settings)
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
            with writing():
                for body in (KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA):
                    db.session.add(movie_of(body))
                    db.session.flush()
                add_first_users()
        return app

    def start_fast(self, *techniques, **settings):
        return self.start(
            lambda all_settings: fast.create_app(all_settings, techniques), **settings
        )


class SameAnswersTest(FastTestCase):
    def test_no_technique_changes_an_answer(self):
        asked = (*READS, *READS, *WRITES, *READS[:20])  # twice: the second may be kept
        expected = self.answers(cinema.create_app, "plain", asked)
        for name in (*fast.TECHNIQUES, "all"):
            with self.subTest(technique=name):
                create_app = partial(fast.create_app, techniques=[name])
                got = self.answers(create_app, name, asked)
                for request, ours, plain in zip(asked, got, expected, strict=True):
                    self.assertEqual(ours, plain, f"{request} should be answered the same")

    def answers(self, create_app, name, requests):
        client = self.start(create_app, name).test_client()
        responses = [client.open(path, method=method, **rest) for method, path, rest in requests]
        return [(each.status, each.data, fields(each)) for each in responses]

    def test_login_by_cookie_lasts(self):
        client = self.start_fast("all").test_client()

        login = client.post("/v1/session", json={"name": "bob", "password": SETTINGS["PASSWORD"]})
        csrf = {"X-CSRF-Token": login.json.get("csrf_token")}
        answers = [
            client.get("/v1/session"),
            client.put("/v1/watchlists/w", json={"title": "W"}, headers=csrf),
            client.delete("/v1/session", headers=csrf),
            client.get("/v1/session"),
        ]

        self.assertEqual([each.status_code for each in answers], [200, 201, 204, 404])


class AnswersTest(FastTestCase):
    """Answers that are kept in front of Flask are never out of date, and never another's."""

    def setUp(self):
        super().setUp()
        self.app = self.start_fast("answers")
        self.client = self.app.test_client()
        with self.app.app_context():
            if db.engine.dialect.name != "sqlite":
                self.skipTest("only SQLite tells a connection that another has written")

    def title(self, **request):
        return self.client.get("/v1/movies/3", **request).json["title"]

    def test_second_request_does_not_reach_flask(self):
        asked = []
        self.app.before_request(lambda: asked.append(1) and None)

        bodies = {self.client.get("/v1/movies/3").data for _ in range(3)}

        self.assertEqual((len(asked), len(bodies)), (1, 1))

    def test_change_through_the_api_is_seen_at_once(self):
        self.title()

        self.client.patch("/v1/movies/3", json={"title": "Manderley"}, headers=ALICE)

        self.assertEqual(self.title(), "Manderley")

    def test_change_by_another_program_is_seen_at_once(self):
        self.title()

        self.change("Manderley")

        self.assertEqual(self.title(), "Manderley")

    def test_answer_that_was_overtaken_while_it_was_made_is_not_kept(self):
        view = self.app.view_functions["v1.movies.get_movie"]

        def overtaken(**values):
            response = view(**values)
            self.change("Manderley")
            return response

        with patch.dict(self.app.view_functions, {"v1.movies.get_movie": overtaken}):
            before = self.title()

        self.assertEqual((before, self.title()), ("Rebecca", "Manderley"))

    def change(self, title):
        with closing(sqlite3.connect(f"{self.folder}/cinema.db")) as database, database:
            database.execute("UPDATE movie SET title = ?, version = 99 WHERE id = 3", [title])

    def test_not_modified_is_said_of_the_current_version_only(self):
        known = {"If-None-Match": self.client.get("/v1/movies/3").headers.get("ETag")}
        before = [self.client.get("/v1/movies/3", headers=known).status_code for _ in range(2)]

        self.change("Manderley")

        after = self.client.get("/v1/movies/3", headers=known).status_code
        self.assertEqual((before, after), ([304, 304], 200))

    def test_answer_for_a_reader_is_for_nobody_else(self):
        private = {"title": "Secret", "private": True}
        self.client.put("/v1/watchlists/w", json=private, headers=BOB)

        asked = [
            self.client.get("/v1/watchlists/w", headers=who).status_code
            for who in (BOB, {}, BOB, ALICE, {})
        ]

        self.assertEqual(asked, [200, 404, 200, 404, 404])

    def test_links_are_of_the_place_where_the_request_arrived(self):
        places = (
            "http://a.example",
            "https://a.example",
            "http://b.example/under",
            "http://a.example",
        )

        bodies = [
            self.client.get("/v1/movies/3", headers=LD, base_url=place).json for place in places
        ]

        self.assertEqual([body["@id"] for body in bodies], [f"{it}/v1/movies/3" for it in places])

    def test_what_a_proxy_says_of_the_request_is_obeyed(self):
        client = self.start_fast("answers", name="behind", TRUSTED_PROXIES=1).test_client()
        asked = [LD | {"X-Forwarded-Proto": scheme} for scheme in ("http", "https", "http")]

        bodies = [client.get("/v1/movies/3", headers=headers).json for headers in asked]

        schemes = [body["@id"].partition(":")[0] for body in bodies]
        self.assertEqual(schemes, ["http", "https", "http"])

    def test_database_that_is_locked_is_left_to_flask(self):
        locked = sqlite3.OperationalError("database is locked")
        with patch("fast.answers.Answers.answers_of_now", side_effect=locked):
            self.assertEqual(self.title(), "Rebecca")

    def test_database_in_memory_is_asked_each_time(self):
        app = fast.create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"}, ["all"])
        asked = []
        app.before_request(lambda: asked.append(1) and None)
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)

        for _ in range(2):
            app.test_client().get("/v1/movies")

        self.assertEqual(len(asked), 2)

    def test_kept_answers_count_for_the_limit(self):
        client = self.start_fast("answers", name="limited", RATE_LIMIT="3 per minute").test_client()

        answers = [client.get("/v1/movies/3") for _ in range(4)]

        left = [answer.headers.get("RateLimit", "").partition(";t=")[0] for answer in answers]
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 200, 429])
        self.assertEqual(left, [f'"requests";r={number}' for number in (2, 1, 0, 0)])


class ProvenPasswordsTest(FastTestCase):
    """The slow check is spared to those who passed it, and to nobody else."""

    def setUp(self):
        super().setUp()
        proven_passwords.proven.clear()
        self.app = self.start_fast("proven_passwords")
        self.client = self.app.test_client()
        self.checks = self.enterContext(  # the seam: who checks slowly, holds this lock
            patch("cinema.users.passwords.one_at_a_time", MagicMock())
        ).__enter__

    def ask(self, headers=ALICE):
        return self.client.get("/v1/movies/3", headers=headers).status_code

    def change_password(self, name):
        command = ["set-password", name, "--password", "a long and unusual phrase"]
        self.assertEqual(self.app.test_cli_runner().invoke(args=command).exit_code, 0)

    def test_right_password_is_checked_slowly_once(self):
        asked = [self.ask() for _ in range(3)]

        self.assertEqual((asked, self.checks.call_count), ([200] * 3, 1))

    def test_wrong_password_is_checked_each_time(self):
        asked = [self.ask(basic("alice", "a guess")) for _ in range(3)]

        self.assertEqual((asked, self.checks.call_count), ([401] * 3, 3))

    def test_old_password_is_refused_at_once_when_it_is_changed(self):
        before = self.ask()

        self.change_password("alice")

        self.assertEqual((before, self.ask()), (200, 401))

    def test_password_of_one_user_proves_no_other(self):
        self.change_password("bob")

        self.assertEqual((self.ask(ALICE), self.ask(BOB)), (200, 401))

    def test_proof_ends_after_a_minute(self):
        with patch("fast.proven_passwords.time.monotonic", side_effect=count(step=61).__next__):
            asked = [self.ask() for _ in range(3)]

        self.assertEqual((asked, self.checks.call_count), ([200] * 3, 3))

    def test_proofs_do_not_fill_the_memory(self):
        with patch("fast.proven_passwords.MOST", 1):
            asked = [self.ask(who) for who in (ALICE, BOB, ALICE)]

        self.assertEqual((asked, len(proven_passwords.proven)), ([200] * 3, 1))


class PartsTest(FastTestCase):
    """What no request of the cinema leads to, but another application's might."""

    def test_json_is_to_the_byte_what_flask_writes(self):
        plain = self.start(cinema.create_app, "plain")
        quick = self.start_fast("json_bodies", name="quick")
        for debug in (False, True):
            plain.debug = quick.debug = debug
            for body in ({"b": "Buñuel", "a": [1.5, None, True]}, {"n": 2**70}, [], "\u2028"):
                with self.subTest(debug=debug, body=body):
                    bodies = [app.json.response(body).data for app in (plain, quick)]
                    self.assertEqual(*bodies)

    def test_only_addresses_whose_time_has_ended_are_forgotten(self):
        limit = counters.Counters(parse("5 per minute"))
        with patch("fast.counters.MOST_ADDRESSES", 2), patch("fast.counters.time.time") as clock:
            clock.return_value = 0
            limit.hit("early")
            clock.return_value = 50
            limit.hit("late")
            clock.return_value = 100
            limit.hit("new")
            left, seconds = limit.hit("late")

        self.assertEqual((left, seconds, set(limit.windows)), (3, 10, {"late", "new"}))

    def test_report_tells_each_technique_with_its_lines(self):
        with redirect_stdout(StringIO()) as printed:
            run_module("fast", run_name="__main__")

        lines = [line.split()[:2] for line in printed.getvalue().splitlines()]
        self.assertEqual([name for name, _ in lines], list(fast.TECHNIQUES))
        self.assertGreater(min(int(number) for _, number in lines), 3)


class NamesTest(FastTestCase):
    def test_unknown_name_is_refused_and_told_what_there_is(self):
        with self.assertRaisesRegex(ValueError, "warp.*There is: json_bodies"):
            fast.create_app(SETTINGS, ["warp", "urls"])

    def test_environment_names_the_techniques(self):
        for words, number in (("", 0), ("urls, sessions", 2), ("all", len(fast.TECHNIQUES))):
            with self.subTest(FAST=words):
                self.assertEqual(len(fast.chosen(words.split(","))), number)
        with patch.dict(os.environ, {"FAST": "warp"}), self.assertRaises(ValueError):
            self.start(fast.create_app)

    def test_each_technique_says_what_it_replaces_and_what_it_gives_up(self):
        for name, technique in fast.TECHNIQUES.items():
            with self.subTest(technique=name):
                self.assertEqual(technique.__name__, f"fast.{name}")
                self.assertRegex(technique.__doc__, r"(?s)\n\nReplaces: .*\nGives up: ")

    def test_limits_that_processes_share_stay_with_flask_limiter(self):
        nobody = "redis://127.0.0.1:1"

        app = self.start_fast("all", CACHE_URL=nobody)

        self.assertIs(app.extensions["limits"].enabled, True)


def fields(response):
    """Return the header fields, but not when a limit ends, or a nonce: each time another."""
    told = [(name, re.sub(";(t|nonce)=.*", "", value)) for name, value in response.headers]
    return sorted(field for field in told if field[0] != "Retry-After")
