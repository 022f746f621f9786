"""5.c: a cookie that is of use to our own pages only, and not for longer than it should be."""

import json
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from unittest.mock import patch

import yaml
from cinema.data.database import db
from cinema.users.sessions import (
    LIFE,
    LONGEST,
    OVERLAP,
    REMEMBERED_LIFE,
    LoginSession,
    now,
    renew_session,
)
from flask import Flask, request
from sqlalchemy import select

from . import PASSWORD, ApiTestCase, ServerTestCase, all_at_once, cinema_of_three_movies

BEHIND_TLS = {"HTTPS": True, "PREFERRED_URL_SCHEME": "https"}  # what the test client speaks
COOKIE = "__Host-session"
SESSION = "/v1/session"
FAVOURITES = "/v1/watchlists/favourites"
LONGEST_IN_A_BROWSER = timedelta(days=400)  # RFC 6265bis, section 5.5
SECOND = timedelta(seconds=1)
NO_FLAG = "must be true or false"
NO_TEXT = "must be text of 1 to 1000 characters, not blank, without U+0000"


@contextmanager
def later(time):
    """Let this much time pass for the sessions."""
    moment = now() + time
    with patch("cinema.users.sessions.now", return_value=moment):
        yield


def parts(response):
    """Return name, value and attributes of the one cookie that an answer sets."""
    [cookie] = response.headers.getlist("Set-Cookie")
    pair, *attributes = cookie.split("; ")
    name, _, value = pair.partition("=")
    return name, value, dict(attribute.partition("=")[::2] for attribute in attributes)


def inside(cookie):
    """Return what anybody can read in a cookie of Flask's, whose signature is no encryption."""
    payload = cookie.split(".")[0]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class CookieTestCase(ApiTestCase):
    """Browsers, and what they are asked to keep."""

    settings = BEHIND_TLS

    def log_in(self, browser=None, name="alice", **members):
        body = {"name": name, "password": PASSWORD} | members
        return (browser or self.client).post(SESSION, json=body)

    def browser(self, **members):
        """Return a client that has logged in, and the headers with which it may write."""
        browser = self.app.test_client()
        return browser, {"X-CSRF-Token": self.log_in(browser, **members).json["csrf_token"]}

    def copy(self, browser):
        """Return a client with a copy of another's cookie."""
        copy = self.app.test_client()
        copy.set_cookie(COOKIE, browser.get_cookie(COOKIE).value)
        return copy

    def rows(self):
        with self.app.app_context():
            return db.session.scalars(select(LoginSession)).all()

    def assert_logged_in(self, client, user="alice"):
        response = client.get(SESSION)
        self.assertEqual(response.status_code, 200, "this cookie should lead to a session")
        self.assertEqual(response.json["user"], user)

    def assert_stranger(self, client):
        """Check that nobody is logged in with this client, and that nothing breaks."""
        self.assert_problem(client.get(SESSION), 404, "Not Found")
        self.assertEqual(client.get("/v1/movies/1").status_code, 200)
        self.assert_challenged(client.put(FAVOURITES, json={"title": "Favourites"}))


class FlagsTest(CookieTestCase):
    """Secure, HttpOnly, SameSite, and a name that vouches for them (RFC 6265bis)."""

    def test_cookie_has_every_flag_and_ends_with_the_browser(self):
        name, _, attributes = parts(self.log_in())

        self.assertEqual(name, COOKIE)
        self.assertEqual(attributes, {"Secure": "", "HttpOnly": "", "Path": "/", "SameSite": "Lax"})

    def test_cookie_without_tls_is_that_of_chapter_4(self):
        app, *_ = cinema_of_three_movies()

        self.assertEqual(app.config["SESSION_COOKIE_NAME"], "session")
        self.assertFalse(app.config["SESSION_COOKIE_SECURE"])

    def test_subdomains_and_other_settings_change_nothing(self):
        for settings, url in (
            ({"SERVER_NAME": "cinema.test"}, "https://cinema.test/v1/session"),
            ({"SERVER_NAME": "cinema.test"}, "https://v1.cinema.test/session"),
            ({"SESSION_COOKIE_DOMAIN": "cinema.test"}, "https://cinema.test/v1/session"),
            ({"SESSION_COOKIE_PATH": "/v1"}, "https://cinema.test/v1/session"),
            ({"APPLICATION_ROOT": "/cinema"}, "https://cinema.test/v1/session"),
            ({"SESSION_COOKIE_SECURE": False}, "https://cinema.test/v1/session"),
            ({"SESSION_COOKIE_NAME": "session"}, "https://cinema.test/v1/session"),
        ):
            with self.subTest(settings=settings, url=url):
                app, *_ = cinema_of_three_movies(**BEHIND_TLS | settings)

                response = app.test_client().post(url, json={"name": "alice", "password": PASSWORD})

                self.assertEqual(response.status_code, 201)
                name, _, attributes = parts(response)
                self.assertEqual((name, attributes["Path"]), (COOKIE, "/"))
                self.assertIn("Secure", attributes)
                self.assertNotIn("Domain", attributes)

    def test_logout_takes_back_just_this_cookie(self):
        browser, csrf = self.browser()

        response = browser.delete(SESSION, headers=csrf)

        name, value, attributes = parts(response)
        self.assertEqual((response.status_code, name, value), (204, COOKIE, ""))
        self.assertEqual(attributes["Max-Age"], "0")
        self.assertEqual(attributes["Path"], "/")
        self.assertIn("Secure", attributes, "else a browser would not take it, for its name")
        self.assertNotIn("Domain", attributes)
        self.assertIsNone(browser.get_cookie(COOKIE))

    def test_copy_of_the_cookie_is_dead_after_logout(self):
        for remember in (False, True):
            with self.subTest(remember=remember):
                browser, csrf = self.browser(remember=remember)
                copy = self.copy(browser)

                browser.delete(SESSION, headers=csrf)

                self.assert_stranger(copy)

    def test_description_tells_the_name_of_the_cookie(self):
        served = yaml.safe_load(self.client.get("/openapi.yaml").data)

        self.assertEqual(served["components"]["securitySchemes"]["session"]["name"], COOKIE)


