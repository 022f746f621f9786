"""5.a HTTPS: nobody on the way reads, changes or pretends; and plain HTTP is no way in."""

import os
from unittest import TestCase, mock

from authorization_server import create_app as create_authorization_server
from cinema import create_app
from cinema.data.database import db, writing
from cinema.users.commands import add_first_users
from flask import Flask, redirect, request

from tests import ALICE, METROPOLIS, PASSWORD, REBECCA, SETTINGS, ApiTestCase, basic, urls_of

HTTPS = "https://127.0.0.1:8005"
PLAIN = "http://127.0.0.1:8305"
YEAR = 365 * 24 * 60 * 60
CREDENTIALS = {
    "Authorization": ALICE["Authorization"],
    "Signature": "cinema=:c3RvbGVu:",
    "Signature-Input": 'cinema=("@method")',
}


class HttpsTestCase(ApiTestCase):
    """An application as it is by default: by HTTPS only, and by its own names only."""

    settings = {
        "HTTPS": True,
        "HTTPS_PORT": 8005,
        "TRUSTED_HOSTS": (".localhost", "127.0.0.1"),
    }

    def plain(self, url, method="GET", **arguments):
        return self.client.open(url, method=method, base_url=PLAIN, buffered=True, **arguments)

    def secure(self, url, method="GET", **arguments):
        return self.client.open(url, method=method, base_url=HTTPS, buffered=True, **arguments)

    def assert_refused(self, response):
        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["code"], 32)
        self.assertEqual(response.headers.get("Cache-Control"), "no-store")
        self.assertNotIn("Location", response.headers, "a mistake should not be made to work")
        self.assertNotIn("WWW-Authenticate", response.headers, "nobody should try again like that")


class PlainHttpTest(HttpsTestCase):
    def test_reader_is_led_to_the_same_url_by_https(self):
        for method in ("GET", "HEAD"):
            for url in (
                "/",
                "/v1/movies?year=1940&q=a%26b",
                "/v1/watchlists/x%2Fy",
                "/nothing",
                "//",
            ):
                with self.subTest(method=method, url=url):
                    response = self.plain(url, method, environ_overrides={"REQUEST_URI": url})

                    self.assertEqual(response.status_code, 308)
                    self.assertEqual(response.headers.get("Location"), HTTPS + url)
                    self.assertEqual(response.data, b"")
                    self.assertNotIn("Content-Type", response.headers)

    def test_url_is_led_on_whatever_is_in_it(self):
        for sent, leads_to in (
            ("http://127.0.0.1:8305/v1", "/v1"),  # as to a proxy (RFC 9112, section 3.2.2)
            ("/\\1/http://evil.example/", "/%5C1/http://evil.example/"),
            ("//evil.example/", "//evil.example/"),
        ):
            with self.subTest(sent=sent):
                response = self.plain("/", environ_overrides={"REQUEST_URI": sent})

                self.assertEqual(response.headers.get("Location"), HTTPS + leads_to)

    def test_usual_port_is_left_out(self):
        app = another_app(self, HTTPS=True, HTTPS_PORT=443)

        response = app.test_client().get("/v1/movies", base_url="http://127.0.0.1")

        self.assertEqual(response.headers.get("Location"), "https://127.0.0.1/v1/movies")

    def test_where_it_leads_is_not_kept(self):
        self.assertEqual(self.plain("/").headers.get("Cache-Control"), "no-store")

    def test_other_methods_are_refused(self):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            with self.subTest(method=method):
                self.assert_refused(self.plain("/v1/movies", method))

    def test_credentials_are_refused_even_where_none_are_needed(self):
        for name, value in CREDENTIALS.items():
            with self.subTest(name=name):
                self.assert_refused(self.plain("/v1/movies", headers={name: value}))

    def test_cookie_is_refused(self):
        self.client.set_cookie("__Host-session", "stolen", domain="127.0.0.1")

        self.assert_refused(self.plain("/v1/movies"))

    def test_body_is_refused(self):
        for body in ({"data": b"{}"}, {"headers": {"Transfer-Encoding": "chunked"}}):
            with self.subTest(body=body):
                self.assert_refused(self.plain("/v1/movies", **body))

    def test_refusal_says_what_to_do(self):
        response = self.plain("/v1/movies", headers=ALICE)

        self.assertEqual(
            response.json,
            {
                "type": f"{PLAIN}/errors/https-required",
                "status": 403,
                "title": "Forbidden",
                "detail": "Use https://. Treat any secret you just sent as public.",
                "code": 32,
            },
        )

    def test_nothing_is_done(self):
        self.assert_refused(self.plain("/v1/movies", "POST", json=METROPOLIS, headers=ALICE))

        self.assert_nothing_changed()

    def test_right_and_wrong_password_get_the_same_answer(self):
        right = self.plain("/v1/movies", headers=ALICE)
        wrong = self.plain("/v1/movies", headers=basic("alice", "guessed"))

        self.assert_refused(wrong)
        self.assertEqual(wrong.data, right.data, "who listens should not learn which one is right")

    def test_login_is_refused(self):
        login = {"name": "alice", "password": PASSWORD}

        response = self.plain("/v1/session", "POST", json=login)

        self.assert_refused(response)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_attack_by_a_habit(self):
        """A client that says http:// by mistake goes on doing so for as long as it works."""
        naive = Flask("naive")

        @naive.before_request
        def lead_everybody_to_https():
            if not request.is_secure:
                return redirect(request.url.replace("http://", "https://"), 308)
            return None

        naive.add_url_rule("/v1/movies", view_func=lambda: "done", methods=["POST"])

        worked = naive.test_client().post("/v1/movies", headers=ALICE, follow_redirects=True)
        ours = self.plain("/v1/movies", "POST", headers=ALICE, follow_redirects=True)

        self.assertEqual(worked.text, "done", "nobody will notice that the password was overheard")
        self.assert_refused(ours)


