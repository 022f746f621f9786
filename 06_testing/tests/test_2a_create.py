"""2.a Create: who has the key adds a movie; what is wrong with it is told, and nothing kept."""

import json
import os
import sqlite3
from contextlib import suppress
from io import BytesIO
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase, skipUnless
from unittest.mock import Mock, patch

from cinema import create_app
from cinema.api.error_codes import ErrorCode
from cinema.data.database import db, turn_on_wal, writing
from cinema.data.kept_secrets import kept_secret
from cinema.data.models import Movie
from flask import Flask
from sqlalchemy import select, text

from tests import (
    KEY,
    METROPOLIS,
    PASSWORD,
    REBECCA,
    ApiTestCase,
    ServerTestCase,
    all_at_once,
    basic,
)
from tests.databases import NO_TABLE, about_sqlite

BODY = json.dumps(METROPOLIS)
NOT_JSON = {
    "nothing": "",
    "no JSON": "title=Metropolis",
    "truncated": BODY[:-1],
    "one brace too many": BODY + "}",
    "a comma at the end": BODY.replace("}", ",}"),
    "single quotes": BODY.replace('"', "'"),
    "a line break in a string": BODY.replace("Metropolis", "Metro\npolis"),
    "Latin-1": BODY.replace("Fritz Lang", "Luis Buñuel").encode("latin-1"),
    "UTF-16": BODY.encode("utf-16"),
    "a byte order mark": BODY.encode("utf-8-sig"),
    "NaN": BODY.replace("1927", "NaN"),
    "Infinity": BODY.replace("1927", "Infinity"),
    "-Infinity": BODY.replace("1927", "-Infinity"),
    "a number of 5,000 digits": BODY.replace("1927", "9" * 5_000),
    "a name twice": BODY.replace("{", '{"title": "M",'),
    "a name twice, further in": BODY.replace("1927", '{"a": 1, "a": 1}'),
    "half a surrogate pair": BODY.replace("Metropolis", r"\ud83c"),
    "half a surrogate pair in a name": BODY.replace("title", r"\ud83c"),
    "101 lists in each other": '{"title": ' + "[" * 101 + "]" * 101 + "}",
    "50,000 brackets": "[" * 25_000 + "]" * 25_000,
}
NO_OBJECT = ("[]", f"[{BODY}]", "null", "true", "1927", '"Metropolis"')
OTHER_TYPES = (None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
OTHER_TYPES += ("application/xml", "application/jsonp", "json", "text/json")
JSON_TYPES = ("application/json; charset=utf-8", "Application/JSON", "application/vnd.cinema+json")
NOT_THE_KEY = {
    "another password": basic("alice", "guessed"),
    "the password and more": basic("alice", f"{PASSWORD}s"),
    "a part of the password": basic("alice", PASSWORD[:-1]),
    "an empty password": basic("alice", ""),
    "another user": basic("carol"),
    "nothing": {"Authorization": "Basic"},
    "nothing after a space": {"Authorization": "Basic "},
    "no Base64": {"Authorization": f"Basic alice:{PASSWORD}"},
    "Base64 without its end": {"Authorization": KEY["Authorization"].rstrip("=")},
    "no colon": {"Authorization": "Basic YWxpY2U="},
    "parameters": {"Authorization": 'Basic username="alice"'},
    "not ASCII": {"Authorization": "Basic schlüssel"},
    "not Latin-1": {"Authorization": "Basic ключ".encode().decode("latin-1")},
}
OTHER_SCHEMES = (f"Key {PASSWORD}", "Basic2 YWxpY2U6", 'Digest username="alice"', "x")
TITLES = ("東京物語", "Amélie", "Ame\u0301lie", "שנת 2000", "🎬🍿", "\ufeffM", " M ", "line\nbreak")
TITLES += ('"M"', "<b>M</b>", "'; DROP TABLE movie; --", "a\u2028b", "\\u0041", "%s {0} ${M}")


class CreateTest(ApiTestCase):
    def test_new_movie_is_201_with_its_url(self):
        response = self.create_movie()

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, "/v1/movies/4")
        self.assertEqual(response.json, {"id": 4} | METROPOLIS | {"url": "/v1/movies/4"})

    def test_new_movie_is_found_at_its_location(self):
        created = self.create_movie()

        response = self.client.get(created.location)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, created.json)

    def test_new_movie_is_in_the_list(self):
        created = self.create_movie()

        response = self.client.get("/v1/movies")

        self.assertEqual(response.json["movies"][-1], created.json)

    def test_movie_without_imdb_id_has_none(self):
        values = {name: value for name, value in METROPOLIS.items() if name != "imdb_id"}

        response = self.client.post("/v1/movies", json=values, headers=KEY)

        self.assertEqual(response.status_code, 201)
        self.assertIsNone(response.json["imdb_id"])

    def test_several_movies_may_be_without_imdb_id(self):
        responses = [self.create_movie(imdb_id=None) for _ in range(2)]

        self.assertEqual([response.status_code for response in responses], [201, 201])

    def test_any_unicode_title_comes_back_as_it_was_sent(self):
        for title in TITLES:
            with self.subTest(title=title):
                created = self.create_movie(title=title, imdb_id=None)

                self.assertEqual(created.json["title"], title)
                self.assertEqual(self.client.get(created.location).json["title"], title)

    def test_second_movie_of_an_imdb_id_is_409(self):
        response = self.create_movie(imdb_id=REBECCA["imdb_id"])

        self.assert_problem(response, 409, "Conflict")
        self.assert_nothing_changed()

    def test_block_that_fails_is_undone_as_a_whole(self):
        with self.app.app_context():
            with self.assertRaises(ZeroDivisionError), writing():
                db.session.add(Movie(**METROPOLIS))
                db.session.flush()
                raise ZeroDivisionError

            with writing():
                found = db.session.scalar(select(Movie).where(Movie.title == "Metropolis"))

        self.assertIsNone(found)

    def test_failure_of_the_database_is_a_500_that_gives_nothing_away(self):
        self.database.execute("ALTER TABLE movie RENAME TO lost")

        with self.assertLogs(self.app.logger) as log:
            response = self.create_movie()

        self.assert_problem(response, 500, "Internal Server Error")
        self.assertNotRegex(response.text.lower(), "sql|table|insert|lost|cinema")
        self.assertRegex(log.output[0], NO_TABLE, "the log should have what the client has not")

    def test_api_goes_on_after_a_500(self):
        self.database.execute("ALTER TABLE movie RENAME TO lost")
        with self.assertLogs(self.app.logger):
            self.create_movie()
        self.database.execute("ALTER TABLE lost RENAME TO movie")

        response = self.create_movie()

        self.assertEqual(response.status_code, 201)


