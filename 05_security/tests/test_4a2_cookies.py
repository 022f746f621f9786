"""4.a2 Cookies: log in once, and the browser brings the rest."""

import json

from tests import ALICE, METROPOLIS, PASSWORD, basic
from tests.browsers import SessionTestCase, texts_in
from tests.users import FAVOURITES, ODD_PASSWORDS, FailedLoginsTestCase, told


class LoginTest(SessionTestCase):
    """POST /v1/session is the login: it creates a session."""

    def test_login_is_201_with_a_session(self):
        response = self.log_in()

        self.assert_status(response, 201)
        self.assertEqual(response.location, "/v1/session")
        csrf_token = told(response, "csrf_token")
        self.assertEqual(
            response.json,
            {
                "user": "alice",
                "role": "editor",
                "permissions": ["movies:write", "watchlists:read", "watchlists:write"],
                "csrf_token": csrf_token,
                "url": "/v1/session",
            },
        )
        self.assertGreaterEqual(len(csrf_token), 22, "nobody guesses 128 bits: 22 characters")

    def test_session_is_found_at_its_location(self):
        created = self.log_in(name="bob")

        response = self.client.get(self.place_of(created))

        self.assert_status(response, 200)
        self.assertEqual(response.json, created.json)

    def test_wrong_password_and_unknown_user_get_the_same_answer(self):
        wrong, unknown = self.log_in(password="wrong"), self.log_in(name="nobody")

        for response in (wrong, unknown):
            self.assert_unauthorized(response)
            self.assertNotIn("Set-Cookie", response.headers, "a failed login begins nothing")
        self.assertEqual(wrong.json, unknown.json, "it should not tell what was wrong")
        self.assert_nothing_changed()

    def test_password_is_the_same_as_for_basic(self):
        for number, password in enumerate(ODD_PASSWORDS):
            with self.subTest(password=password):
                self.add_user(f"user-{number}", password)

                response = self.log_in(name=f"user-{number}", password=password)

                self.assert_status(response, 201, "nothing is trimmed or cut off")

    def test_bad_bodies_are_400_with_every_member_that_is_wrong(self):
        good = {"name": "alice", "password": PASSWORD}
        for body, wrong in (
            ({}, {"name", "password"}),
            ({"name": "alice"}, {"password"}),
            ({"name": None, "password": 7}, {"name", "password"}),
            ({"name": ["alice"], "password": {"": 1}}, {"name", "password"}),
            ({"name": " ", "password": "\0"}, {"name", "password"}),
            ({"name": "x" * 1001, "password": "x" * 1001}, {"name", "password"}),
            (good | {"role": "editor"}, {"role"}),
        ):
            with self.subTest(body=body):
                response = self.client.post("/v1/session", json=body)

                self.assert_problem(response, 400, "Bad Request")
                errors = told(response, "errors") or {}
                self.assertEqual(errors.keys(), wrong, "errors should name what is wrong")
                self.assertTrue(all(errors.values()), "and tell the reason")
                self.assertNotIn("Set-Cookie", response.headers)
        self.assert_nothing_changed()

    def test_bodies_that_are_no_json_object_are_refused(self):
        pair = json.dumps({"name": "alice", "password": PASSWORD})
        for body, content_type, status in (
            ("{", "application/json", 400),
            ("[]", "application/json", 400),
            ("", "application/json", 400),
            (pair, "text/plain", 415),  # what a form of another site can send
            (f"name=alice&password={PASSWORD}", "application/x-www-form-urlencoded", 415),
        ):
            with self.subTest(body=body, content_type=content_type):
                response = self.client.post("/v1/session", data=body, content_type=content_type)

                self.assert_status(response, status)
        self.assert_nothing_changed()

    def test_login_begins_another_session_and_ends_the_one_before(self):
        browser, _ = self.browser()
        before = self.cookie_of(browser)

        self.log_in(browser, "bob")

        self.assertNotEqual(self.cookie_of(browser), before)
        self.assertEqual(self.user_of(browser), "bob")
        self.assert_stranger(self.thief(before))

    def test_failed_login_leaves_the_session_as_it_is(self):
        browser, _ = self.browser()

        self.log_in(browser, "bob", "wrong")

        self.assertEqual(self.user_of(browser), "alice")