class SecureTest(HttpsTestCase):
    def test_https_is_answered_as_ever(self):
        read = self.secure(REBECCA["url"])
        created = self.secure("/v1/movies", "POST", json=METROPOLIS, headers=ALICE)

        self.assertEqual((read.status_code, read.json), (200, REBECCA))
        self.assertEqual(created.status_code, 201)

    def test_every_answer_tells_browsers_to_be_careful(self):
        for url in [*urls_of(self.app), "/nothing"]:
            for method in ("GET", "HEAD", "OPTIONS", "POST", "BREW"):
                with self.subTest(method=method, url=url):
                    response = self.secure(url, method)

                    self.assertEqual(
                        response.headers.get("Strict-Transport-Security"), f"max-age={YEAR}"
                    )
                    self.assertEqual(response.headers.get("X-Content-Type-Options"), "nosniff")
                    self.assertEqual(response.headers.get("Referrer-Policy"), "no-referrer")

    def test_every_page_says_what_it_may_load(self):
        for url in urls_of(self.app):
            response = self.secure(url)
            if response.mimetype == "text/html" and "swagger-ui" not in url:
                with self.subTest(url=url):
                    self.assertIn(
                        "default-src", response.headers.get("Content-Security-Policy", "")
                    )

    def test_strict_transport_security_is_not_said_over_plain_http(self):
        """Anybody could have added it there (RFC 6797, section 7.2)."""
        for response in (self.plain("/"), self.plain("/", headers=ALICE)):
            self.assertNotIn("Strict-Transport-Security", response.headers)
            self.assertEqual(response.headers.get("X-Content-Type-Options"), "nosniff")

    def test_confirmation_of_what_is_kept_repeats_nothing(self):
        etag = self.secure(REBECCA["url"]).headers.get("ETag", "")

        response = self.secure(REBECCA["url"], headers={"If-None-Match": etag})

        self.assertEqual(response.status_code, 304)
        self.assertNotIn("Referrer-Policy", response.headers)
        self.assertIn("Strict-Transport-Security", response.headers)

    def test_no_other_site_may_read_our_answers(self):
        for origin in ("https://evil.example", "null", HTTPS):
            with self.subTest(origin=origin):
                response = self.secure("/v1/movies", headers={"Origin": origin})

                self.assertNotIn("Access-Control-Allow-Origin", response.headers)

    def test_urls_in_answers_are_secure(self):
        problem = self.secure("/v1/movies/999")

        self.assertEqual(problem.json["type"], f"{HTTPS}/errors/movie-not-found")


