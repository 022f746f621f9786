"""4.d Large projects: nobody asks too often, and proxies of ours are believed."""

import itertools
import logging
import time
from unittest.mock import patch

from tests import ApiTestCase

JSON_LD = "application/ld+json"
new_clients = itertools.count(1)  # each test is another client


class RateLimitTestCase(ApiTestCase):
    settings = {"RATE_LIMIT": "3 per minute"}

    def setUp(self):
        super().setUp()
        self.address, self.other_address = (f"2001:db8::{next(new_clients):x}" for _ in range(2))

    def get(self, url="/v1/movies/3", address=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        environ = {"REMOTE_ADDR": address or self.address}
        return self.client.get(url, headers=headers, environ_overrides=environ)

    def statuses(self, *requests):
        return [self.get(**request).status_code for request in requests]


class RateLimitTest(RateLimitTestCase):
    def test_who_asks_too_often_is_told_when_to_ask_again(self):
        responses = [self.get() for _ in range(4)]

        refused = responses[-1]
        self.assertEqual([response.status_code for response in responses[:3]], [200, 200, 200])
        self.assert_problem(refused, 429, "Too Many Requests")
        self.assertEqual(refused.json.get("code"), 290)
        seconds = refused.headers.get("Retry-After", "none")
        self.assertIn(seconds, map(str, range(1, 61)), "seconds, until the minute is over")
        self.assertIn(seconds, refused.json["detail"])

    def test_every_answer_says_how_much_is_left(self):
        answers = [self.get(url=url) for url in ("/", "/nowhere", "/v1/movies/999", "/v1/movies")]

        self.assertEqual([answer.status_code for answer in answers], [200, 404, 404, 429])
        for answer, left in zip(answers, (2, 1, 0, 0), strict=True):
            with self.subTest(left=left):
                self.assertEqual(answer.headers.get("RateLimit-Policy"), '"requests";q=3;w=60')
                self.assertRegex(
                    answer.headers.get("RateLimit", ""), rf'^"requests";r={left};t=\d+$'
                )

    def test_each_address_has_a_limit_of_its_own(self):
        statuses = self.statuses(*[{}] * 4, {"address": self.other_address})

        self.assertEqual(statuses, [200, 200, 200, 429, 200])

    def test_limit_ends_with_its_time(self):
        self.statuses(*[{}] * 4)
        now = time.time()

        with patch("time.time", return_value=now + 61):
            response = self.get()

        self.assertEqual(response.status_code, 200)

    def test_address_that_somebody_claims_to_have_changes_nothing(self):
        requests = [{"X_Forwarded_For": f"192.0.2.{number}"} for number in range(4)]

        self.assertEqual(self.statuses(*requests), [200, 200, 200, 429])


class SharedRateLimitTest(RateLimitTestCase):
    """A limit that several processes share, of whose counters nobody answers."""

    settings = RateLimitTestCase.settings | {"CACHE_URL": "redis://127.0.0.1:1"}

    def setUp(self):
        super().setUp()
        logging.disable()  # whoever warns of it may
        self.addCleanup(logging.disable, logging.NOTSET)
        some_time_ago = time.monotonic() - 60  # whoever leaves it alone for a while may, too
        self.enterContext(patch("time.monotonic", return_value=some_time_ago))

    def forget_answers(self):
        """Nothing is kept, for there is nobody who keeps it."""

    def test_process_counts_for_itself(self):
        answers = [self.get() for _ in range(4)]

        self.assertEqual([answer.status_code for answer in answers], [200, 200, 200, 429])
        self.assertIn("Retry-After", answers[3].headers)


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
        spoofed = [f"192.0.2.{number}, {self.address}" for number in range(4)]
        asked = [{"X_Forwarded_For": said} for said in (*spoofed, self.other_address)]

        statuses = self.statuses(*asked)

        self.assertEqual(statuses, [200, 200, 200, 429, 200], "the last one is what our proxy adds")
