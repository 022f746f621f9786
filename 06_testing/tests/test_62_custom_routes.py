"""6.2 Custom routes: every route, every error handler, every command, and what runs around a view.

The tables are complete by construction: a route, a handler or a command without a row is a failure.
"""

import re
import sqlite3
from itertools import product
from mimetypes import guess_type
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import Mock, patch

from cinema import create_app
from cinema.data.database import db
from cinema.data.finders import MovieNotFound, WatchlistNotFound
from cinema.data.validation import Invalid
from cinema.http.https import SentInTheClear
from cinema.http.idempotency import InFlight, KeyReused
from cinema.users.authentication.login import InvalidToken, NotAuthenticated, WrongCredentials
from cinema.users.permissions import NotPermitted
from flask import Blueprint, Flask, Response, abort
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
from werkzeug.exceptions import NotImplemented as MethodNotImplemented

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, ApiTestCase, basic
from tests.routes import routes_of

JSON, JSON_LD, HTML = "application/json", "application/ld+json", "text/html"
PROBLEM = "application/problem+json"
JAVASCRIPT, _ = guess_type("docs.js")  # machines differ about it
KEPT = "public, max-age=5, stale-if-error=600"

ROUTES = {  # what a stranger is answered
    "GET /": (200, JSON, KEPT),
    "GET /.well-known/oauth-protected-resource": (200, JSON, KEPT),
    "GET /docs": (200, HTML, KEPT),
    "GET /docs/docs.js": (200, JAVASCRIPT, KEPT),
    "GET /docs/swagger-ui/<path:filename>": (200, "text/css", KEPT),
    "GET /errors": (200, HTML, KEPT),
    "GET /errors/<slug>": (200, HTML, KEPT),
    "GET /openapi.yaml": (200, "application/yaml", KEPT),
}
ROUTES_OF_A_VERSION = {
    "GET /context": (200, JSON_LD, KEPT),
    "GET /documentation": (200, JSON_LD, KEPT),
    "GET /movies": (200, JSON, KEPT),
    "POST /movies": (401, PROBLEM, "no-store"),
    "GET /movies/<id:movie_id>": (200, JSON, KEPT),
    "PUT /movies/<id:movie_id>": (401, PROBLEM, "no-store"),
    "PATCH /movies/<id:movie_id>": (401, PROBLEM, "no-store"),
    "DELETE /movies/<id:movie_id>": (401, PROBLEM, "no-store"),
    "GET /watchlists": (200, JSON, KEPT),
    "GET /watchlists/<name>": (200, JSON, KEPT),
    "PUT /watchlists/<name>": (401, PROBLEM, "no-store"),
    "PATCH /watchlists/<name>": (401, PROBLEM, "no-store"),
    "DELETE /watchlists/<name>": (401, PROBLEM, "no-store"),
    "POST /session": (415, PROBLEM, "no-store"),
    "GET /session": (404, PROBLEM, "no-store"),
    "DELETE /session": (404, PROBLEM, "no-store"),
    "POST /signing-key": (401, PROBLEM, "no-store"),
    "GET /signing-key": (401, PROBLEM, "no-store"),
    "DELETE /signing-key": (401, PROBLEM, "no-store"),
    "POST /tokens": (401, PROBLEM, "no-store"),
    "GET /tokens": (401, PROBLEM, "no-store"),
    "DELETE /tokens": (401, PROBLEM, "no-store"),
    "GET /tokens/<id:token_id>": (401, PROBLEM, "no-store"),
    "DELETE /tokens/<id:token_id>": (401, PROBLEM, "no-store"),
    "PUT /password": (401, PROBLEM, "no-store"),
}
for version, (route, answer) in product(("v1", "v2"), ROUTES_OF_A_VERSION.items()):
    ROUTES[route.replace(" ", f" /{version}")] = answer