class SettingsTest(TestCase):
    """Where nobody says otherwise, all is as safe as it can be."""

    def app(self, **environment):
        settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "CREDENTIALS_DATABASE_URL": "sqlite://"}
        secrets = {"PASSWORD": PASSWORD, "SECRET_KEY": "the secret of the tests"}
        with mock.patch.dict(os.environ, environment):
            app = create_app(settings | secrets)
        self.addCleanup(dispose, app)
        return app

    def test_https_is_what_there_is(self):
        config = self.app().config

        self.assertTrue(config["HTTPS"], "it should be safe where nobody says anything")
        self.assertEqual(config["HTTPS_PORT"], 443)
        self.assertEqual(config["TRUSTED_PROXIES"], 0)
        self.assertRegex(config["AUTHORIZATION_SERVER_URL"], "^https://")

    def test_environment_says_otherwise(self):
        config = self.app(
            HTTPS="0", HTTPS_PORT="8005", HSTS_MAX_AGE="60", TRUSTED_HOSTS="a.example,b.example"
        ).config

        self.assertFalse(config["HTTPS"], "HTTPS=0 should turn it off")
        self.assertEqual((config["HTTPS_PORT"], config["HSTS_MAX_AGE"]), (8005, 60))
        self.assertEqual(config["TRUSTED_HOSTS"], ["a.example", "b.example"])


class AuthorizationServerTest(TestCase):
    """Passwords, codes and tokens go to the authorization server, so HTTPS is for it as well."""

    def setUp(self):
        self.client = self.client_of()

    def client_of(self, **settings):
        settings |= {"SQLALCHEMY_DATABASE_URI": "sqlite://", "HTTPS": True, "HTTPS_PORT": 8205}
        secrets = {"AUTHORIZATION_SERVER_SECRET": "secret", "ROBOT_SECRET": "secret"}
        issuer = {"AUTHORIZATION_SERVER_URL": "https://127.0.0.1:8205"}
        app = create_authorization_server(SETTINGS | settings | secrets | issuer)
        self.addCleanup(dispose, app)
        return app.test_client()

    def test_our_proxy_is_believed_and_a_stranger_is_not(self):
        told = basic("cinema-robot", "secret") | {"X-Forwarded-Proto": "https"}
        behind_a_proxy = self.client_of(TRUSTED_PROXIES=1)

        self.assert_refused(self.client.post("/token", headers=told))
        self.assertEqual(behind_a_proxy.post("/token", headers=told).status_code, 400)

    def test_secret_over_plain_http_is_refused(self):
        self.assert_refused(self.client.post("/token", headers=basic("cinema-robot", "secret")))

    def assert_refused(self, response):
        self.assertEqual(response.status_code, 403, "a secret in the clear should be refused")
        self.assertEqual(response.json.get("error"), "invalid_request")

    def test_reader_is_led_to_https(self):
        response = self.client.get("/authorize?scope=a%20b")

        self.assertEqual(response.status_code, 308)
        self.assertEqual(
            response.headers.get("Location"), "https://localhost:8205/authorize?scope=a%20b"
        )

    def test_its_cookie_travels_by_https_alone(self):
        config = self.client.application.config

        self.assertTrue(config["SESSION_COOKIE_SECURE"], "this cookie should travel by TLS only")
        self.assertEqual(config["SESSION_COOKIE_NAME"], "__Host-authorization_session")


def another_app(test, **settings):
    app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings)
    with app.app_context(), writing():
        add_first_users()
    cleanup = test.addClassCleanup if isinstance(test, type) else test.addCleanup
    cleanup(dispose, app)
    return app


def dispose(app):
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
