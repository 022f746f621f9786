"""4.b HTTP caching: every answer says who may keep it, and for how long."""

from unittest import mock

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, a_defect, basic, urls_of
from tests.caching import CHANGES, CachingTestCase


class CacheControlTest(CachingTestCase):
    """Every answer says who may keep it."""

    def test_every_answer_everywhere_says_who_may_keep_it(self):
        client = self.app.test_client(use_cookies=False)  # so that it sends what we write
        reads = ("GET", "HEAD")
        others = ("OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "UNHEARD-OF")
        for url in urls_of(self.app):
            for who in ({}, ALICE, {"Cookie": "session=junk"}):
                for method in (*reads, *others) if who is ALICE else reads:
                    with self.subTest(method=method, url=url, who=who):
                        response = client.open(url, method=method, headers=who, buffered=True)

                        self.assert_right_cache_control(response, method, who)

    def assert_right_cache_control(self, response, method, credentials):
        told = response.headers.get("Cache-Control", "nothing")
        if method not in ("GET", "HEAD") or response.status_code not in (200, 304):
            self.assertEqual(told, "no-store")
        elif credentials:
            self.assertIn(told, ("private, no-cache", "no-store"))
        else:
            self.assertEqual(told, "public, max-age=5, stale-if-error=600")

    def test_answers_to_who_has_shown_credentials_are_asked_for_again_each_time(self):
        for url in self.versioned:
            with self.subTest(url=url):
                response = self.get(url, credentials=ALICE)

                self.assertEqual(response.headers.get("Cache-Control"), "private, no-cache")

    def test_304_says_what_the_200_says(self):
        for credentials in (None, ALICE):
            for url in self.versioned:
                with self.subTest(url=url, credentials=credentials):
                    full = self.get(url, credentials=credentials)

                    response = self.get(
                        url, credentials=credentials, If_None_Match=self.tag_of(full)
                    )

                    self.assertEqual(response.status_code, 304)
                    self.assert_right_cache_control(response, "GET", credentials)

    def test_what_has_changed_something_is_not_kept(self):
        changes = [
            ("POST", "/v1/movies", METROPOLIS, 201),
            ("PUT", "/v1/watchlists/sunday", {"title": "New"}, 201),
            ("POST", "/v1/signing-key", None, 201),
            *((*change, 204 if change[0] == "DELETE" else 200) for change in CHANGES),
        ]
        for method, url, body, status in changes:
            with self.subTest(method=method, url=url):
                response = self.change(method, url, body)

                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers.get("Cache-Control"), "no-store")
                self.begin_again()

    def test_nobody_keeps_a_session_or_a_key(self):
        login = {"name": "bob", "password": SETTINGS["PASSWORD"]}

        response = self.client.post("/v1/session", json=login)
        session = self.client.get("/v1/session")
        self.client.post("/v1/signing-key", headers=BOB)
        key = self.client.get("/v1/signing-key", headers=BOB)

        for answer in (response, session, key):
            self.assertIn(answer.status_code, (200, 201))
            self.assertEqual(answer.headers.get("Cache-Control"), "no-store")

    def test_an_error_is_not_kept(self):
        with a_defect(self.app, "/v1/movies", RuntimeError), self.assertLogs("cinema"):
            failed = self.get("/v1/movies")

        missing, signed = self.get("/v1/movies/999"), self.get("/v1/movies", Signature_Input="x")
        for response, status in ((failed, 500), (missing, 404), (signed, 401)):
            with self.subTest(status=status):
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers.get("Cache-Control"), "no-store")

    def test_setting_says_for_how_long(self):
        with mock.patch.dict(self.app.config, PUBLIC_MAX_AGE=60):
            response = self.get(REBECCA["url"])

        self.assertEqual(
            response.headers.get("Cache-Control"), "public, max-age=60, stale-if-error=600"
        )

    def test_vary_names_all_that_an_answer_depends_on(self):
        for url in (*self.versioned, "/"):
            for credentials in (None, ALICE, basic("alice", "wrong")):
                with self.subTest(url=url, credentials=credentials):
                    response = self.get(url, credentials=credentials)

                    self.assertEqual(
                        response.headers.getlist("Vary"),
                        ["Accept, Authorization, Cookie, Signature-Input"],
                    )