EXAMPLES = {  # what may stand in a URL in the place of a variable
    "<id:movie_id>": "3",
    "<id:token_id>": "1",
    "<name>": "friday-night",
    "<slug>": "not-found",
    "<path:filename>": "swagger-ui.css",
}
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
ODD_IDS = ("0", "-1", "03", "3.0", "1e3", "three", "٣", "3%00", "3/", "9" * 19, "3;", "%FF", "")
LEAD = 'rel="successor-version"'


def example(rule):
    """Return a URL that a rule is for."""
    return re.sub("<[^>]+>", lambda variable: EXAMPLES[variable[0]], rule)


def urls_and_methods():
    """Return the methods of the table by URL, with those that Flask adds."""
    methods = {}
    for route in ROUTES:
        method, rule = route.split()
        more = {"GET": {"GET", "HEAD"}}.get(method, {method})
        methods.setdefault(example(rule), {"OPTIONS"}).update(more)
    return methods


class RoutesTest(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        body = {"title": "Friday night", "movies": [3, 1]}
        cls.app.test_client().put("/v1/watchlists/friday-night", json=body, headers=BOB)
        cls.snapshot = cls.database.serialize()

    def ask(self, url, method="GET"):
        """Ask a route; some answer with a file, which has to be closed."""
        return self.client.open(url, method=method, buffered=True)

    def test_every_route_has_a_row_and_every_row_a_route(self):
        self.assertEqual(routes_of(self.app.url_map), set(ROUTES), "a new route needs a row")

    def test_every_route_answers_a_stranger_as_its_row_says(self):
        for route, expected in ROUTES.items():
            with self.subTest(route):
                method, rule = route.split()

                response = self.ask(example(rule), method)

                cache_control = response.headers["Cache-Control"]
                self.assertEqual((response.status_code, response.mimetype, cache_control), expected)
        self.assert_nothing_changed()

    def test_door_leads_to_the_lists_and_to_the_description(self):
        response = self.ask("/")

        lists = {"movies": "/v1/movies", "watchlists": "/v1/watchlists"}
        description = '</openapi.yaml>; rel="service-desc", </docs>; rel="service-doc"'
        self.assertEqual(response.json, {"name": "Cinema"} | lists)
        self.assertEqual(response.headers["Link"], description)

    def test_head_is_get_without_its_body(self):
        for url in urls_and_methods():
            with self.subTest(url):
                get, head = self.ask(url), self.ask(url, "HEAD")

                self.assertEqual(head.status_code, get.status_code)
                self.assertEqual(head.data, b"")
                if get.status_code != 405:
                    self.assertEqual(head.content_length, len(get.data))
                    self.assertEqual(head.headers.get("ETag"), get.headers.get("ETag"))

    def test_options_names_the_methods_of_a_url_in_order(self):
        for url, methods in urls_and_methods().items():
            with self.subTest(url):
                response = self.ask(url, "OPTIONS")

                self.assertEqual((response.status_code, response.data), (200, b""))
                self.assertEqual(response.headers["Allow"], ", ".join(sorted(methods)))

    def test_any_other_method_is_405_that_names_those(self):
        for url, methods in urls_and_methods().items():
            for method in METHODS - methods:
                with self.subTest(url=url, method=method):
                    response = self.ask(url, method)

                    self.assertEqual(response.headers["Allow"], ", ".join(sorted(methods)))
                    if method != "HEAD":
                        self.assert_problem(response, 405, "Method Not Allowed")
        self.assert_nothing_changed()

    def test_slash_too_many_leads_nowhere(self):
        for rule in {route.split()[1] for route in ROUTES if "<path:" not in route} - {"/"}:
            url = example(rule)
            with self.subTest(url):
                self.assert_problem(self.ask(f"{url}/"), 404, "Not Found")

    def test_first_version_says_that_it_ends_and_the_second_does_not(self):
        for route in ROUTES_OF_A_VERSION:
            method, rule = route.split()
            old, new = (self.ask(f"/{version}{example(rule)}", method) for version in ("v1", "v2"))
            with self.subTest(route):
                self.assertEqual(old.headers["Deprecation"], "@1790812800")
                self.assertEqual(old.headers["Sunset"], "Tue, 01 Jan 2030 00:00:00 GMT")
                self.assertIn(f"</v2{example(rule)}>; {LEAD}", old.headers.getlist("Link"))
                self.assertNotIn("Deprecation", new.headers)
                self.assertNotIn(LEAD, str(new.headers))


class ConverterTest(ApiTestCase):
    """A rule can be asked without a request: what it matches, and what it makes of it."""

    def test_rule_hands_the_view_a_number(self):
        urls = self.app.url_map.bind("localhost")

        self.assertEqual(urls.match("/v1/movies/3"), ("v1.movies.get_movie", {"movie_id": 3}))
        self.assertEqual(urls.build("v1.movies.get_movie", {"movie_id": 3}), "/v1/movies/3")

    def test_what_is_no_number_of_ours_is_no_url(self):
        for odd in ODD_IDS:
            with self.subTest(id=odd):
                response = self.client.get(f"/v1/movies/{odd}")

                self.assert_problem(response, 404, "Not Found")


class NewRouteTest(TestCase):
    """A route that you add has what the API promises of all, without a line of its own."""

    def setUp(self):
        app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        app.add_url_rule("/halls/<id:number>", "hall", lambda number: {"hall": number})
        self.client = app.test_client()

    def test_view_gets_what_its_rule_names(self):
        response = self.client.get("/halls/3")

        self.assertEqual((response.status_code, response.json), (200, {"hall": 3}))

    def test_its_errors_have_the_one_shape(self):
        for method, url, status in (("GET", "/halls/03", 404), ("PUT", "/halls/3", 405)):
            with self.subTest(method=method, url=url):
                response = self.client.open(url, method=method)

                self.assertEqual((response.status_code, response.mimetype), (status, PROBLEM))

    def test_its_answers_have_the_fields_of_all(self):
        response = self.client.get("/halls/3")

        self.assertEqual(response.headers["Cache-Control"], KEPT)
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("RateLimit", response.headers)


class HttpsTest(ApiTestCase):
    """Before any view: plain HTTP is led to HTTPS, or refused (5.a)."""

    settings = {"HTTPS": True}

    def test_reader_without_a_secret_is_led(self):
        response = self.client.get("/v1/movies?year=1940")

        self.assertEqual((response.status_code, response.data), (308, b""))
        self.assertEqual(response.location, "https://localhost/v1/movies?year=1940")

    def test_secret_and_change_are_refused_in_the_clear(self):
        for question in (
            {"path": "/v1/movies", "headers": ALICE},
            {"path": "/v1/movies", "headers": {"Signature": "x", "Signature-Input": "x"}},
            {"path": "/v1/movies", "method": "POST", "json": METROPOLIS},
        ):
            with self.subTest(question):
                response = self.client.open(**question)

                self.assert_problem(response, 403, "Forbidden")
                self.assertEqual(response.json["code"], 32)
                self.assertIsNone(response.location, "a mistake should not be made to work")

    def test_https_is_answered_and_asks_to_stay(self):
        response = self.client.get(REBECCA["url"], base_url="https://localhost", headers=ALICE)

        self.assertEqual((response.status_code, response.json), (200, REBECCA))
        self.assertEqual(response.headers["Strict-Transport-Security"], "max-age=31536000")


class RateLimitTest(ApiTestCase):
    settings = {"RATE_LIMIT": "2 per minute"}

    def setUp(self):
        super().setUp()
        self.app.extensions["limits"].own.windows.clear()  # what other tests have asked

    def test_third_of_two_is_told_when_to_ask_again(self):
        *answered, refused = [self.client.get("/") for _ in range(3)]
        another = self.client.get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

        self.assertEqual([response.status_code for response in answered], [200, 200])
        self.assert_problem(refused, 429, "Too Many Requests")
        self.assertRegex(refused.headers["Retry-After"], "^([1-9]|[1-5][0-9]|60)$")
        self.assertRegex(refused.headers["RateLimit"], '^"requests";r=0;t=[1-9]')
        self.assertEqual(another.status_code, 200, "others should not have to wait")


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

                members = ["type", "status", "title", "detail", "code"]
                self.assertEqual((response.status_code, response.mimetype), (status, PROBLEM))
                self.assertEqual([name for name in response.json if name != "errors"], members)
                self.assertEqual((response.json["status"], response.json["code"]), (status, code))
                self.assertEqual(response.headers["X-MyAPI-Error-Code"], str(code))
                self.assertEqual(response.headers["Cache-Control"], "no-store")
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
                self.assertRegex(self.client.open(**question).headers[name], f"^{value}$")

    def test_token_that_is_none_is_called_so(self):
        question, _, _ = ERRORS["no token"]
        _, bearer = self.client.open(**question).headers.getlist("WWW-Authenticate")

        self.assertIn('error="invalid_token"', bearer)


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
        broken = {"entry_point.get_entry_point": Mock(side_effect=error)}
        with patch.dict(self.app.view_functions, broken):
            return self.client.get("/")

    def test_every_handler_has_a_row(self):
        handled = {
            (blueprint, kind)  # no blueprint, None, is the application itself
            for blueprint, by_code in self.app.error_handler_spec.items()
            for by_class in by_code.values()
            for kind in by_class
        }

        asked = {
            next((None, kind) for kind in type(error).__mro__ if (None, kind) in handled)
            for error, _, _ in RAISED
        }
        self.assertEqual(handled, asked, "a new handler needs a row")

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
        message = response.headers["X-MyAPI-Error-Message"]
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


class AroundTest(ApiTestCase):
    """What runs before and after each view, in the order in which it was registered, and back."""

    def test_before_request_can_be_called_without_a_view(self):
        with self.app.test_request_context("/v1/movies", method="BREW"):
            self.assertRaises(MethodNotImplemented, self.app.preprocess_request)
        with self.app.test_request_context("/v1/movies"):
            self.assertIsNone(self.app.preprocess_request(), "None means: go on to the view")

    def test_what_is_refused_before_never_reaches_its_view(self):
        view = Mock()

        with patch.dict(self.app.view_functions, {"v1.movie_list.list_movies": view}):
            for what in ("no such media type", "no password", "no such method at all"):
                question, status, _ = ERRORS[what]
                response = self.client.open(**question)
                self.assertEqual(response.status_code, status)

        view.assert_not_called()

    def test_after_request_adds_its_fields_to_any_answer(self):
        with self.app.test_request_context("/"):
            response = self.app.process_response(Response("any"))

        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(response.headers["RateLimit-Policy"], '"requests";q=1000000;w=60')
        self.assertIn("apiDocumentation", response.headers["Link"])

    def test_and_to_every_error(self):
        for what, (question, _, _) in ERRORS.items():
            with self.subTest(what):
                response = self.client.open(**question)

                self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                self.assertIn("RateLimit", response.headers)

    def test_flask_calls_them_like_brackets(self):
        app, called = Flask("fresh"), []
        for name in ("first", "second"):
            app.before_request(lambda name=name: called.append(f"before: {name}"))
            app.after_request(lambda answer, name=name: called.append(f"after: {name}") or answer)
        app.add_url_rule("/", "view", lambda: called.append("view") or "")

        app.test_client().get("/")

        self.assertEqual(
            called, ["before: first", "before: second", "view", "after: second", "after: first"]
        )


class CommandsTest(ApiTestCase):
    """A command is called as a request is: without a terminal, and with an answer to look at."""

    def run_command(self, *arguments, typed=""):
        return self.app.test_cli_runner().invoke(args=arguments, input=typed)

    def status_of(self, name, password):
        return self.client.get("/v1/movies", headers=basic(name, password)).status_code

    def test_every_command_is_known_here_and_says_what_it_does(self):
        ours = {"create-user", "delete-user", "make-certificate", "seed", "set-password"}
        self.assertEqual(set(self.app.cli.commands), ours | {"db"}, "db is Flask-Migrate's")
        for name in ours:
            with self.subTest(name):
                result = self.run_command(name, "--help")

                self.assertEqual(result.exit_code, 0)
                self.assertRegex(result.output, r"\n\n  [A-Z][^.]+\.\n")

    def test_seed_loads_each_film_once(self):
        first, second = self.run_command("seed"), self.run_command("seed")

        self.assertEqual((first.exit_code, second.exit_code), (0, 0))
        self.assertIn("656 films loaded, 3 were there already.", first.output)
        self.assertIn("0 films loaded, 659 were there already.", second.output)
        self.assertEqual(self.client.get("/v1/movies").json["total"], 659)

    def test_password_that_is_typed_twice_is_not_shown(self):
        password = "a sled named Rosebud"

        result = self.run_command("create-user", "carol", typed=f"{password}\n{password}\n")

        self.assertEqual(result.exit_code, 0)
        self.assertIn("carol is a user now: member.", result.output)
        self.assertNotIn(password, result.output)
        self.assertEqual(self.status_of("carol", password), 200)

    def test_user_who_cannot_be_is_refused_and_says_why(self):
        good = "--password", "a sled named Rosebud"
        for arguments, status, words in (
            (("carol", "--role", "king", *good), 2, "'king' is not one of 'member', 'editor'"),
            (("carol", "--password", "short"), 2, "--password"),
            (("alice", *good), 1, "There is a user alice already."),
            (("Carol!", *good), 1, "small letters or digits"),
        ):
            with self.subTest(arguments):
                result = self.run_command("create-user", *arguments)

                self.assertEqual(result.exit_code, status)
                self.assertIn(words, result.output)
                self.assert_nothing_changed()

    def test_new_password_takes_the_place_of_the_old(self):
        result = self.run_command("set-password", "bob", "--password", "a sled named Rosebud")

        self.assertEqual((result.exit_code, result.output), (0, "bob has a new password.\n"))
        self.assertEqual(self.status_of("bob", "a sled named Rosebud"), 200)
        self.assertEqual(self.client.get("/v1/movies", headers=BOB).status_code, 401)

    def test_user_who_is_deleted_takes_along_what_is_theirs(self):
        self.client.put("/v1/watchlists/mine", json={"title": "Mine"}, headers=BOB)

        result = self.run_command("delete-user", "bob")

        self.assertEqual((result.exit_code, result.output), (0, "bob is no user any more.\n"))
        self.assertEqual(self.client.get("/v1/movies", headers=BOB).status_code, 401)
        self.assertEqual(self.client.get("/v1/watchlists/mine").status_code, 404)

    def test_user_who_is_not_there_cannot_be_changed(self):
        for arguments in (("delete-user", "eve"), ("set-password", "eve", "--password", "x" * 12)):
            with self.subTest(arguments):
                result = self.run_command(*arguments)

                self.assertEqual(result.exit_code, 1)
                self.assertIn("There is no user eve.", result.output)
                self.assert_nothing_changed()

    def test_certificate_is_made_once(self):
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(patch.object(self.app, "instance_path", folder))

        first, second = self.run_command("make-certificate"), self.run_command("make-certificate")

        self.assertEqual((first.exit_code, second.exit_code), (0, 0))
        files = {file.name for file in Path(folder).iterdir()}
        self.assertEqual(files, {"ca.pem", "server.pem", "server.key"})
        self.assertIn("is still good", second.output)
