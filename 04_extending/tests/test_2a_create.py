"""2.a Create: who has the key adds a movie; what is wrong with it is told, and nothing kept."""

import json
import sqlite3
import time
from contextlib import closing, suppress
from multiprocessing import get_all_start_methods, get_context
from unittest import skipUnless
from unittest.mock import patch

from cinema.data.database import db
from sqlalchemy import text

from tests import KEY, METROPOLIS, REBECCA, ApiTestCase, ServerTestCase, all_at_once

BODY = json.dumps(METROPOLIS)
NO_YEARS = ("1e400", "-1e400", "1e300", "1e3", "1927.5", "-1", str(2**63), "9" * 4_000, "true")
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


class BrokenDatabaseTest(ApiTestCase):
    """Looks inside: the crash is made in the database, whose table `movie` gets another name."""

    def test_failure_of_the_database_is_a_500_that_gives_nothing_away(self):
        self.database.execute("ALTER TABLE movie RENAME TO lost")

        with self.assertLogs(self.app.logger) as log:
            response = self.create_movie()

        self.assert_problem(response, 500, "Internal Server Error")
        self.assertNotRegex(response.text.lower(), "sql|table|insert|lost|cinema")
        self.assertIn("no such table", log.output[0], "the log should have what the client has not")

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
            response.json.get("errors"),
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
        self.assertEqual(response.json.get("errors"), required)

    def test_what_only_the_server_sets_is_refused(self):
        for name in ("id", "url", "owner", "version", "roles", "metadata", "__class__"):
            with self.subTest(name=name):
                response = self.create_movie(**{name: 4})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), [name])
                self.assert_nothing_changed()

    def test_number_that_no_year_can_be_is_refused(self):
        for number in NO_YEARS:
            with self.subTest(number=number[:20]):
                body = BODY.replace("1927", number)

                response = self.client.post(
                    "/v1/movies", data=body, content_type="application/json", headers=KEY
                )

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), ["year"])
                self.assert_nothing_changed()

    def test_whole_number_may_be_written_with_a_fraction_or_an_exponent(self):
        for number in ("1927.0", "1927.000", "1.927e3", "19270e-1"):
            with self.subTest(number=number):
                body = BODY.replace("1927", number).replace('"tt0017136"', "null")

                created = self.client.post(
                    "/v1/movies", data=body, content_type="application/json", headers=KEY
                )

                self.assertEqual(created.status_code, 201, created.text)
                kept = self.client.get(created.location).json
                for year in (created.json["year"], kept["year"]):
                    self.assertEqual(repr(year), "1927", "JSON has one way to write it back")


class ManyClientsTest(ServerTestCase):
    def create_movie(self, **members):
        return self.app.test_client().post("/v1/movies", json=METROPOLIS | members, headers=KEY)

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


class LockedTest(ServerTestCase):
    """Another program, such as a database browser, has the lock of the database, and keeps it."""

    def setUp(self):
        super().setUp()
        with self.app.app_context():
            path = db.engine.url.database
            db.engine.dispose()  # the connections that would wait for seconds
        self.client = self.app.test_client()
        self.browser = self.enterContext(closing(sqlite3.connect(path, isolation_level=None)))

    def create_movie(self):
        return self.client.post("/v1/movies", json=METROPOLIS, headers=KEY)

    def assert_busy(self, response):
        self.assertEqual(response.status_code, 503, "whoever asks again later will be served")
        self.assertGreaterEqual(int(response.headers.get("Retry-After", 0)), 1)
        self.assertEqual(response.content_type, "application/problem+json")
        self.assertEqual(response.json["title"], "Service Unavailable")

    @patch("cinema.data.database.PATIENCE", 0)
    def test_post_is_503_until_the_lock_is_gone(self):
        self.browser.execute("BEGIN IMMEDIATE")

        locked = self.create_movie()
        self.browser.execute("ROLLBACK")
        free = self.create_movie()

        self.assert_busy(locked)
        self.assertEqual(free.status_code, 201)

    @patch("cinema.data.database.PATIENCE", 0)
    def test_get_is_503_if_the_lock_is_for_readers_too(self):
        self.browser.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.browser.execute("BEGIN IMMEDIATE")

        self.assert_busy(self.client.get("/v1/movies"))

    @patch("cinema.data.database.PATIENCE", 3)
    def test_many_who_wait_to_write_leave_others_a_connection_to_read(self):
        self.browser.execute("BEGIN IMMEDIATE")
        statuses = []

        def write():
            statuses.append(self.app.test_client().post("/v1/movies", json=METROPOLIS, headers=KEY))

        def read():
            time.sleep(1)
            statuses.append(self.app.test_client().get("/v1/movies"))

        all_at_once([write] * 20 + [read])

        self.assertEqual(
            sorted(each.status_code for each in statuses),
            [200] + [503] * 20,
            "who reads should have an answer while the writers wait",
        )


class KillTest(ServerTestCase):
    """Looks inside: a server of its own is killed while it writes, and its file opened again."""

    def create_movie(self):
        movie = METROPOLIS | {"imdb_id": None}
        return self.app.test_client().post("/v1/movies", json=movie, headers=KEY)

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
        with self.app.app_context():
            self.assertEqual(db.session.scalar(text("PRAGMA integrity_check")), "ok")

    def create_and_tell(self, writer):
        """Create movies until killed; pass on where each of them is."""
        self.app = self.start("cinema.db")  # no connection can cross a fork
        while True:
            writer.send(self.create_movie().location)