class ValuesTest(ApiTestCase):
    def test_everything_wrong_is_named_in_one_answer(self):
        response = self.create_movie(
            title=" ", director=7, year="1942", runtime=True, imdb_id="tt1", stars=5
        )

        self.assert_problem(response, 400, "Bad Request")
        no_text = "must be text of 1 to 300 characters, not blank, without U+0000"
        self.assertEqual(
            response.json["errors"],
            {
                "title": no_text,
                "director": no_text,
                "year": "must be a whole number from 1888 to 2100",
                "runtime": "must be a whole number from 1 to 100000",
                "imdb_id": "must be tt and 7 or 8 digits, or null",
                "stars": "is not one of title, director, year, runtime, imdb_id",
            },
        )
        self.assert_nothing_changed()

    def test_everything_missing_is_named_in_one_answer(self):
        response = self.client.post("/v1/movies", json={}, headers=KEY)

        self.assert_problem(response, 400, "Bad Request")
        required = dict.fromkeys(("title", "director", "year", "runtime"), "is required")
        self.assertEqual(response.json["errors"], required)

    def test_what_only_the_server_sets_is_refused(self):
        for name in ("id", "url", "owner", "version", "roles", "metadata", "__class__"):
            with self.subTest(name=name):
                response = self.create_movie(**{name: 4})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), [name])
                self.assert_nothing_changed()

    def test_number_that_no_year_can_be_is_refused(self):
        for number in ("1e400", "-1e400", "1e3", "1927.0", "-1", str(2**63), "9" * 4_000, "true"):
            with self.subTest(number=number[:20]):
                body = BODY.replace("1927", number)

                response = self.client.post(
                    "/v1/movies", data=body, content_type="application/json", headers=KEY
                )

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["year"])
                self.assert_nothing_changed()


