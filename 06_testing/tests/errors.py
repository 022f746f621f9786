"""What the tests of 4.c start from: for each code a request, and what holds for all."""

from unittest import mock
from urllib.parse import unquote

from cinema import create_app
from cinema.api.error_codes import ErrorCode
from cinema.data.database import db
from sqlalchemy.exc import OperationalError

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, a_defect, basic

FRIDAY_NIGHT = "/v1/watchlists/friday-night"
SECRET = "SELECT secret FROM /srv/cinema/instance/cinema.db"


class Causes:
    """For each code, a request that is answered with it."""

    def bad_request(self):
        return self.client.post(
            "/v1/movies", data="{", content_type="application/json", headers=ALICE
        )

    def invalid_values(self):
        return self.create_movie(year=0)

    def not_authenticated(self):
        return self.client.post("/v1/movies", json=METROPOLIS)

    def wrong_credentials(self):
        return self.client.get("/v1/movies", headers=basic("alice", "wrong"))

    def invalid_token(self):
        return self.client.get("/v1/movies", headers={"Authorization": "Bearer junk"})

    def forbidden(self):
        self.client.put(FRIDAY_NIGHT, json={"title": "Mine"}, headers=ALICE)
        return self.client.put(FRIDAY_NIGHT, json={"title": "Yours"}, headers=BOB)

    def not_permitted(self):
        return self.client.post("/v1/movies", json=METROPOLIS, headers=BOB)

    def https_required(self):
        return self.another_app(HTTPS=True).test_client().get("/v1/movies", headers=ALICE)

    def not_found(self):
        return self.client.get("/v1/nothing")

    def movie_not_found(self):
        return self.client.get("/v1/movies/999")

    def watchlist_not_found(self):
        return self.client.get("/v1/watchlists/none")

    def method_not_allowed(self):
        return self.client.delete("/v1/movies")

    def not_acceptable(self):
        return self.client.get("/v1/movies", headers={"Accept": "image/png"})

    def conflict(self):
        return self.create_movie(imdb_id=REBECCA["imdb_id"])

    def precondition_failed(self):
        return self.client.get(REBECCA["url"], headers={"If-Match": '"stale"'})

    def too_large(self):
        return self.create_movie(title="x" * 70_000)

    def unsupported_media_type(self):
        return self.client.post("/v1/movies", data="title=Metropolis", headers=ALICE)

    def precondition_required(self):
        with mock.patch.dict(self.app.config, REQUIRE_IF_MATCH=True):
            return self.client.delete(REBECCA["url"], headers=ALICE)

    def too_many_requests(self):
        client = self.another_app(RATE_LIMIT="1 per minute").test_client()
        client.get("/")
        return client.get("/")

    def internal_error(self):
        with a_defect(self.app, "/v1/movies", RuntimeError(SECRET)), self.assertLogs("cinema"):
            return self.client.get("/v1/movies")

    def not_implemented(self):
        return self.client.open("/v1/movies", method="BREW")

    def unavailable(self):
        """The real cause, a database that is locked, takes a file: see LockedTest."""
        locked = OperationalError("SELECT", {}, Exception("database is locked"))
        with a_defect(self.app, "/v1/movies", locked):
            return self.client.get("/v1/movies")

    def another_app(self, **settings):
        app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings)
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        return app


class EveryCode:
    """What holds for each of the codes for which a test class has a cause."""

    def codes(self):
        return [code for code in ErrorCode if hasattr(self, code.name.lower())]

    def answer_with(self, code):
        """Return an answer that has a code; its database is as it was at the start."""
        self.begin_again()
        return getattr(self, code.name.lower())()

    def test_code_is_the_answer_to_some_request(self):
        for code in self.codes():
            with self.subTest(code=code.name):
                response = self.answer_with(code)

                self.assertEqual(response.status_code, code.status, response.text)
                self.assertEqual(response.mimetype, "application/problem+json")
                self.assertEqual(response.json.get("status"), code.status)
                self.assertEqual(response.json.get("code"), code)

    def test_headers_say_what_the_body_says(self):
        for code in self.codes():
            with self.subTest(code=code.name):
                response = self.answer_with(code)

                number = response.headers.get("X-MyAPI-Error-Code")
                message = response.headers.get("X-MyAPI-Error-Message", "")
                self.assertEqual(number, str(response.json.get("code")))
                self.assertEqual(unquote(message), response.json.get("detail"))
                self.assertRegex(message, r"\A[ -~]+\Z", "one line of ASCII, nothing else")

    def test_type_leads_to_a_page_about_the_code(self):
        for code in self.codes():
            with self.subTest(code=code.name):
                page = self.client.get(self.answer_with(code).json.get("type"))

                self.assertEqual(page.status_code, 200)
                self.assertEqual(page.mimetype, "text/html")
                self.assertIn(f"<h1>{code.title}</h1>", page.text)
                self.assertIn(f"<td>{code.value}", page.text)

    def test_only_an_error_of_ours_has_a_number_to_tell_us(self):
        for code in self.codes():
            with self.subTest(code=code.name):
                response = self.answer_with(code)

                self.assertEqual("instance" in response.json, code is ErrorCode.INTERNAL_ERROR)

    def test_who_has_to_wait_is_told_how_long(self):
        for code in {ErrorCode.TOO_MANY_REQUESTS, ErrorCode.UNAVAILABLE}.intersection(self.codes()):
            with self.subTest(code=code.name):
                response = self.answer_with(code)

                self.assertRegex(response.headers.get("Retry-After", ""), "^[1-9][0-9]?$")

    def test_error_is_not_kept(self):
        for code in self.codes():
            with self.subTest(code=code.name):
                response = self.answer_with(code)

                self.assertEqual(response.headers.get("Cache-Control"), "no-store")
