"""4.d Large projects: nobody asks too often, and proxies of ours are believed."""

import time
from unittest.mock import patch

from tests import ApiTestCase
from tests.test_3c_hypermedia import JSON_LD


class RateLimitTestCase(ApiTestCase):
    settings = {"RATE_LIMIT": "3 per minute"}

    def setUp(self):
        super().setUp()
        self.app.extensions["limits"].own.windows.clear()

    def get(self, address="192.0.2.1", url="/v1/movies/3", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(url, headers=headers, environ_overrides={"REMOTE_ADDR": address})

    def statuses(self, *requests):
        return [self.get(**request).status_code for request in requests]


class RateLimitTest(RateLimitTestCase):
    def test_who_asks_too_often_is_told_when_to_ask_again(self):
        responses = [self.get() for _ in range(4)]

        refused = responses[-1]
        self.assertEqual([response.status_code for response in responses[:3]], [200, 200, 200])
        self.assert_problem(refused, 429, "Too Many Requests")
        self.assertEqual(refused.json["code"], 290)
        self.assertIn(int(refused.headers["Retry-After"]), range(1, 61))
        self.assertIn(refused.headers["Retry-After"], refused.json["detail"])

    def test_every_answer_says_how_much_is_left(self):
        answers = [self.get(url=url) for url in ("/", "/nowhere", "/v1/movies/999", "/v1/movies")]

        self.assertEqual([answer.status_code for answer in answers], [200, 404, 404, 429])
        for answer, left in zip(answers, (2, 1, 0, 0), strict=True):
            with self.subTest(left=left):
                self.assertEqual(answer.headers["RateLimit-Policy"], '"requests";q=3;w=60')
                self.assertRegex(answer.headers["RateLimit"], rf'^"requests";r={left};t=\d+$')

    def test_each_address_has_a_limit_of_its_own(self):
        statuses = self.statuses(*[{}] * 4, {"address": "192.0.2.2"})

        self.assertEqual(statuses, [200, 200, 200, 429, 200])

    def test_limit_ends_with_its_time(self):
        self.statuses(*[{}] * 4)
        now = time.time()

        with patch("time.time", return_value=now + 61):
            response = self.get()

        self.assertEqual(response.status_code, 200)

    def test_counters_that_have_ended_are_cleared_away(self):
        self.statuses(*({"address": f"192.0.2.{number}"} for number in range(3)))

        with (
            patch("cinema.http.rate_limits.MOST_WINDOWS", 2),
            patch("time.time", return_value=time.time() + 61),
        ):
            self.get()

        counters = self.app.extensions["limits"].own.windows
        self.assertEqual([who[-1] for who in counters], ["192.0.2.1"])

    def test_address_that_somebody_claims_to_have_changes_nothing(self):
        requests = [{"X_Forwarded_For": f"192.0.2.{number}"} for number in range(4)]

        self.assertEqual(self.statuses(*requests), [200, 200, 200, 429])


class SharedRateLimitTest(RateLimitTestCase):
    """A limit that several processes share, of whose counters nobody answers."""

    settings = RateLimitTestCase.settings | {"CACHE_URL": "redis://127.0.0.1:1"}

    def setUp(self):
        self.enterContext(patch("cinema.http.caching.answers.get", return_value=None))
        self.enterContext(patch("cinema.http.caching.answers.set"))
        self.enterContext(patch("cinema.http.caching.answers.clear"))
        super().setUp()

    def test_process_counts_for_itself(self):
        statuses = self.statuses(*[{}] * 4)

        self.assertEqual(statuses, [200, 200, 200, 429])


class ProxyTest(ApiTestCase):
    FORWARDED = {
        "X-Forwarded-Host": "api.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Accept": JSON_LD,
    }

    def test_what_a_stranger_claims_to_forward_is_ignored(self):
        response = self.client.get("/v2/movies/3", headers=self.FORWARDED)

        self.assertEqual(response.json["@id"], "http://localhost/v2/movies/3")


class TrustedProxyTest(RateLimitTestCase):
    settings = RateLimitTestCase.settings | {"TRUSTED_PROXIES": 1}

    def test_scheme_is_the_one_that_our_proxy_was_asked_by(self):
        response = self.client.get("/v2/movies/3", headers=ProxyTest.FORWARDED)

        self.assertEqual(response.json["@id"], "https://localhost/v2/movies/3")

    def test_address_is_the_one_that_our_proxy_saw(self):
        spoofed = [{"X_Forwarded_For": f"192.0.2.{number}, 198.51.100.1"} for number in range(4)]

        statuses = self.statuses(*spoofed, {"X_Forwarded_For": "198.51.100.2"})

        self.assertEqual(statuses, [200, 200, 200, 429, 200], "the last one is what our proxy adds")