class BodyTest(ApiTestCase):
    def post(self, body, content_type="application/json", headers=KEY, **environ):
        return self.client.post(
            "/v1/movies",
            data=body,
            content_type=content_type,
            headers=headers,
            environ_overrides=environ,
        )

    def post_chunked(self, body):
        """Send a body as servers hand on one that came in chunks: nobody knows its length."""
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        return self.post(b"", CONTENT_LENGTH="", **chunked, **{"wsgi.input": BytesIO(body)})

    def test_body_that_is_not_json_is_400(self):
        for name, body in NOT_JSON.items():
            with self.subTest(name):
                response = self.post(body)

                self.assert_problem(response, 400, "Bad Request")
                self.assertNotIn("errors", response.json, "the body is wrong, not its values")
                self.assert_nothing_changed()

    def test_400_says_where_the_json_breaks(self):
        response = self.post(b'{"title": "Metropolis",\n "year" 1927}')

        self.assertRegex(response.json["detail"], "line 2, column 9")

    def test_objects_thousands_deep_are_400(self):
        response = self.post('{"title":' * 5_000 + "1" + "}" * 5_000)

        self.assert_problem(response, 400, "Bad Request")
        self.assert_nothing_changed()

    def test_json_that_is_not_an_object_is_400(self):
        for body in NO_OBJECT:
            with self.subTest(body=body):
                response = self.post(body)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_other_media_types_are_415(self):
        for content_type in OTHER_TYPES:
            with self.subTest(content_type=content_type):
                response = self.post(BODY, content_type)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assert_nothing_changed()

    def test_json_by_its_other_names_is_fine(self):
        for content_type in JSON_TYPES:
            with self.subTest(content_type=content_type):
                response = self.post(json.dumps(METROPOLIS | {"imdb_id": None}), content_type)

                self.assertEqual(response.status_code, 201)

    def test_compressed_body_is_415(self):
        for coding in ("gzip", "br", "gzip, identity", "rot13"):
            with self.subTest(coding=coding):
                response = self.post(BODY, HTTP_CONTENT_ENCODING=coding)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assert_nothing_changed()

    def test_body_that_ends_too_early_is_400(self):
        for server_ends_it in ({}, {"wsgi.input_terminated": True}):  # as gunicorn does
            with self.subTest(server_ends_it):
                response = self.post(BODY, CONTENT_LENGTH=str(len(BODY) + 1), **server_ends_it)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_body_whose_chunks_are_broken_is_400(self):
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        for error in (OSError, RuntimeError):  # each server raises its own
            broken = Mock(read=Mock(side_effect=error), readinto=Mock(side_effect=error))
            with self.subTest(error.__name__):
                response = self.post(b"", CONTENT_LENGTH="", **chunked, **{"wsgi.input": broken})

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_body_without_a_coding_may_say_so(self):
        body = json.dumps(METROPOLIS | {"imdb_id": None})
        for coding in ("identity", "Identity"):
            with self.subTest(coding=coding):
                response = self.post(body, HTTP_CONTENT_ENCODING=coding)

                self.assertEqual(response.status_code, 201)

    def test_body_of_the_greatest_length_is_read(self):
        body = json.dumps(METROPOLIS | {"imdb_id": None})
        body = body.ljust(self.app.config["MAX_CONTENT_LENGTH"])

        for post in (self.post, self.post_chunked):
            with self.subTest(post=post.__name__):
                response = post(body.encode())

                self.assertEqual(response.status_code, 201)

    def test_body_of_one_byte_more_is_413(self):
        body = BODY.ljust(self.app.config["MAX_CONTENT_LENGTH"] + 1)

        for post in (self.post, self.post_chunked):
            with self.subTest(post=post.__name__):
                response = post(body.encode())

                self.assert_problem(response, 413, "Request Entity Too Large")
                self.assert_nothing_changed()


