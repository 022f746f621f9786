"""6.2 Custom routes: every error handler, and the one shape of all errors.

The tables are complete by construction: a handler without a row is a failure.
"""

import sqlite3
from unittest import TestCase
from unittest.mock import Mock, patch

from cinema.data.finders import MovieNotFound, WatchlistNotFound
from cinema.data.validation import Invalid
from cinema.http.idempotency import InFlight, KeyReused
from cinema.http.tls.https import SentInTheClear
from cinema.users.login import InvalidToken, NotAuthenticated, WrongCredentials
from cinema.users.permissions import NotPermitted
from flask import Blueprint, Flask, abort
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import (
    Forbidden,
    Gone,
    HTTPException,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
)

from tests import ALICE, BOB, METROPOLIS, REBECCA, ApiTestCase, basic
from tests.credentials import challenge_of
from tests.test_62_custom_routes import HTML, JSON, PROBLEM

JSON_POST = {"method": "POST", "path": "/v1/movies", "headers": ALICE}
ERRORS = {  # a request, its status, and the code of our own
    "no route": ({"path": "/nowhere"}, 404, 40),
    "no movie": ({"path": "/v1/movies/999"}, 404, 41),
    "no watchlist": ({"path": "/v1/watchlists/none"}, 404, 42),
    "no such page": ({"path": "/v1/movies?page=0"}, 400, 11),
    "no JSON": (JSON_POST | {"data": "{", "content_type": JSON}, 400, 10),
    "no values": (JSON_POST | {"json": {}}, 400, 11),
    "no login": (JSON_POST | {"json": METROPOLIS, "headers": {}}, 401, 20),
    "no password": ({"path": "/v1/movies", "headers": basic("alice", "guessed")}, 401, 21),
    "no token": ({"path": "/v1/movies", "headers": {"Authorization": "Bearer x"}}, 401, 22),
    "no editor": (JSON_POST | {"json": METROPOLIS, "headers": BOB}, 403, 31),
    "no such method here": ({"path": "/v1/movies", "method": "DELETE"}, 405, 50),
    "no such method at all": ({"path": "/v1/movies", "method": "BREW"}, 501, 1010),
    "no such media type": ({"path": "/v1/movies", "headers": {"Accept": "image/png"}}, 406, 60),
    "no other's number": (JSON_POST | {"json": METROPOLIS | {"imdb_id": "tt0032976"}}, 409, 90),
    "no such version": ({"path": REBECCA["url"], "headers": {"If-Match": '"0"'}}, 412, 120),
    "no end": (JSON_POST | {"json": {"title": "x" * 70_000}}, 413, 130),
    "no media type": (JSON_POST | {"data": "{}"}, 415, 150),
}


class ErrorShapeTest(ApiTestCase):
    """Whatever goes wrong, a client finds its way about the answer."""

    def test_every_error_has_the_one_shape(self):
        for what, (question, status, code) in ERRORS.items():
            with self.subTest(what):
                response = self.client.open(**question)

                members = {"type", "status", "title", "detail", "code"}
                self.assertEqual((response.status_code, response.mimetype), (status, PROBLEM))
                self.assertEqual(response.json.keys() - {"errors"}, members)
                self.assertEqual((response.json["status"], response.json["code"]), (status, code))
                self.assertEqual(response.headers.get("X-MyAPI-Error-Code"), str(code))
                self.assertEqual(response.headers.get("Cache-Control"), "no-store")
        self.assert_nothing_changed()

    def test_type_leads_to_a_page_about_the_code(self):
        for what, (question, _, code) in ERRORS.items():
            with self.subTest(what):
                page = self.client.get(self.client.open(**question).json["type"])

                self.assertEqual((page.status_code, page.mimetype), (200, HTML))
                self.assertIn(f"<td>{code}", page.text)

    def test_page_of_an_error_that_is_none_is_404(self):
        self.assert_problem(self.client.get("/errors/nonsense"), 404, "Not Found")

    def test_errors_of_values_are_there_when_values_are_wrong_and_only_then(self):
        for what, (question, _, code) in ERRORS.items():
            with self.subTest(what):
                self.assertEqual("errors" in self.client.open(**question).json, code == 11)

    def test_headers_that_belong_to_a_status_are_there(self):
        for what, name, value in (
            ("no login", "WWW-Authenticate", "Basic .*"),
            ("no token", "WWW-Authenticate", "Basic .*"),
            ("no such method here", "Allow", "GET, HEAD, OPTIONS, POST"),
            ("no movie", "Vary", "Accept, Authorization, Cookie, Signature-Input"),
        ):
            with self.subTest(what):
                question, _, _ = ERRORS[what]
                sent = self.client.open(**question).headers.get(name, "")
                self.assertRegex(sent, f"^{value}$")

    def test_token_that_is_none_is_called_so(self):
        question, _, _ = ERRORS["no token"]
        response = self.client.open(**question)

        self.assertIn('error="invalid_token"', challenge_of(response, "Bearer"))


def locked():
    return OperationalError("SELECT", {}, Exception("database is locked"))


