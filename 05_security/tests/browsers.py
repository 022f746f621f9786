"""Browsers that log in and keep the cookie, for the tests of sessions and of CSRF."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from unittest.mock import patch

from tests import PASSWORD
from tests.lesson import made_in
from tests.users import UserTestCase, told

with made_in("4.a2"):
    from cinema.users.sessions import now

CLOCK = "cinema.users.sessions.now"

SITE = "http://localhost"


def encoded(value):
    """Return a value as Flask writes it into a cookie: JSON in URL-safe Base64."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def texts_in(cookie):
    """Return what anybody can read in a cookie: itself, and what Flask has signed in it."""
    payload = cookie.removeprefix(".").split(".")[0]
    with suppress(ValueError, zlib.error):
        data = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        values = json.loads(zlib.decompress(data) if cookie.startswith(".") else data)
        return [cookie, *map(str, values.values())]
    return [cookie]


class SessionTestCase(UserTestCase):
    """Browsers that log in and keep the cookie."""

    def log_in(self, browser=None, name="alice", password=PASSWORD, headers=None):
        return (browser or self.client).post(
            "/v1/session", json={"name": name, "password": password}, headers=headers
        )

    def browser(self, name="alice"):
        """Return a client that has logged in, and the headers with which it may write."""
        browser = self.app.test_client()
        response = self.log_in(browser, name)
        self.assert_status(response, 201, f"{name} should be logged in")
        token = told(response, "csrf_token")
        self.assertTrue(token, "a login should tell the csrf_token with which one may write")
        return browser, {"X-CSRF-Token": token}

    def cookie_of(self, browser):
        cookie = browser.get_cookie("session")
        self.assertIsNotNone(cookie, "a login should set the cookie `session`")
        return cookie.value

    def thief(self, cookie):
        """Return a client of somebody who has got hold of a cookie."""
        thief = self.app.test_client()
        thief.set_cookie("session", cookie)
        return thief

    def after(self, time):
        """Let time pass for the sessions, within a `with`."""
        return patch(CLOCK, return_value=now() + time)

    def user_of(self, client):
        """Return the name of who is logged in with a client, as the API tells it."""
        return told(client.get("/v1/session"), "user")

    def assert_stranger(self, client):
        """Check that nobody is logged in with this client, and that nothing breaks."""
        self.assert_problem(client.get("/v1/session"), 404, "Not Found")
        self.assert_status(client.get("/v1/movies/1"), 200)
        self.assert_unauthorized(self.put_favourites(client=client))