class KeyTest(ApiTestCase):
    def post(self, headers):
        return self.client.post("/v1/movies", json=METROPOLIS, headers=headers)

    def test_post_without_a_key_is_401_with_a_challenge(self):
        response = self.client.post("/v1/movies", json=METROPOLIS)

        self.assert_challenged(response)
        self.assert_nothing_changed()

    def test_post_with_another_scheme_is_401_and_told_which_one_would_do(self):
        for credentials in OTHER_SCHEMES:
            with self.subTest(credentials=credentials):
                response = self.post({"Authorization": credentials})

                self.assert_challenged(response)
                self.assert_nothing_changed()

    def test_post_with_anything_but_the_key_is_401_and_told_so(self):
        for name, credentials in NOT_THE_KEY.items():
            with self.subTest(name):
                response = self.post(credentials)

                self.assert_challenged(response)
                self.assertEqual(response.json["code"], ErrorCode.WRONG_CREDENTIALS)
                self.assert_nothing_changed()

    def test_scheme_is_read_in_any_case(self):
        response = self.post({"Authorization": KEY["Authorization"].replace("Basic", "bASIC")})

        self.assertEqual(response.status_code, 201)

    def test_401_comes_before_anything_that_is_wrong_with_the_body(self):
        for content_type in ("application/json", "text/plain"):
            for body in (b"{", b"{}", b"x" * 100_000):
                with self.subTest(content_type=content_type, body=body[:2]):
                    response = self.client.post("/v1/movies", data=body, content_type=content_type)

                    self.assertEqual(response.status_code, 401)

    def test_body_of_a_client_without_the_key_is_not_read(self):
        body = Mock()

        response = self.client.post(
            "/v1/movies", environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "20"}
        )

        self.assertEqual(response.status_code, 401)
        self.assertEqual(body.method_calls, [], "the body should not even be looked at")

    def test_reading_needs_no_key(self):
        for url in ("/", "/v1/movies", "/v1/movies/3"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertEqual(response.status_code, 200)


class KeptSecretTest(TestCase):
    """Where a secret comes from when nobody has set one."""

    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.file = self.folder / "instance" / "password"

    def start(self):
        """Return the secret of an application that starts without one."""
        return kept_secret(Flask("fresh", instance_path=str(self.file.parent)), "password")

    def test_first_start_makes_a_secret(self):
        secret = self.start()

        self.assertGreaterEqual(len(secret), 43, "256 bits are 43 characters or more")
        self.assertEqual(self.file.read_text(), secret)

    def test_later_starts_keep_the_secret(self):
        first = self.start()

        second = self.start()

        self.assertEqual(second, first)

    def test_secret_is_another_one_in_another_place(self):
        first = self.start()
        self.file.unlink()

        second = self.start()

        self.assertNotEqual(second, first)

    @skipUnless(os.name == "posix", "Windows has no such modes")
    def test_secret_can_be_read_by_its_owner_only(self):
        self.start()

        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_nothing_but_the_secret_is_left_behind(self):
        self.start()

        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_applications_that_start_at_once_share_one_secret(self):
        with patch.object(Path, "exists", return_value=False):  # so it is when they look
            secrets = all_at_once([self.start] * 8)
            late = self.start()

        self.assertEqual({*secrets, late}, {self.file.read_text()})

    def test_secrets_of_the_environment_win(self):
        secrets = {"CINEMA_PASSWORD": "from the environment", "SECRET_KEY": "from there too"}

        with patch.dict(os.environ, secrets | {"DATABASE_URL": "sqlite://"}):
            app = create_app()
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()

        self.assertEqual(app.config["PASSWORD"], "from the environment")
        self.assertEqual(app.config["SECRET_KEY"], "from there too")


class SeedTest(ApiTestCase):
    def seed(self):
        return self.app.test_cli_runner().invoke(args=["seed"]).output.splitlines()[-1]

    def test_seed_loads_each_film_once(self):
        first = self.seed()
        second = self.seed()

        self.assertEqual(first, "656 films loaded, 3 were there already.")
        self.assertEqual(second, "0 films loaded, 659 were there already.")
        self.assertEqual(self.client.get("/v1/movies").json["total"], 659)


class ManyClientsTest(ServerTestCase):
    def create_movie(self, **members):
        return self.app.test_client().post("/v1/movies", json=METROPOLIS | members, headers=KEY)

    def pragma(self, name):
        with self.app.app_context():
            return db.session.scalar(text(f"PRAGMA {name}"))

    def test_one_of_eight_that_create_the_same_movie_at_once_does_it(self):
        responses = all_at_once([self.create_movie] * 8)

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [201] + [409] * 7)

    def test_movies_created_at_once_are_all_kept(self):
        responses = all_at_once([lambda: self.create_movie(imdb_id=None)] * 8)

        created = sorted((response.json for response in responses), key=lambda movie: movie["id"])
        kept = self.app.test_client().get("/v1/movies").json["movies"]
        self.assertEqual([response.status_code for response in responses], [201] * 8)
        self.assertEqual(kept, created)

    def test_applications_that_start_at_once_make_the_tables_once(self):
        apps = all_at_once([lambda: self.start("new.db")] * 8)

        created = apps[0].test_client().post("/v1/movies", json=METROPOLIS, headers=KEY)
        for app in apps:
            self.assertEqual(app.test_client().get(created.location).json, created.json)

    def test_wal_is_tried_again_while_another_server_turns_it_on(self):
        connection = Mock()
        connection.execute.side_effect = [sqlite3.OperationalError("database is locked"), "wal"]

        with patch("cinema.data.database.time.sleep"):
            self.assertEqual(turn_on_wal(connection), "wal")

    def test_wal_is_not_tried_for_ever(self):
        connection = Mock()
        connection.execute.side_effect = sqlite3.OperationalError("disk I/O error")

        with patch("cinema.data.database.time.monotonic", side_effect=[0, 6]):
            self.assertRaises(sqlite3.OperationalError, turn_on_wal, connection)

    def test_movies_are_still_there_after_a_restart(self):
        created = self.create_movie()

        response = self.start("cinema.db").test_client().get(created.location)

        self.assertEqual(response.json, created.json)

    @about_sqlite
    def test_database_is_opened_as_a_server_needs_it(self):
        settings = {name: self.pragma(name) for name in ("journal_mode", "foreign_keys")}

        self.assertEqual(settings, {"journal_mode": "wal", "foreign_keys": 1})
        self.assertGreaterEqual(self.pragma("busy_timeout"), 10_000, "writers should wait in line")

    @about_sqlite
    @skipUnless("fork" in get_all_start_methods(), "Windows starts its processes another way")
    def test_what_was_acknowledged_survives_a_kill(self):
        fork = get_context("fork")
        reader, writer = fork.Pipe(duplex=False)
        server = fork.Process(target=self.create_and_tell, args=[writer], daemon=True)
        server.start()
        writer.close()
        acknowledged = [reader.recv() for _ in range(10)]

        server.kill()

        with reader, suppress(EOFError):
            while True:
                acknowledged.append(reader.recv())
        server.join()
        client = self.start("cinema.db").test_client()
        statuses = {client.get(url).status_code for url in acknowledged}
        self.assertEqual(statuses, {200}, "a movie that was answered with 201 should be there")
        self.assertEqual(self.pragma("integrity_check"), "ok")

    def create_and_tell(self, writer):
        """Create movies until killed; pass on where each of them is."""
        self.app = self.start("cinema.db")  # no connection can cross a fork
        while True:
            writer.send(self.create_movie(imdb_id=None).location)
