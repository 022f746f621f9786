"""4.a2 Cookies: a browser sends the cookie for any site that asks, so a change needs more."""

import re

from flask import Flask, session

from tests import ALICE
from tests.browsers import SITE, SessionTestCase
from tests.users import EVIL, FAVOURITES, told

VARIABLE = re.compile("<[^>]+>")


class CsrfTest(SessionTestCase):
    """A browser sends the cookie for any site that asks: a change needs more (OWASP: CSRF)."""

    OTHER_SITES = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another host of ours, perhaps in other hands
        {"Sec-Fetch-Site": "anything new"},
        {"Sec-Fetch-Site": ""},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"{SITE}.evil.example"},
        {"Origin": f"{SITE}:8080"},
        {"Origin": f"{EVIL}/localhost"},
        {"Origin": f"{SITE}@evil.example"},
        {"Origin": "localhost"},
        {"Origin": "http://["},  # malformed: urlsplit() fails
        {"Origin": "é"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"},
        {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    )
    OUR_SITE = (
        {},
        {"Origin": SITE},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},  # typed by the user
        {"Origin": SITE, "Sec-Fetch-Site": "same-origin"},
    )

    def test_change_by_cookie_alone_is_refused(self):
        self.put_favourites(ALICE)
        browser, _ = self.browser()
        before = self.database.serialize()
        for rule in self.app.url_map.iter_rules():
            url = VARIABLE.sub("1", rule.rule)
            for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
                if (method, url[-8:]) != ("POST", "/session"):  # a login has no session yet
                    with self.subTest(method=method, url=url):
                        response = browser.open(url, method=method, json={})

                        self.assert_forbidden(response, "X-CSRF-Token")
        self.assertEqual(self.user_of(browser), "alice", "the session should go on")
        self.assertTrue(self.database.serialize() == before, "nothing should have changed")

    def test_token_must_be_that_of_the_session(self):
        former, _ = self.browser()
        token_before = told(former.get("/v1/session"), "csrf_token")
        token = told(self.log_in(former), "csrf_token")
        _, elsewhere = self.browser()
        _, bobs = self.browser("bob")
        for wrong in (
            *("", "x", "é", token[:-1], token + "0", token.upper(), token_before),
            *(elsewhere["X-CSRF-Token"], bobs["X-CSRF-Token"]),
        ):
            with self.subTest(wrong=wrong):
                response = self.put_favourites({"X-CSRF-Token": wrong}, former)

                self.assert_forbidden(response, "X-CSRF-Token")
        self.assert_status(self.put_favourites({"X-CSRF-Token": token}, former), 201)

    def test_change_that_another_site_causes_is_refused(self):
        browser, csrf = self.browser()
        for headers in self.OTHER_SITES:
            with self.subTest(headers=headers):
                response = self.put_favourites(csrf | headers, browser)

                self.assert_forbidden(response)
        self.assert_status(browser.get(FAVOURITES), 404)

    def test_change_from_our_own_pages_passes(self):
        browser, csrf = self.browser()
        for headers in self.OUR_SITE:
            with self.subTest(headers=headers):
                self.assert_status(self.put_favourites(csrf | headers, browser), (200, 201))

    def test_other_site_cannot_log_its_visitors_in(self):
        for headers in self.OTHER_SITES:
            with self.subTest(headers=headers):
                response = self.log_in(name="bob", headers=headers)

                self.assert_forbidden(response)
                self.assertNotIn("Set-Cookie", response.headers)
        self.assert_nothing_changed()

    def test_our_own_pages_can_log_in(self):
        for headers in self.OUR_SITE:
            with self.subTest(headers=headers):
                self.assert_status(self.log_in(headers=headers), 201)

    def test_reading_needs_no_token_wherever_it_comes_from(self):
        browser, _ = self.browser()
        for method in ("GET", "HEAD", "OPTIONS"):
            for headers in self.OTHER_SITES:
                with self.subTest(method=method, headers=headers):
                    response = browser.open("/v1/movies/1", method=method, headers=headers)

                    self.assert_status(response, 200)

    def test_dead_session_is_no_session_whatever_its_token(self):
        browser, csrf = self.browser()
        copy = self.thief(self.cookie_of(browser))
        browser.delete("/v1/session", headers=csrf)

        self.assert_unauthorized(self.put_favourites(csrf, copy))

    def test_credentials_that_no_browser_adds_need_no_token(self):
        response = self.put_favourites(ALICE | {"Origin": EVIL})

        self.assert_status(response, 201)


class NaiveChangeTest(SessionTestCase):
    """A change that the cookie alone permits, and an attack: it works there, and not on ours."""

    def test_change_that_needs_the_cookie_only_can_be_caused_by_any_site(self):
        naive, movies = Flask("naive"), {1: "Kitty Foyle"}
        naive.secret_key = "secret"

        @naive.post("/login")
        def log_in():
            session["user"] = "alice"
            return "", 201

        @naive.post("/movies/<int:movie_id>/delete")
        def delete_movie(movie_id):
            if "user" not in session:
                return "", 401
            del movies[movie_id]
            return "", 204

        browser = naive.test_client()
        browser.post("/login")
        form_of_another_site = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
        browser.post("/movies/1/delete", headers=form_of_another_site)

        self.assertEqual(movies, {})
        browser, _ = self.browser()
        self.assert_status(browser.delete("/v1/movies/1", headers=form_of_another_site), 403)
        self.assert_status(self.client.get("/v1/movies/1"), 200)
