"""6.4 Authentication: a session by cookie, and other sites that would like to use it."""

from datetime import timedelta
from unittest.mock import patch

from cinema.users.credentials import stored
from cinema.users.sessions import LIFE, REMEMBERED_LIFE
from flask import Flask

from tests.test_64_authentication import LIST, MINE, NEW_PASSWORD, AuthenticationTestCase

from . import BOB
from .credentials import in_base64, later
from .seams import by_another

SECOND = timedelta(seconds=1)
EVIL = "https://evil.example"


class CookieTest(AuthenticationTestCase):
    """A session: log in once, and the browser brings the cookie."""

    def thief(self, cookie):
        """Return the browser of somebody who has got hold of a cookie."""
        thief = self.app.test_client()
        thief.set_cookie("session", cookie)
        return thief

    def cookie(self):
        cookie = self.client.get_cookie("session")
        self.assertIsNotNone(cookie, "POST /v1/session should set a cookie")
        return cookie.value

    def assert_nobodys(self, cookie):
        self.assert_problem(self.thief(cookie).get("/v1/session"), 404, "Not Found")

    def test_login_is_a_session_that_is_created(self):
        response = self.log_in()

        cookie = self.client.get_cookie("session")
        self.assertEqual((response.status_code, response.location), (201, "/v1/session"))
        self.assertEqual(self.client.get(response.location).json, response.json)
        self.assertEqual((cookie.http_only, cookie.same_site, cookie.path), (True, "Lax", "/"))
        self.assertEqual(response.headers.get("Cache-Control"), "no-store")

    def test_login_that_fails_sets_no_cookie_and_tells_nobody_why(self):
        wrong, unknown = self.log_in(password="wrong"), self.log_in(name="nobody")

        for response in (wrong, unknown):
            self.assert_refused(response)
            self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(wrong.data, unknown.data)
        self.assert_nothing_changed()

    def test_login_begins_a_new_session_and_ends_the_one_that_was_planted(self):
        self.log_in()
        planted = self.cookie()

        self.log_in(name="alice")

        self.assertNotEqual(self.cookie(), planted)
        self.assertEqual(self.client.get("/v1/session").json["user"], "alice")
        self.assert_nobodys(planted)

    def test_session_gets_another_token_in_the_second_half_of_its_life(self):
        self.log_in()
        first = self.cookie()
        for hours, is_another in ((5, False), (7, True)):
            with self.subTest(hours=hours), later(hours=hours):
                response = self.client.get("/v1/session")

                self.assertEqual("Set-Cookie" in response.headers, is_another)
                self.assertEqual(self.cookie() != first, is_another)
                self.assertEqual(self.client.get("/v1/session").json["user"], "bob")

    def test_logout_ends_the_session_on_our_side(self):
        csrf = {"X-CSRF-Token": self.log_in().json["csrf_token"]}
        copy = self.cookie()

        response = self.client.delete("/v1/session", headers=csrf)

        self.assertEqual(response.status_code, 204)
        self.assertIsNone(self.client.get_cookie("session"))
        self.assert_nobodys(copy)

    def test_session_ends_to_the_second(self):
        for remember, life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                self.log_in(remember=remember)
                cookie = self.cookie()

                with later(seconds=(life - SECOND).total_seconds()):
                    self.assertEqual(self.thief(cookie).get("/v1/session").status_code, 200)
                with later(seconds=life.total_seconds()):
                    self.assert_nobodys(cookie)

    def test_tampered_and_forged_cookies_are_nobodys(self):
        self.log_in()
        payload, moment, mac = self.cookie().split(".")
        forger = Flask("forger")
        forger.secret_key = "guessed"
        with self.client.session_transaction() as session:
            known = forger.session_interface.get_signing_serializer(forger).dumps(dict(session))
        for cookie in (
            f"{payload}.{moment}.{mac[::-1]}",
            f"{in_base64(b'{}')}.{moment}.{mac}",
            f"{payload}.{moment}.",
            f"{payload}.{moment}",
            payload,
            known,
            "junk",
            "",
        ):
            with self.subTest(cookie):
                self.assert_nobodys(cookie)


class OvertakenTest(AuthenticationTestCase):
    """Looks inside: the password changes while it is checked; `verify` of the store is the seam."""

    def test_login_that_is_overtaken_by_a_new_password_begins_no_session(self):
        verify = stored.verify

        def verify_and_be_overtaken(*values):
            right = verify(*values)
            by_another(lambda: self.command("set-password", "bob", "--password", NEW_PASSWORD))
            return right

        with patch.object(stored, "verify", verify_and_be_overtaken):
            response = self.log_in()

        self.assert_refused(response)
        self.assert_problem(self.client.get("/v1/session"), 404, "Not Found")


class OtherSitesTest(AuthenticationTestCase):
    """A browser sends the cookie for any site that asks: a change needs a proof (OWASP: CSRF)."""

    CHANGES = (
        ("PUT", MINE),
        ("POST", "/v1/tokens"),
        ("POST", "/v1/signing-key"),
        ("PUT", "/v1/password"),
        ("DELETE", "/v1/session"),
    )

    def setUp(self):
        super().setUp()
        self.csrf_token = self.log_in().json["csrf_token"]
        self.snapshot = self.database.serialize()

    def assert_kept_out(self, method="PUT", url=MINE, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}

        response = self.client.open(url, method=method, json=LIST, headers=headers)

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_change_with_the_proof_is_made(self):
        for headers in ({}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
            with self.subTest(headers):
                headers |= {"X-CSRF-Token": self.csrf_token}

                response = self.client.put(MINE, json=LIST, headers=headers)

                self.assertLess(response.status_code, 300)

    def test_change_by_the_cookie_alone_is_refused(self):
        for method, url in self.CHANGES:
            with self.subTest(method=method, url=url):
                self.assert_kept_out(method, url)

    def test_proof_is_of_one_session(self):
        others = self.app.test_client()
        own_elsewhere = self.log_in(others).json["csrf_token"]
        alices = self.log_in(others, "alice").json["csrf_token"]
        self.snapshot = self.database.serialize()
        for token in ("", "é", self.csrf_token[:-1], own_elsewhere, alices):
            with self.subTest(token):
                self.assert_kept_out(X_CSRF_Token=token)

    def test_other_site_is_refused_even_with_the_proof(self):
        for headers in (
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Origin": "http://localhost:8080"},
            {"Origin": "http://localhost.evil.example"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
        ):
            with self.subTest(headers):
                self.assert_kept_out(X_CSRF_Token=self.csrf_token, **headers)

    def test_other_site_logs_nobody_in(self):
        response = self.log_in(name="alice", headers={"Origin": EVIL})

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(self.client.get("/v1/session").json["user"], "bob")

    def test_other_site_gets_no_key_by_a_password_that_the_browser_keeps(self):
        other = self.app.test_client()

        response = other.post("/v1/signing-key", headers=BOB | {"Origin": EVIL})

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_reading_needs_no_proof(self):
        self.client.put(MINE, json=LIST | {"private": True}, headers=BOB)

        self.assertEqual(self.client.get(MINE).status_code, 200)
