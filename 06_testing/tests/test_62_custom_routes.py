"""6.2 Custom routes: every route, what its URL may be, and a route of your own.

The table is complete by construction: a route without a row is a failure.
"""

import re
from itertools import product
from mimetypes import guess_type
from unittest import TestCase

from cinema import create_app
from cinema.data.database import db

from tests import BOB, SETTINGS, ApiTestCase
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

                cache_control = response.headers.get("Cache-Control")
                self.assertEqual((response.status_code, response.mimetype, cache_control), expected)
        self.assert_nothing_changed()

    def test_door_leads_to_the_lists_and_to_the_description(self):
        response = self.ask("/")

        lists = {"movies": "/v1/movies", "watchlists": "/v1/watchlists"}
        description = '</openapi.yaml>; rel="service-desc", </docs>; rel="service-doc"'
        self.assertEqual(response.json, {"name": "Cinema"} | lists)
        self.assertEqual(response.headers.get("Link"), description)

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
                self.assertEqual(response.headers.get("Allow"), ", ".join(sorted(methods)))

    def test_any_other_method_is_405_that_names_those(self):
        for url, methods in urls_and_methods().items():
            for method in METHODS - methods:
                with self.subTest(url=url, method=method):
                    response = self.ask(url, method)

                    self.assertEqual(response.headers.get("Allow"), ", ".join(sorted(methods)))
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
                self.assertEqual(old.headers.get("Deprecation"), "@1790812800")
                self.assertEqual(old.headers.get("Sunset"), "Tue, 01 Jan 2030 00:00:00 GMT")
                self.assertIn(f"</v2{example(rule)}>; {LEAD}", old.headers.getlist("Link"))
                self.assertNotIn("Deprecation", new.headers)
                self.assertNotIn(LEAD, str(new.headers))


class ConverterTest(ApiTestCase):
    """A rule can be asked without a request: what it matches, and what it makes of it."""

    def test_rule_hands_the_view_a_number(self):
        urls = self.app.url_map.bind("localhost")

        endpoint, values = urls.match("/v1/movies/3")

        self.assertEqual(values, {"movie_id": 3})
        self.assertEqual(urls.build(endpoint, {"movie_id": 4}), "/v1/movies/4")

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

        self.assertEqual(response.headers.get("Cache-Control"), KEPT)
        self.assertEqual(response.headers.get("X-Content-Type-Options"), "nosniff")
        self.assertIn("RateLimit", response.headers)
