"""5.c Cookies: a cookie that only our own pages can use."""

import json
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

import yaml
from flask import Flask, request

from . import PASSWORD, ApiTestCase, cinema_of_three_movies
from .lesson import made_in

with made_in("5.c"):
    from cinema.users.sessions import LIFE, OVERLAP, now

BEHIND_TLS = {"HTTPS": True, "PREFERRED_URL_SCHEME": "https"}  # what the test client speaks
COOKIE = "__Host-session"
SESSION = "/v1/session"
FAVOURITES = "/v1/watchlists/favourites"
SECOND = timedelta(seconds=1)


@contextmanager
def later(time):
    """Let this much time pass for the sessions."""
    moment = now() + time
    with patch("cinema.users.sessions.now", return_value=moment):
        yield


def parts(response):
    """Return name, value and attributes of the one cookie that an answer sets."""
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 1, f"this answer should set one cookie; it sets {cookies}"
    pair, *attributes = cookies[0].split("; ")
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
        response = self.log_in(browser, **members)
        self.assertEqual(response.status_code, 201, "POST /v1/session should log in")
        return browser, {"X-CSRF-Token": response.json["csrf_token"]}

    def copy(self, browser):
        """Return a client with a copy of another's cookie."""
        cookie = browser.get_cookie(COOKIE)
        self.assertIsNotNone(cookie, f"the browser should have a cookie {COOKIE}")
        copy = self.app.test_client()
        copy.set_cookie(COOKIE, cookie.value)
        return copy

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
        app, database, snapshot = cinema_of_three_movies()
        database.deserialize(snapshot)

        response = self.log_in(app.test_client())

        name, _, attributes = parts(response)
        self.assertEqual(name, "session")
        self.assertNotIn("Secure", attributes, "a browser would not send it back")

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
                app, database, snapshot = cinema_of_three_movies(**BEHIND_TLS | settings)
                database.deserialize(snapshot)

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
                headers = csrf | {"Origin": origin}

                response = browser.put(FAVOURITES, json={"title": "Favourites"}, headers=headers)

                self.assertEqual(urlsplit(origin).hostname, "localhost", "is all that naive asks")
                self.assertEqual(response.status_code, status)


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
