"""6.1 The test client: requests without a socket, to an application that is within reach."""

import json
import unittest
from io import BytesIO
from unittest import TestCase
from unittest.mock import Mock, patch

from cinema.api.urls import version_url
from cinema.data.database import db
from cinema.data.models import Movie
from flask import g, request, session
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from tests import (
    ALICE,
    METROPOLIS,
    PASSWORD,
    REBECCA,
    ApiTestCase,
    ServerTestCase,
    cinema_of_three_movies,
)
from tests.databases import about_sqlite
from tests.fixture_speed import (  # whose tests run here as well
    WAYS,
    BeginsAnew,
    MadeAnewTest,  # noqa: F401
    PutBackTest,  # noqa: F401
    RolledBackTest,  # noqa: F401
    measure,
    troubles_of,
)

LOGIN = {"name": "alice", "password": PASSWORD}
ROWS = (200, 404, 500)


class NoSocketTest(ApiTestCase):
    """A request is a call, and the client writes down what a server would have to parse."""

    def test_client_is_werkzeugs_with_a_few_words_of_flasks(self):
        self.assertIsInstance(self.client, FlaskClient)
        self.assertIsInstance(self.client, Client)

    def test_request_needs_no_socket(self):
        with patch("socket.socket", side_effect=AssertionError("nobody should need one")):
            response = self.client.get(REBECCA["url"])

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)

    def test_request_is_a_call_of_the_application(self):
        start_response = Mock()
        environ = EnvironBuilder(REBECCA["url"]).get_environ()

        body = b"".join(self.app(environ, start_response))  # this is all that WSGI is (PEP 3333)

        status, headers = start_response.call_args.args
        self.assertEqual(status, "200 OK")
        self.assertIn(("Content-Type", "application/json"), headers)
        self.assertEqual(json.loads(body), REBECCA)

    def test_client_says_the_same_as_the_call(self):
        environ = EnvironBuilder(REBECCA["url"]).get_environ()

        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)

        response = self.client.get(REBECCA["url"])
        self.assertEqual((response.data, response.status), (b"".join(body), status))
        self.assertEqual(set(response.headers.keys()), set(headers.keys()))


class RequestTest(ApiTestCase):
    """What the client can send, and what of it we can ask afterwards."""

    def test_each_method_has_a_function_and_any_other_goes_by_open(self):
        for response, status in (
            (self.client.get("/"), 200),
            (self.client.head("/"), 200),
            (self.client.options("/"), 200),
            (self.client.delete("/"), 405),
            (self.client.open("/", method="BREW"), 501),
        ):
            with self.subTest(method=response.request.method):
                self.assertEqual(response.status_code, status)

    def test_response_knows_its_request(self):
        response = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)

        sent = response.request
        self.assertEqual((sent.method, sent.path), ("POST", "/v1/movies"))
        self.assertEqual(sent.content_type, "application/json")
        self.assertEqual(response.status_code, 201)

    def test_arguments_are_written_into_the_url_as_they_must_be(self):
        response = self.client.get("/v1/movies", query_string={"q": "and Prej", "year": 1940})

        self.assertEqual(response.request.query_string, b"q=and+Prej&year=1940")
        self.assertEqual([movie["id"] for movie in response.json["movies"]], [2])

    def test_data_is_sent_as_it_is_and_json_is_written_first(self):
        body = json.dumps(METROPOLIS).encode()

        as_json = self.client.put(REBECCA["url"], json=METROPOLIS, headers=ALICE)
        as_data = self.client.put(
            REBECCA["url"], data=body, content_type="application/json", headers=ALICE
        )

        self.assertEqual((as_json.status_code, as_data.status_code), (200, 200))
        self.assertEqual(as_json.json, as_data.json)

    def test_form_with_a_file_can_be_sent_and_is_not_what_we_read(self):
        form = {"title": "Metropolis", "poster": (BytesIO(b"\x89PNG"), "poster.png")}

        response = self.client.post("/v1/movies", data=form, headers=ALICE)

        self.assertEqual(response.request.mimetype, "multipart/form-data")
        self.assert_problem(response, 415, "Unsupported Media Type")
        self.assert_nothing_changed()

    def test_body_can_come_from_a_stream_whose_length_nobody_knows(self):
        chunks = BytesIO(json.dumps(METROPOLIS).encode())
        environ = {"wsgi.input": chunks, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}

        response = self.client.post(
            "/v1/movies",
            content_type="application/json",
            headers=ALICE | {"Transfer-Encoding": "chunked"},
            environ_overrides=environ,
        )

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json["title"], "Metropolis")

    def test_answer_that_streams_is_closed_by_with(self):
        with self.client.get("/docs/docs.js") as response:
            self.assertTrue(response.is_streamed, "a file should not be read into memory first")
            self.assertIn("javascript", response.mimetype)
            self.assertIn("SwaggerUIBundle", response.text)

    def test_environment_may_say_what_a_server_would_say(self):
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}  # an address that is nobody's (RFC 5737)

        with self.client:
            self.client.get("/", environ_overrides=elsewhere)

            self.assertEqual(request.remote_addr, "192.0.2.7")

    def test_https_is_a_word_in_the_environment(self):
        plain = self.client.get("/")
        secure = self.client.get("/", base_url="https://localhost")

        self.assertNotIn("Strict-Transport-Security", plain.headers)
        self.assertEqual(secure.headers.get("Strict-Transport-Security"), "max-age=31536000")

    def test_method_is_sent_as_it_is_written(self):
        response = self.client.open("/", method="get")

        self.assertEqual(response.status_code, 501, "methods should differ in case")