class CookiesOfOthersTest(CookieTestCase):
    """What somebody else has put into the browser, or into the request."""

    def ask(self, cookies, method="GET", url=SESSION, **arguments):
        """Send a request with this very Cookie header."""
        client = self.app.test_client(use_cookies=False)
        return client.open(url, method=method, headers={"Cookie": cookies}, **arguments)

    def valid(self):
        return parts(self.log_in())[1]

    def assert_nobodys(self, cookies):
        """Check that this Cookie header is nobody's, breaks nothing, and hinders no login."""
        favourites, login = {"title": "Favourites"}, {"name": "bob", "password": PASSWORD}
        self.assert_problem(self.ask(cookies), 404, "Not Found")
        self.assert_problem(self.ask(cookies, "DELETE"), 404, "Not Found")
        self.assertEqual(self.ask(cookies, url="/v1/movies/1").status_code, 200)
        self.assert_challenged(self.ask(cookies, "PUT", FAVOURITES, json=favourites))
        self.assertEqual(self.ask(cookies, "POST", json=login).status_code, 201)

    def test_cookie_that_came_alone_is_alices(self):
        response = self.ask(f"theme=dark; {COOKIE}={self.valid()}; language=en")

        self.assertEqual(response.json["user"], "alice")

    def test_cookie_of_another_name_is_nobodys(self):
        valid = self.valid()
        for name in ("session", "__Secure-session", "__host-session", "__HOST-SESSION"):
            with self.subTest(name=name):
                self.assert_nobodys(f"{name}={valid}")

    def test_cookie_that_comes_twice_is_nobodys(self):
        alices, bobs = self.valid(), parts(self.log_in(self.app.test_client(), "bob"))[1]
        for one, other in ((alices, "junk"), ("junk", alices), (alices, bobs), (alices, alices)):
            with self.subTest(one=one, other=other):
                self.assert_nobodys(f"{COOKIE}={one}; {COOKIE}={other}")

    def test_junk_is_nobodys(self):
        valid = self.valid()
        for cookies in (
            *("", ";", "=", ";;;=;=", COOKIE, f"{COOKIE}=", f"{COOKIE}==", f"={valid}"),
            *(f'{COOKIE}="{valid[:-1]}', f"{COOKIE}={valid}x", f"{COOKIE}= {valid[1:]}"),
            *(f"{COOKIE}=a.b.c", f"{COOKIE}=....", f'{COOKIE}="\\377"', f"{COOKIE}=\xff\xfe"),
            f"{COOKIE}=.eJwDAAAAAAE.aaaaaa.{'a' * 27}",  # compressed, as Flask compresses
            *(f"{COOKIE}={'x' * 9_000}", "x=y; " * 2_000),
        ):
            with self.subTest(cookies=cookies[:60]):
                self.assert_nobodys(cookies)

    def test_page_of_our_host_that_came_without_tls_is_another_site(self):
        """On its way anybody could have written it; naive is to compare the names of the hosts."""
        browser, csrf = self.browser()
        for origin, status in (("http://localhost", 403), ("https://localhost", 201)):
            with self.subTest(origin=origin):
                naive = origin.partition("//")[2] == "localhost"

                response = browser.put(
                    FAVOURITES, json={"title": "Favourites"}, headers=csrf | {"Origin": origin}
                )

                self.assertTrue(naive)
                self.assertEqual(response.status_code, status)


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

                self.assertTrue(attributes.keys().isdisjoint({"Expires", "Max-Age"}))

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

        _, value, attributes = parts(self.log_in(browser, "bob"))

        self.assertNotIn("Expires", attributes)
        self.assertEqual(list(inside(value)), ["token"])
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
                before = inside(browser.get_cookie(COOKIE).value)["token"]

                response = self.renew(browser, its_life)

                name, value, attributes = parts(response)
                self.assertEqual((response.status_code, name), (200, COOKIE))
                self.assertEqual("Expires" in attributes, remember)
                self.assertLessEqual({"Secure", "HttpOnly", "SameSite"}, attributes.keys())
                self.assertEqual(response.headers["Cache-Control"], "no-store")
                self.assertNotEqual(inside(value)["token"], before)
                self.assertNotIn(inside(value)["token"].encode(), self.database.serialize())

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

    def test_who_comes_a_moment_later_is_not_sent_the_old_token_again(self):
        """It would take the place of the new one, which the browser has by now."""
        browser, _ = self.browser()
        old = self.copy(browser)
        self.renew(browser)

        with later(LIFE / 2 + SECOND), patch("cinema.api.session.is_due", return_value=True):
            response = old.get(SESSION)  # read before the first was done, and then had to wait

        self.assertEqual(response.status_code, 200)
        self.assertNotIn("Set-Cookie", response.headers)

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
                self.assertEqual(self.rows(), [])

    def test_login_ends_the_old_token_and_the_new_one(self):
        browser, _ = self.browser()
        old = self.copy(browser)
        self.renew(browser)

        with later(LIFE / 2 + 2 * SECOND):
            self.log_in(browser, "bob")

            self.assert_stranger(old)
        self.assertEqual([row.user_name for row in self.rows()], ["bob"])

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
                visits = range(1, LONGEST // (its_life / 3))

                for visit in visits:
                    with later(its_life / 3 * visit):
                        self.assert_logged_in(browser)

                with later(LONGEST - its_life / 4):
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

    def test_token_that_needs_no_other_gets_none(self):
        browser, _ = self.browser()
        young = inside(browser.get_cookie(COOKIE).value)["token"]

        for token in (young, "of nobody"):
            with self.subTest(token=token), self.app.app_context():
                self.assertIsNone(renew_session(token))


class RenewalAtOnceTest(ServerTestCase):
    def test_browser_that_asks_many_times_at_once_gets_one_token(self):
        browser = self.app.test_client()
        browser.post(SESSION, json={"name": "alice", "password": PASSWORD})
        cookie = {"Cookie": f"session={browser.get_cookie('session').value}"}

        def ask():
            return self.app.test_client(use_cookies=False).get(SESSION, headers=cookie)

        with later(LIFE / 2 + SECOND):
            answers = all_at_once([ask] * 8)

        self.assertEqual([answer.status_code for answer in answers], [200] * 8)
        self.assertEqual(sum("Set-Cookie" in answer.headers for answer in answers), 1)
        with self.app.app_context():
            rows = db.session.scalars(select(LoginSession)).all()
        self.assertEqual(len(rows), 2, "the new token, and for a minute the old one")


class NaiveCookieTest(CookieTestCase):
    """Servers that leave to the browser what they must see to themselves."""

    def test_end_that_only_the_browser_knows_is_no_end(self):
        naive = Flask("naive")

        @naive.post("/")
        def log_in():
            return "", 201, {"Set-Cookie": "user=7f3a; Max-Age=43200"}

        @naive.get("/")
        def who():
            return {"7f3a": "alice"}.get(request.cookies.get("user"), "nobody")

        thief = naive.test_client()
        thief.set_cookie("user", "7f3a")  # without its Max-Age: who would hold a thief to it?

        self.assertEqual(thief.get("/").text, "alice")  # in a year, too
        thief = self.copy(self.browser()[0])
        with later(LIFE):
            self.assert_stranger(thief)

    def test_first_of_two_cookies_may_be_an_attackers(self):
        naive = Flask("naive")

        @naive.get("/")
        def who():
            return request.cookies.get("user", "nobody")

        client = naive.test_client(use_cookies=False)
        planted = client.get("/", headers={"Cookie": "user=mallory; user=alice"})

        self.assertEqual(planted.text, "mallory")  # and what she types in, he can read
        mallorys, alices = (parts(self.log_in(name=name))[1] for name in ("bob", "alice"))
        client = self.app.test_client(use_cookies=False)
        cookies = f"{COOKIE}={mallorys}; {COOKIE}={alices}"
        self.assertEqual(client.get(SESSION, headers={"Cookie": cookies}).status_code, 404)

    def test_renewal_that_lets_the_old_token_live_helps_who_has_stolen_it(self):
        naive, users = Flask("naive"), {"1": "alice"}

        @naive.get("/")
        def who():
            user = users.get(request.cookies.get("token"), "nobody")
            users["2"] = user
            return user, {"Set-Cookie": "token=2"}

        victim, thief = naive.test_client(), naive.test_client()
        for client in (victim, thief):
            client.set_cookie("token", "1")
        victim.get("/")

        self.assertEqual(thief.get("/").text, "alice")
        victim, _ = self.browser()
        thief = self.copy(victim)
        with later(LIFE / 2 + SECOND):
            victim.get(SESSION)
        with later(LIFE / 2 + OVERLAP + 2 * SECOND):
            self.assert_stranger(thief)