RAISED = (  # what a view may raise, and what its client is told
    (NotFound("Not here."), 404, 40),
    (Gone("Not any more."), 410, 10),  # a status that we have no code for
    (Forbidden("Not you."), 403, 30),
    (Invalid({"year": "is wrong"}), 400, 11),
    (MovieNotFound("There is no movie 4."), 404, 41),
    (WatchlistNotFound("There is no watchlist x."), 404, 42),
    (NotAuthenticated("Log in."), 401, 20),
    (WrongCredentials("Log in again."), 401, 21),
    (InvalidToken("Get a new one."), 401, 22),
    (NotPermitted("movies:write"), 403, 31),
    (SentInTheClear(), 403, 32),
    (IntegrityError("INSERT", {}, Exception("UNIQUE: movie.imdb_id")), 409, 90),
    (IntegrityError("INSERT", {}, Exception("FOREIGN KEY constraint failed")), 412, 120),
    (StaleDataError(), 412, 120),
    (locked(), 503, 1030),
    (NoConnectionLeft(), 503, 1030),
    (InFlight("Wait."), 409, 91),
    (KeyReused("Make a new one."), 422, 220),
    (TooManyRequests("Wait.", retry_after=7), 429, 290),
    (ServiceUnavailable("Wait.", retry_after=1), 503, 1030),
)
OUR_OWN_MISTAKES = (  # which a client is told nothing of
    RuntimeError("secret"),
    LookupError("secret"),
    ValueError("secret"),
    IntegrityError("INSERT", {}, Exception("secret")),
    OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: secret")),
)


class ErrorHandlersTest(ApiTestCase):
    """`app.error_handler_spec` is a dictionary, so a test can ask whether it has seen all of it."""

    def get_while_it_raises(self, error):
        """Ask for the entry point while its view raises an error."""
        endpoint, _ = self.app.url_map.bind("localhost").match("/")
        with patch.dict(self.app.view_functions, {endpoint: Mock(side_effect=error)}):
            return self.client.get("/")

    def test_every_handler_has_a_row(self):
        handled = {
            (blueprint, kind)  # no blueprint, None, is the application itself
            for blueprint, by_code in self.app.error_handler_spec.items()
            for by_class in by_code.values()
            for kind in by_class
        }

        asked = {
            (None, next((kind for kind in type(error).__mro__ if (None, kind) in handled), "none"))
            for error, _, _ in RAISED
        }
        self.assertEqual(handled, asked, "a new handler needs a row, and a row a handler")

    def test_every_error_of_ours_is_told_as_its_row_says(self):
        for error, status, code in RAISED:
            with self.subTest(type(error).__name__):
                response = self.get_while_it_raises(error)

                self.assertEqual((response.status_code, response.mimetype), (status, PROBLEM))
                self.assertEqual((response.json["status"], response.json["code"]), (status, code))
                self.assertEqual("WWW-Authenticate" in response.headers, status == 401)
                self.assertEqual("Retry-After" in response.headers, status in (429, 503))

    def test_reasons_of_wrong_values_are_passed_on(self):
        response = self.get_while_it_raises(Invalid({"year": "is wrong", "x": "is not known"}))

        self.assertEqual(response.json["errors"], {"year": "is wrong", "x": "is not known"})

    def test_words_of_an_error_are_in_the_body_and_in_one_line_of_ascii(self):
        response = self.get_while_it_raises(MovieNotFound("No Buñuel\r\nSet-Cookie: a=b"))

        self.assertEqual(response.json["detail"], "No Buñuel\r\nSet-Cookie: a=b")
        message = response.headers.get("X-MyAPI-Error-Message", "")
        self.assertEqual(message, "No Bu%C3%B1uel%0D%0ASet-Cookie: a=b")
        self.assertNotIn("Set-Cookie", response.headers)

    def test_our_own_mistake_is_500_and_only_the_log_knows_more(self):
        for error in OUR_OWN_MISTAKES:
            with self.subTest(repr(error)[:40]), self.assertLogs(self.app.logger) as log:
                response = self.get_while_it_raises(error)

                self.assert_problem(response, 500, "Internal Server Error")
                self.assertEqual(response.json["code"], 1000)
                self.assertNotIn("secret", f"{response.headers}{response.text}")
                self.assertIn("secret", log.output[0])
                self.assertIn(response.json["instance"].removeprefix("urn:uuid:"), log.output[0])

    def test_with_testing_on_the_mistake_comes_to_the_test_instead(self):
        with patch.dict(self.app.config, TESTING=True), self.assertRaises(ZeroDivisionError):
            self.get_while_it_raises(ZeroDivisionError)


class FlaskHandlersTest(TestCase):
    """Which handler Flask asks, on an application that has nothing else."""

    def test_most_exact_one_is_asked_and_the_blueprints_before_the_applications(self):
        app, part = Flask("fresh"), Blueprint("part", __name__, url_prefix="/part")
        app.register_error_handler(HTTPException, lambda error: ("any", error.code))
        app.register_error_handler(404, lambda error: ("exact", error.code))
        part.register_error_handler(HTTPException, lambda error: ("of the part", error.code))
        part.add_url_rule("/gone", "gone", lambda: abort(410))
        app.register_blueprint(part)
        client = app.test_client()

        self.assertEqual(client.get("/nowhere").text, "exact")
        self.assertEqual(client.get("/part/gone").text, "of the part")
        self.assertEqual(client.get("/part/nowhere").text, "exact", "no part was found there")
        self.assertEqual(set(app.error_handler_spec), {None, "part"})
