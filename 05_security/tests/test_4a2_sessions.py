"""4.a2 Cookies: when a session ends, and cookies that lead to none.

Beside our sessions stand naive ones, and an attack: it works on the naive one, not on ours.
"""

from datetime import timedelta
from secrets import token_hex

from flask import Flask, request, session
from sqlalchemy import func, select

from tests.browsers import SessionTestCase, encoded
from tests.lesson import made_in

with made_in("4.a2"):
    from cinema.data.database import db
    from cinema.users.sessions import LIFE, LoginSession


class EndTest(SessionTestCase):
    """What ends a session, beside its logout."""

    def test_new_password_ends_all_sessions_of_its_user(self):
        alices, bobs = self.browser()[0], self.browser("bob")[0]

        self.set_password("alice", "a new password")

        self.assert_stranger(alices)
        self.assertEqual(self.user_of(bobs), "bob")

    def test_session_ends_with_its_user(self):
        browser, _ = self.browser()

        self.delete_user("alice")

        self.assert_stranger(browser)


class TimeTest(SessionTestCase):
    """A session ends by itself.

    This looks inside: at its clock, `tests.browsers.CLOCK`, and at the rows of LoginSession.
    """

    def test_session_ends_after_its_time(self):
        browser, _ = self.browser()

        with self.after(LIFE - timedelta(minutes=1)):
            self.assertEqual(self.user_of(browser), "alice", "it should last until then")
        with self.after(LIFE):
            self.assert_stranger(browser)

    def test_what_has_expired_is_cleared_away_at_the_next_login(self):
        self.browser()

        with self.after(LIFE):
            self.browser("bob")

        with self.app.app_context():
            kept = db.session.scalar(select(func.count()).select_from(LoginSession))
        self.assertEqual(kept, 1, "otherwise the table grows for ever")


class ForgedCookieTest(SessionTestCase):
    """A cookie that we have not made is nobody's, and breaks nothing."""

    def test_junk_cookies_are_nobodys(self):
        for cookie in (
            *("", "x", ".", "..", "a.b.c", "....", "{}", "é", "\x01", "%00", "null", "x" * 4000),
            encoded({"token": "guessed"}),
            f"{encoded({'token': 'guessed'})}.aaaaaa.{'a' * 27}",
        ):
            with self.subTest(cookie=cookie[:40]):
                self.assert_stranger(self.thief(cookie))

    def test_tampered_cookies_are_nobodys(self):
        browser, _ = self.browser()
        parts = self.cookie_of(browser).split(".")
        for place, part in enumerate(parts):
            for changed in {part[::-1], encoded({"token": "guessed"}), ""} - {part}:
                cookie = ".".join([*parts[:place], changed, *parts[place + 1 :]])
                with self.subTest(cookie=cookie):
                    self.assert_stranger(self.thief(cookie))

    def test_part_of_a_cookie_is_nobodys(self):
        browser, _ = self.browser()
        cookie = self.cookie_of(browser)
        for length in (len(cookie) // 3, len(cookie) // 2, len(cookie) - 2):
            with self.subTest(length=length):
                self.assert_stranger(self.thief(cookie[:length]))

    def test_cookies_of_another_secret_are_nobodys(self):
        forger = Flask("forger")
        forger.secret_key = "guessed"
        browser, _ = self.browser()
        make = forger.session_interface.get_signing_serializer
        content = make(self.app).loads(self.cookie_of(browser))

        self.assert_stranger(self.thief(make(forger).dumps(content)))

    def test_junk_cookie_does_not_keep_anybody_from_logging_in(self):
        response = self.log_in(self.thief("junk"))

        self.assert_status(response, 201)


class NaiveSessionTest(SessionTestCase):
    """What a cookie must not be, in five lines each."""

    def test_name_in_a_cookie_can_be_written_by_anybody(self):
        naive = Flask("naive")

        @naive.get("/")
        def who():
            return request.cookies.get("user", "nobody")

        forger = naive.test_client()
        forger.set_cookie("user", "alice")

        self.assertEqual(forger.get("/").text, "alice")
        for forged in ("alice", encoded("alice"), encoded({"user": "alice"})):
            self.assert_stranger(self.thief(forged))

    def test_session_that_is_only_a_signed_cookie_outlives_its_logout(self):
        naive = Flask("naive")
        naive.secret_key = "secret"

        @naive.get("/")
        def who():
            return session.get("user", "nobody")

        @naive.post("/")
        def log_in():
            session["user"] = "alice"
            return "", 201

        @naive.delete("/")
        def log_out():
            session.clear()
            return "", 204

        victim, thief = naive.test_client(), naive.test_client()
        victim.post("/")
        thief.set_cookie("session", self.cookie_of(victim))
        victim.delete("/")

        self.assertEqual(thief.get("/").text, "alice")  # for as long as the secret stays the same
        browser, csrf = self.browser()
        copy = self.cookie_of(browser)
        browser.delete("/v1/session", headers=csrf)
        self.assert_stranger(self.thief(copy))

    def test_session_that_keeps_its_id_at_login_can_be_planted(self):
        naive, users = Flask("naive"), {}

        @naive.get("/")
        def who():
            return users.get(request.cookies.get("id"), "nobody")

        @naive.post("/<name>")
        def log_in(name):
            session_id = request.cookies.get("id") or token_hex()
            users[session_id] = name
            return "", 201, {"Set-Cookie": f"id={session_id}"}

        attacker, victim = naive.test_client(), naive.test_client()
        attacker.post("/mallory")
        victim.set_cookie("id", attacker.get_cookie("id").value)  # by a link, or a subdomain
        victim.post("/alice")

        self.assertEqual(attacker.get("/").text, "alice")
        attacker, _ = self.browser("bob")
        planted = self.cookie_of(attacker)
        self.log_in(self.thief(planted), "alice")
        self.assert_stranger(attacker)
