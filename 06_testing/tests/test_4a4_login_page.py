"""4.a4 OAuth 2: passwords are seen by the authorization server and nobody else."""

import re
import sqlite3

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.exc import OperationalError

from tests.lesson import made_in
from tests.oauth import (
    PASSWORD,
    REQUEST,
    SETTINGS,
    OAuthTestCase,
    add_users_and_clients,
    dispose,
    login_in_cookie,
)

with made_in("4.a4"):
    from authorization_server import create_app
    from authorization_server.http.errors import busy


class BusyTest(OAuthTestCase):
    """Another program has the lock of the database."""

    def busy(self, words):
        with Flask(__name__).test_request_context():
            return busy(OperationalError("SELECT 1", {}, sqlite3.OperationalError(words)))

    def test_locked_database_is_503_and_says_when_to_ask_again(self):
        response = self.busy("database is locked")

        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.headers.get("Retry-After"), "1")

    def test_other_error_of_the_database_is_ours(self):
        with self.assertRaises(OperationalError):
            self.busy("no such table: client")


class LoginTest(OAuthTestCase):
    """Passwords are seen here and nowhere else."""

    def test_wrong_password_and_unknown_user_get_the_same_answer(self):
        def without_token(page):
            return re.sub('value="[^"]+"', "", page.text)

        wrong_password, unknown_user = self.log_in("alice", "guess"), self.log_in("nobody", "guess")

        self.assert_status(wrong_password, 403)
        self.assertEqual(unknown_user.status_code, 403)
        self.assertEqual(without_token(wrong_password), without_token(unknown_user))

    def test_failed_login_can_be_tried_again(self):
        page = self.log_in("alice", "guess")

        answer = self.submit(page, "/login", {"name": "alice", "password": PASSWORD})

        self.assert_status(answer, 303)

    def test_guessing_is_limited(self):
        for _ in range(10):
            self.log_in("mallory", "guess")

        answer = self.log_in("mallory", "guess")

        self.assert_status(answer, 429)
        self.assertEqual(answer.mimetype, "text/html")
        self.assertRegex(answer.headers.get("Retry-After", ""), "^[1-9][0-9]*$")

    def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        cookie = self.ask().headers.get("Set-Cookie", "")

        self.assertRegex(cookie, "^authorization_session=", "cookies know nothing of ports")
        self.assertIn("; HttpOnly", cookie)
        self.assertIn("; SameSite=Lax", cookie)
        self.assertNotIn("Expires", cookie)

    def test_session_cookie_travels_by_tls_where_there_is_any(self):
        app = create_app(SETTINGS | {"AUTHORIZATION_SERVER_URL": "https://auth.example"})
        self.addCleanup(dispose, app)
        add_users_and_clients(app)

        page = app.test_client().get(
            "/authorize", query_string=REQUEST, base_url="https://auth.example"
        )
        self.assertIn("; Secure", page.headers.get("Set-Cookie", ""), "it should need TLS")
        self.assertNotIn("; Secure", self.ask().headers.get("Set-Cookie", ""))

    def test_login_begins_another_session(self):
        before = self.ask()
        self.submit(before, "/login", {"name": "alice", "password": PASSWORD})

        answer = self.submit(before, "/authorize", {"decision": "allow"})  # with its old CSRF token

        self.assert_told_user_only(answer)

    def test_junk_cookies_are_nobodys(self):
        for cookie in ("junk", "a.b.c", ".eJw", '"', "%00", "=", "é" * 10, "x" * 4000):
            with self.subTest(cookie[:10]):
                self.browser.set_cookie("authorization_session", cookie)

                page = self.ask()

                self.assert_asks_for_password(page)

    def test_names_in_any_letters_are_only_unknown(self):
        for name in ("Ælfric", "алиса", "x" * 10_000, "' OR 1=1 --", "<script>", ""):
            with self.subTest(name[:10]):
                self.assert_status(self.log_in(name, name), 403)


class ForgeryTest(OAuthTestCase):
    """Other sites can neither press our buttons nor let the user press them unawares."""

    def test_decision_without_csrf_token_is_refused(self):
        self.log_in()

        for form in ({}, {"csrf_token": ""}, {"csrf_token": "guessed"}, {"csrf_token": "gärbled"}):
            with self.subTest(form):
                answer = self.browser.post(
                    "/authorize", query_string=REQUEST, data=form | {"decision": "allow"}
                )

                self.assert_told_user_only(answer)

    def test_login_without_csrf_token_is_refused(self):
        form = {"name": "alice", "password": PASSWORD}

        answer = self.browser.post("/login", query_string=REQUEST, data=form)

        self.assert_told_user_only(answer)

    def test_csrf_token_of_another_browser_is_refused(self):
        page = self.app.test_client().get("/authorize", query_string=REQUEST)

        answer = self.submit(page, "/login", {"name": "alice", "password": PASSWORD})

        self.assert_told_user_only(answer)

    def test_decision_without_login_leads_to_the_login(self):
        answer = self.submit(self.ask(), "/authorize", {"decision": "allow"})

        self.assert_status(answer, 303)
        self.assertEqual((answer.location or "").partition("?")[0], "/authorize")

    def test_decision_that_is_neither_is_no_consent(self):
        self.assert_told_client(self.decide("perhaps"), "access_denied")

    def test_pages_cannot_be_framed_or_scripted(self):
        for page in (self.ask(), self.ask(client_id="unknown"), self.log_in("alice", "guess")):
            policy = page.content_security_policy
            self.assertEqual(policy.default_src, "'none'")
            self.assertEqual(policy.frame_ancestors, "'none'")
            self.assertEqual(page.headers.get("X-Frame-Options"), "DENY")
            self.assert_not_stored(page)

    def test_forms_lead_here_and_to_the_client_only(self):
        page = self.ask()

        self.assertEqual(page.content_security_policy.form_action, "'self' http://127.0.0.1:8204")

    def test_what_a_client_sends_is_shown_as_text(self):
        page = self.ask(state="<script>alert(1)</script>", redirect_uri="<script>alert(1)</script>")

        self.assertNotIn("<script>", page.text)


class ForgedLoginTest(OAuthTestCase):
    """The API, and what steals its secret, cannot log anybody in here.

    This looks inside: at what the cookie holds, `tests.oauth.login_in_cookie`.
    """

    def test_secret_of_the_api_logs_nobody_in(self):
        def cookie_signed_with(secret):
            forger = Flask("forger")
            forger.secret_key = secret
            serializer = SecureCookieSessionInterface().get_signing_serializer(forger)
            return serializer.dumps(login_in_cookie(self.app))

        pages = []
        for name in ("SECRET_KEY", "AUTHORIZATION_SERVER_SECRET"):
            self.browser.set_cookie("authorization_session", cookie_signed_with(SETTINGS[name]))
            pages.append(self.ask())

        self.assert_asks_for_password(pages[0])
        self.assert_asks_for_consent(pages[1])  # so it was well forged