class ContextTest(ApiTestCase):
    """`request`, `session` and `g` are there while a request is answered, and as long as we ask."""

    def test_after_the_answer_the_context_is_gone(self):
        self.client.get(REBECCA["url"])

        with self.assertRaisesRegex(RuntimeError, "outside of request context"):
            request.path  # noqa: B018

    def test_with_client_keeps_it_to_be_asked(self):
        with self.client:
            self.client.get(REBECCA["url"], headers=ALICE)

            self.assertEqual(request.endpoint, "v1.movies.get_movie")
            self.assertEqual(request.view_args, {"movie_id": 3})
            self.assertEqual(g.login.name, "alice")

    def test_connection_is_given_back_when_the_context_ends(self):
        with self.client:
            self.client.get(REBECCA["url"])
            connection = db.session.connection()
            self.assertFalse(connection.closed, "else this says nothing")

        self.assertTrue(connection.closed, "a request should give back what it has taken")

    def test_app_context_is_enough_for_what_knows_no_request(self):
        with self.app.app_context():
            movie = db.session.get(Movie, 3)

        self.assertEqual(movie.title, REBECCA["title"])

    def test_request_context_is_for_what_does_and_runs_no_view(self):
        for version in ("v1", "v2"):
            with self.subTest(version), self.app.test_request_context(f"/{version}/nowhere"):
                url = version_url("movies.get_movie", movie_id=3)

                self.assertEqual(url, f"/{version}/movies/3")

    def test_client_within_an_app_context_lets_one_user_in_as_another(self):
        with self.app.app_context():  # so `g` is not new for each request
            self.client.get("/v1/movies", headers=ALICE)
            within = self.client.post("/v1/movies", json=METROPOLIS)
        outside = self.client.post("/v1/movies", json=METROPOLIS)

        self.assertEqual(within.status_code, 201, "this is the trap: g.login is still Alice")
        self.assert_challenged(outside)


class CookieTest(ApiTestCase):
    """A client is a browser: it keeps the cookies that it is given, and brings them back."""

    def test_cookie_is_kept_and_another_client_has_its_own(self):
        self.client.post("/v1/session", json=LOGIN)

        same = self.client.get("/v1/session")
        another = self.app.test_client().get("/v1/session")
        without = self.app.test_client(use_cookies=False)
        without.post("/v1/session", json=LOGIN)

        self.assertEqual((same.status_code, same.json["user"]), (200, "alice"))
        self.assert_problem(another, 404, "Not Found")
        self.assert_problem(without.get("/v1/session"), 404, "Not Found")

    def test_cookie_can_be_looked_at(self):
        self.client.post("/v1/session", json=LOGIN)

        cookie = self.client.get_cookie("session")

        self.assertIsNotNone(cookie, "POST /v1/session should set a cookie")
        self.assertTrue(cookie.http_only, "no script should read it")
        self.assertEqual((cookie.same_site, cookie.path), ("Lax", "/"))
        self.assertNotIn("alice", cookie.value)

    def test_cookie_header_that_is_sent_by_hand_is_lost(self):
        by_hand = self.client.get("/", headers={"Cookie": "session=x"})
        self.client.set_cookie("session", "x")
        by_the_client = self.client.get("/")

        self.assertNotIn("Cookie", by_hand.request.headers, "the client writes it, or nobody")
        self.assertEqual(by_the_client.request.headers.get("Cookie"), "session=x")

    def test_cookie_that_is_deleted_or_changed_is_no_login(self):
        self.client.post("/v1/session", json=LOGIN)
        value = self.client.get_cookie("session").value

        self.client.set_cookie("session", f"x{value}")
        changed = self.client.get("/v1/session")
        self.client.delete_cookie("session")
        deleted = self.client.get("/v1/session")

        self.assertEqual((changed.status_code, deleted.status_code), (404, 404))

    def test_session_can_be_read_and_written_between_requests(self):
        self.client.post("/v1/session", json=LOGIN)

        with self.client.session_transaction() as kept:
            kept["token"] = f"not {kept['token']}"  # signed by our own secret, and nobody's

        self.assert_problem(self.client.get("/v1/session"), 404, "Not Found")

    def test_session_can_be_read_after_a_request_while_its_context_is_kept(self):
        with self.client:
            self.client.post("/v1/session", json=LOGIN)

            self.assertIn("token", session)
            self.assertNotIn("alice", str(dict(session)), "nothing of the user should be in it")