class CookieTest(SessionTestCase):
    """What the cookie tells, and to whom."""

    def test_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        cookies = self.log_in().headers.getlist("Set-Cookie")

        self.assertEqual(len(cookies), 1, "a login should set one cookie")
        pair, *attributes = cookies[0].split("; ")
        self.assertTrue(pair.startswith("session="), pair)
        self.assertEqual(set(attributes), {"HttpOnly", "Path=/", "SameSite=Lax"})

    def test_cookie_that_is_set_over_tls_is_sent_over_tls_only(self):
        login = {"name": "bob", "password": PASSWORD}

        response = self.client.post("/v1/session", json=login, base_url="https://localhost")

        self.assert_status(response, 201)
        self.assertIn("; Secure", response.headers.get("Set-Cookie", ""), "TLS should protect it")

    def test_cookie_says_nothing_of_the_user(self):
        browser, _ = self.browser()

        readable = " ".join(texts_in(self.cookie_of(browser)))
        for word in ("alice", "editor", PASSWORD):
            self.assertNotIn(word, readable, "the browser, and what steals from it, can read this")

    def test_cookie_leads_to_a_session_that_nobody_guesses(self):
        first, second = (self.cookie_of(self.browser()[0]) for _ in "12")

        for text in set(texts_in(first)) - set(texts_in(second)):
            self.assertGreaterEqual(len(text), 22, "128 bits need 22 characters of Base64")
        self.assertFalse(set(texts_in(first)) & set(texts_in(second)), "each login has its own")

    def test_database_holds_nothing_of_the_cookie(self):
        browser, _ = self.browser()

        for text in texts_in(self.cookie_of(browser)):
            self.assert_not_kept(text.encode(), self.database.serialize())

    def test_cookie_says_who_is_asking(self):
        browser, csrf = self.browser("bob")

        self.assert_asked_by("bob", self.put_favourites(csrf, browser))

    def test_reading_needs_the_cookie_only(self):
        browser, _ = self.browser()

        for method in ("GET", "HEAD", "OPTIONS"):
            with self.subTest(method=method):
                response = browser.open("/v1/session", method=method)

                self.assert_status(response, 200)

    def test_role_of_a_session_counts_from_the_moment_it_is_given(self):
        browser, csrf = self.browser()
        self.set_role("alice", "member")

        response = browser.post("/v1/movies", json=METROPOLIS, headers=csrf)

        self.assert_forbidden(response, "movies:write")
        self.assertEqual(told(browser.get("/v1/session"), "role"), "member")

    def test_other_credentials_still_do(self):
        self.log_in()

        response = self.app.test_client().put(FAVOURITES, json={"title": "F"}, headers=ALICE)

        self.assert_asked_by("alice", response)


class LogoutTest(SessionTestCase):
    """DELETE /v1/session is the logout: the session is gone on our side, too."""

    def test_logout_is_204_and_takes_the_cookie_back(self):
        browser, csrf = self.browser()

        response = browser.delete("/v1/session", headers=csrf)

        self.assert_status(response, 204)
        self.assertEqual(response.data, b"")
        self.assertIsNone(browser.get_cookie("session"), "the browser should forget the cookie")

    def test_logout_shows_what_was_if_the_client_prefers_so(self):
        browser, csrf = self.browser()
        before = browser.get("/v1/session").json

        response = browser.delete("/v1/session", headers=csrf | {"Prefer": "return=representation"})

        self.assert_status(response, 200)
        self.assertEqual(response.json, before)
        self.assertIsNone(browser.get_cookie("session"), "the browser should forget the cookie")

    def test_copy_of_the_cookie_is_dead_after_logout(self):
        browser, csrf = self.browser()
        copy = self.cookie_of(browser)

        browser.delete("/v1/session", headers=csrf)

        self.assert_status(self.put_favourites(csrf, self.thief(copy)), 401)
        self.assert_stranger(self.thief(copy))

    def test_logout_ends_one_session_only(self):
        at_home, csrf = self.browser()
        at_work, _ = self.browser()

        at_home.delete("/v1/session", headers=csrf)

        self.assertEqual(self.user_of(at_work), "alice")

    def test_logout_without_a_session_is_404(self):
        self.assert_problem(self.client.delete("/v1/session"), 404, "Not Found")


class FailedLoginsTest(FailedLoginsTestCase):
    """Guesses count together, wherever a password is checked."""

    def test_all_that_check_passwords_count_together(self):
        credentials = {"name": "alice", "password": "guess"}
        for _ in range(2):
            self.client.get("/v1/movies/1", headers=basic(**credentials))

        statuses = [self.client.post("/v1/session", json=credentials).status_code for _ in "12"]

        self.assertEqual(statuses, [401, 429], "two by Basic and one here are three")
