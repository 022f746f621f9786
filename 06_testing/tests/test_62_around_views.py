"""6.2 Custom routes: what runs before and after each view."""

from unittest.mock import Mock, patch

from flask import Flask, Response
from werkzeug.exceptions import NotImplemented as MethodNotImplemented

from tests import ALICE, METROPOLIS, REBECCA, ApiTestCase
from tests.test_62_error_handlers import ERRORS


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
        self.assertEqual(response.headers.get("Strict-Transport-Security"), "max-age=31536000")


class RateLimitTest(ApiTestCase):
    settings = {"RATE_LIMIT": "2 per minute"}

    def get(self, address):
        return self.client.get("/", environ_overrides={"REMOTE_ADDR": address})

    def test_third_of_two_is_told_when_to_ask_again(self):
        *answered, refused = [self.get("192.0.2.62") for _ in range(3)]  # as in no other test
        another = self.get("192.0.2.63")

        self.assertEqual([response.status_code for response in answered], [200, 200])
        self.assert_problem(refused, 429, "Too Many Requests")
        self.assertRegex(refused.headers.get("Retry-After", ""), "^([1-9]|[1-5][0-9]|60)$")
        self.assertRegex(refused.headers.get("RateLimit", ""), '^"requests";r=0;t=[1-9]')
        self.assertEqual(another.status_code, 200, "others should not have to wait")


class AroundTest(ApiTestCase):
    """What runs before and after each view, in the order in which it was registered, and back."""

    def test_before_request_can_be_called_without_a_view(self):
        with self.app.test_request_context("/v1/movies", method="BREW"):
            self.assertRaises(MethodNotImplemented, self.app.preprocess_request)
        with self.app.test_request_context("/v1/movies"):
            self.assertIsNone(self.app.preprocess_request(), "None means: go on to the view")

    def test_what_is_refused_before_never_reaches_its_view(self):
        view = Mock()
        endpoint, _ = self.app.url_map.bind("localhost").match("/v1/movies")

        with patch.dict(self.app.view_functions, {endpoint: view}):
            for what in ("no such media type", "no password", "no such method at all"):
                question, status, _ = ERRORS[what]
                response = self.client.open(**question)
                self.assertEqual(response.status_code, status)

        view.assert_not_called()

    def test_after_request_adds_its_fields_to_any_answer(self):
        with self.app.test_request_context("/"):
            self.app.preprocess_request()
            response = self.app.process_response(Response("any"))

        self.assertEqual(response.headers.get("X-Content-Type-Options"), "nosniff")
        self.assertEqual(response.headers.get("Referrer-Policy"), "no-referrer")
        self.assertEqual(response.headers.get("RateLimit-Policy"), '"requests";q=1000000;w=60')
        self.assertIn("apiDocumentation", response.headers.get("Link", ""))

    def test_and_to_every_error(self):
        for what, (question, _, _) in ERRORS.items():
            with self.subTest(what):
                response = self.client.open(**question)

                self.assertEqual(response.headers.get("X-Content-Type-Options"), "nosniff")
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