class RedirectTest(ApiTestCase):
    """The one redirect of the API leads from HTTP to HTTPS."""

    settings = {"HTTPS": True}

    def test_redirect_is_shown_and_not_followed(self):
        response = self.client.get(REBECCA["url"])

        self.assertEqual(response.status_code, 308)
        self.assertEqual(response.location, f"https://localhost{REBECCA['url']}")

    def test_redirect_is_followed_if_asked_and_the_way_is_kept(self):
        response = self.client.get(REBECCA["url"], follow_redirects=True)

        self.assertEqual((response.status_code, response.json), (200, REBECCA))
        self.assertEqual([step.status_code for step in response.history], [308])
        self.assertEqual(response.request.scheme, "https")


class SubTestTest(TestCase):
    """A table is asked to its end, and each row that fails says which it is."""

    def failures_of(self, check):
        class Table(TestCase):
            test_rows = check

        result = unittest.TestResult()
        Table("test_rows").run(result)
        return [str(case) for case, _ in result.failures]

    def test_loop_stops_at_the_first_row_that_fails(self):
        def check(case):
            for status in ROWS:
                case.assertEqual(status, 200)

        self.assertEqual(len(self.failures_of(check)), 1)

    def test_subtest_goes_on_and_names_each(self):
        def check(case):
            for status in ROWS:
                with case.subTest(status=status):
                    case.assertEqual(status, 200)

        failures = self.failures_of(check)

        self.assertEqual(len(failures), 2)
        self.assertIn("status=404", failures[0])
        self.assertIn("status=500", failures[1])


class FixtureTest(ApiTestCase):
    """Each test begins with the same; the ways to get there are in fixture_speed.py."""

    def test_all_suites_share_one_application(self):
        app, _, _ = cinema_of_three_movies()

        self.assertIs(app, self.app, "to make one takes longer than most tests")

    @about_sqlite
    def test_each_way_lets_every_test_begin_anew(self):
        for way, case in WAYS.items():
            with self.subTest(way):
                result = run_twice(case)

                self.assertTrue(result.wasSuccessful(), troubles_of(result))
                self.assertEqual(result.testsRun, 4)

    def test_without_one_the_second_test_finds_what_the_first_has_left(self):
        class NoFixture(BeginsAnew, ApiTestCase):
            def setUp(self):
                self.client = self.app.test_client()

        result = run_twice(NoFixture)

        self.assertEqual((result.testsRun, len(result.failures)), (4, 3))

    @about_sqlite
    def test_ways_can_be_measured(self):
        seconds = measure(rounds=1)

        self.assertEqual({way for way, _ in seconds}, set(WAYS))
        self.assertGreater(min(seconds.values()), 0)


def run_twice(case):
    names = ["test_movie_is_created", "test_movie_is_deleted"]
    result = unittest.TestResult()
    unittest.TestSuite(map(case, [*names, *reversed(names)])).run(result)
    return result


@about_sqlite
class WhatRollbackCannotDoTest(ApiTestCase):
    """A transaction around a test holds only what never ends one, nor has a second connection."""

    def tearDown(self):
        self.database.rollback()

    def test_code_that_takes_a_turn_of_its_own_ends_the_one_around_it(self):
        self.database.execute("BEGIN")
        self.database.execute("DELETE FROM movie WHERE id = 1")

        response = self.client.put(REBECCA["url"], json=METROPOLIS, headers=ALICE)
        self.database.rollback()

        titles = [movie["title"] for movie in self.client.get("/v1/movies").json["movies"]]
        self.assertEqual(response.status_code, 200)
        self.assertEqual(titles[0], "Kitty Foyle", "what the test has done is undone too early")
        self.assertEqual(titles[2], "Metropolis", "and what the API has done, not at all")

    def test_code_that_commits_leaves_nothing_to_roll_back(self):
        self.database.execute("BEGIN")

        with self.app.app_context():
            db.session.execute(insert(Movie).values(METROPOLIS | {"version": 2}))
            db.session.commit()
        self.database.rollback()

        self.assertEqual(self.client.get("/v1/movies").json["total"], 4)


class SecondConnectionTest(ServerTestCase):
    def test_what_is_not_committed_is_seen_by_no_other_connection(self):
        number = select(func.count()).select_from(Movie)
        with self.app.app_context():
            first, second = db.engine.connect(), db.engine.connect()

        with first, second:
            first.execute(insert(Movie).values(METROPOLIS | {"version": 1}))

            self.assertEqual((first.scalar(number), second.scalar(number)), (1, 0))
