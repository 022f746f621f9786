"""5.c Cookies: how long a session lives, and how it gets another token meanwhile."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from unittest.mock import patch

from tests.seams import overtaken_by
from tests.test_5c_cookies import (
    COOKIE,
    FAVOURITES,
    SECOND,
    SESSION,
    CookieTestCase,
    inside,
    later,
    parts,
)

from . import PASSWORD, ServerTestCase, all_at_once
from .lesson import made_in

with made_in("5.c"):
    from cinema.users.sessions import (
        LIFE,
        LONGEST,
        OVERLAP,
        REMEMBERED_LIFE,
    )

LONGEST_IN_A_BROWSER = timedelta(days=400)  # RFC 6265bis, section 5.5
NO_FLAG = "must be true or false"
NO_TEXT = "must be text of 1 to 1000 characters, not blank, without U+0000"


def texts_in(cookie):
    """Return the texts that anybody can read in a cookie, its token among them."""
    return {value for value in inside(cookie).values() if isinstance(value, str)}


class RememberTest(CookieTestCase):
    """A cookie for this visit, or one that is still there after the next start of the browser."""

    def test_remembered_cookie_has_an_end_and_every_flag(self):
        before = datetime.now(UTC).replace(microsecond=0)

        _, _, attributes = parts(self.log_in(remember=True))

        expires = parsedate_to_datetime(attributes.pop("Expires"))
        self.assertLessEqual(before + REMEMBERED_LIFE, expires)
        self.assertLess(expires, before + REMEMBERED_LIFE + timedelta(minutes=1))
        self.assertLess(REMEMBERED_LIFE, LONGEST_IN_A_BROWSER)
        self.assertEqual(attributes, {"Secure": "", "HttpOnly": "", "Path": "/", "SameSite": "Lax"})

    def test_session_ends_with_the_browser_unless_its_user_wants_otherwise(self):
        for members in ({}, {"remember": False}):
            with self.subTest(members=members):
                _, _, attributes = parts(self.log_in(**members))

                self.assertEqual(attributes.keys() & {"Expires", "Max-Age"}, set())

    def test_to_remember_is_true_or_false(self):
        for remember in (None, 0, 1, "true", "", [], {}, [True]):
            with self.subTest(remember=remember):
                response = self.log_in(remember=remember)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"], {"remember": NO_FLAG})
                self.assertNotIn("Set-Cookie", response.headers)
        self.assert_nothing_changed()

    def test_all_that_is_wrong_is_told_at_once(self):
        response = self.client.post(SESSION, json={"name": 7, "remember": "yes", "role": "editor"})

        self.assertEqual(
            response.json["errors"],
            {
                "name": NO_TEXT,
                "password": NO_TEXT,
                "remember": NO_FLAG,
                "role": "is not one of name, password, remember",
            },
        )

    def test_version_2_remembers_as_well(self):
        body = {"name": "alice", "password": PASSWORD, "remember": True}

        response = self.client.post("/v2/session", json=body)

        self.assertIn("Expires", parts(response)[2])

    def test_session_ends_here_whatever_the_browser_keeps(self):
        for remember, its_life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                browser, _ = self.browser(remember=remember)
                with later(its_life - 2 * SECOND):
                    self.assert_logged_in(browser)
                with later(its_life):
                    self.assert_stranger(browser)

    def test_signature_of_a_cookie_ends_too(self):
        browser, _ = self.browser(remember=True)
        seconds = int(datetime.now(UTC).timestamp() + REMEMBERED_LIFE.total_seconds())

        for after, check in ((-60, self.assert_logged_in), (60, self.assert_stranger)):
            with patch("itsdangerous.timed.time.time", return_value=seconds + after):
                check(browser)

    def test_next_login_may_want_otherwise(self):
        browser, _ = self.browser(remember=True)

        _, _, attributes = parts(self.log_in(browser, "bob"))

        self.assertNotIn("Expires", attributes)
        with later(LIFE):
            self.assert_stranger(browser)

    def test_new_password_ends_what_was_remembered(self):
        browser, _ = self.browser(remember=True)

        self.app.test_cli_runner().invoke(
            args=("set-password", "alice", "--password", "another passphrase of hers")
        )

        self.assert_stranger(browser)


class RenewalTest(CookieTestCase):
    """Half of its life after a login, the session gets another token (OWASP: renewal timeout)."""

    def renew(self, browser, its_life=LIFE):
        """Let half of a session's life pass, and ask for the session; return the answer."""
        with later(its_life / 2 + SECOND):
            return browser.get(SESSION)

    def test_first_half_of_its_life_changes_nothing(self):
        for remember, its_life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                browser, _ = self.browser(remember=remember)
                before = self.database.serialize()

                with later(its_life / 2 - 2 * SECOND):
                    response = browser.get(SESSION)

                self.assertNotIn("Set-Cookie", response.headers)
                self.assertTrue(self.database.serialize() == before, "reading should not write")

    def test_second_half_brings_another_token(self):
        for remember, its_life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                browser, _ = self.browser(remember=remember)
                before = texts_in(browser.get_cookie(COOKIE).value)

                response = self.renew(browser, its_life)

                name, value, attributes = parts(response)
                self.assertEqual((response.status_code, name), (200, COOKIE))
                self.assertEqual("Expires" in attributes, remember)
                self.assertLessEqual({"Secure", "HttpOnly", "SameSite"}, attributes.keys())
                self.assertEqual(response.headers.get("Cache-Control"), "no-store")
                self.assertNotEqual(texts_in(value), before, "a thief's copy has the old token")
                for text in texts_in(value):
                    self.assertNotIn(text.encode(), self.database.serialize(), "keep a hash of it")

    def test_renewed_session_lives_as_long_as_a_new_one(self):
        for remember, its_life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                browser, _ = self.browser(remember=remember)
                self.renew(browser, its_life)

                with later(its_life * 1.5 - SECOND):
                    self.assert_logged_in(self.copy(browser))
                with later(its_life * 1.5 + 2 * SECOND):
                    self.assert_stranger(browser)

    def test_page_that_is_open_goes_on_with_its_csrf_token(self):
        browser, csrf = self.browser()

        response = self.renew(browser)

        self.assertEqual(response.json["csrf_token"], csrf["X-CSRF-Token"])
        with later(LIFE / 2 + 2 * SECOND):
            changed = browser.put(FAVOURITES, json={"title": "Favourites"}, headers=csrf)
        self.assertEqual(changed.status_code, 201)

    def test_old_token_is_good_for_what_is_under_way_and_then_dead(self):
        browser, _ = self.browser()
        old = self.copy(browser)
        self.renew(browser)

        with later(LIFE / 2 + OVERLAP - SECOND):
            response = old.get(SESSION)
            self.assertEqual(response.status_code, 200)
            self.assertNotIn("Set-Cookie", response.headers, "a token is replaced once")
        with later(LIFE / 2 + OVERLAP + 2 * SECOND):
            self.assert_stranger(old)
            self.assert_logged_in(browser)

    def test_logout_ends_the_old_token_and_the_new_one(self):
        for who in ("the new one", "the old one"):
            with self.subTest(who=who):
                browser, csrf = self.browser()
                old = self.copy(browser)
                self.renew(browser)
                first, second = (browser, old) if who == "the new one" else (old, browser)
                second = self.copy(second)

                with later(LIFE / 2 + 2 * SECOND):
                    response = first.delete(SESSION, headers=csrf)

                    self.assertEqual(response.status_code, 204)
                    self.assert_stranger(second)

    def test_login_ends_the_old_token_and_the_new_one(self):
        browser, _ = self.browser()
        old = self.copy(browser)
        self.renew(browser)
        new = self.copy(browser)

        with later(LIFE / 2 + 2 * SECOND):
            self.log_in(browser, "bob")

            self.assert_stranger(old)
            self.assert_stranger(new)
            self.assert_logged_in(browser, "bob")

    def test_only_the_session_itself_is_asked_to_renew(self):
        """So no answer that somebody keeps, or that is given twice, brings a cookie."""
        browser, csrf = self.browser()

        with later(LIFE / 2 + SECOND):
            for response in (
                browser.get("/v1/movies"),
                browser.get("/v1/movies/1"),
                browser.get("/v1/watchlists"),
                browser.put(FAVOURITES, json={"title": "Favourites"}, headers=csrf),
                browser.get("/openapi.yaml"),
            ):
                self.assertLess(response.status_code, 300)
                self.assertNotIn("Set-Cookie", response.headers)

    def test_password_is_asked_for_again_at_last(self):
        for remember, its_life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                browser, _ = self.browser(remember=remember)
                between = its_life * 0.9  # two visits
                visits = range(1, LONGEST // between)

                for visit in visits:
                    with later(between * visit):
                        self.assert_logged_in(browser)

                with later(LONGEST - its_life / 10):
                    response = browser.get(SESSION)
                    self.assertNotIn("Set-Cookie", response.headers, "it could not live longer")
                with later(LONGEST):
                    self.assert_stranger(browser)

    def test_who_comes_too_late_is_a_stranger(self):
        browser, _ = self.browser()

        with later(LIFE):
            response = browser.get(SESSION)

        self.assert_problem(response, 404, "Not Found")
        self.assertNotIn("Set-Cookie", response.headers)


class RenewalAtOnceTest(ServerTestCase):
    """Looks inside: makes races at the seam `writing`, when a request has read, and will write."""

    def setUp(self):
        super().setUp()
        browser = self.app.test_client()
        response = browser.post(SESSION, json={"name": "alice", "password": PASSWORD})
        self.assertEqual(response.status_code, 201, "POST /v1/session should log in")
        self.cookie = {"Cookie": f"session={browser.get_cookie('session').value}"}
        self.csrf = {"X-CSRF-Token": response.json["csrf_token"]}
        self.enterContext(later(LIFE / 2 + SECOND))  # so that another token is due

    def ask(self, method="GET", headers=None):
        """Send a request with alice's cookie."""
        client = self.app.test_client(use_cookies=False)
        return client.open(SESSION, method=method, headers=self.cookie | (headers or {}))

    def test_browser_that_asks_many_times_at_once_gets_one_token(self):
        answers = all_at_once([self.ask] * 8)

        self.assertEqual([answer.status_code for answer in answers], [200] * 8)
        self.assertEqual(sum("Set-Cookie" in answer.headers for answer in answers), 1)

    def test_who_comes_a_moment_later_is_not_sent_another_token(self):
        """It would take the place of the new one, which the browser has by now."""
        firsts = []

        with overtaken_by(lambda: firsts.append(self.ask()), self.app):
            second = self.ask()

        self.assertIn("Set-Cookie", firsts[0].headers, "the first should get a new token")
        self.assertEqual(second.status_code, 200)
        self.assertNotIn("Set-Cookie", second.headers)

    def test_session_that_ends_meanwhile_gets_no_other_token(self):
        with overtaken_by(lambda: self.ask("DELETE", self.csrf), self.app):
            response = self.ask()

        self.assertIn(response.status_code, (200, 404), "either was true a moment ago")
        self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(self.ask().status_code, 404)
