"""4.a4 OAuth 2: the keys of the issuer, which the API fetches and keeps for a while."""

from unittest.mock import patch

import requests

from tests.issuer import ANOTHER_KEY, HEADER, ISSUERS_KEY, BearerTestCase, FakeIssuer, token


class IssuerTest(BearerTestCase):
    """The issuer's keys: fetched when needed, and not whenever a stranger wants it.

    This looks inside: at what the API asks the issuer by `requests.get`, and at Python's clocks.
    """

    def test_keys_are_fetched_once(self):
        statuses = [self.get(token()).status_code for _ in range(3)]

        self.assertEqual(statuses, [200, 200, 200])
        self.assertEqual(self.issuer.asked.count(FakeIssuer.KEYS), 1, "keys should be kept")

    def test_unknown_key_makes_us_ask_again(self):
        self.get(token())
        self.issuer.publish(ISSUERS_KEY, ANOTHER_KEY)
        self.later(6)

        response = self.get(token(ANOTHER_KEY, HEADER | {"kid": "second"}))

        self.assert_status(response, 200, "a new key should be fetched")

    def test_unknown_keys_do_not_make_us_ask_more_often_than_every_five_seconds(self):
        self.get(token())
        for number in range(20):
            text = token(ANOTHER_KEY, HEADER | {"kid": f"unknown-{number}"})

            self.assert_token_refused(self.get(text))
            self.later(0.6)

        times = self.issuer.asked.count(FakeIssuer.KEYS)
        self.assertLessEqual(times, 3, "12 seconds: at 0, 5.4 and 10.8 at most")

    def test_key_that_was_withdrawn_is_not_believed_for_ever(self):
        self.get(token())
        self.issuer.publish(ANOTHER_KEY)

        self.later(3600)

        self.assert_token_refused(self.get(token()))

    def test_issuer_that_fails_is_503_and_says_when_to_try_again(self):
        good = dict(self.issuer.documents)
        for what, changes in {
            "an error": {"status": 500},
            "a redirect": {"status": 302, "documents": dict.fromkeys(good, "")},
            "metadata that are no JSON": {"documents": good | {FakeIssuer.METADATA: "<html>"}},
            "metadata that are a list": {"documents": good | {FakeIssuer.METADATA: "[]"}},
            "metadata of another issuer": {
                "documents": good
                | {FakeIssuer.METADATA: good[FakeIssuer.METADATA].replace("8104", "8105")}
            },
            "metadata without keys": {"documents": good | {FakeIssuer.METADATA: "{}"}},
            "keys that are no JSON": {"documents": good | {FakeIssuer.KEYS: ""}},
            "keys that are none": {"documents": good | {FakeIssuer.KEYS: "{}"}},
            "keys that are a list": {"documents": good | {FakeIssuer.KEYS: "[]"}},
            "keys of no kind": {"documents": good | {FakeIssuer.KEYS: '{"keys": [{"kty": "x"}]}'}},
        }.items():
            self.later(6)
            with self.subTest(what=what), patch.multiple(self.issuer, **changes):
                response = self.get(token())

                self.assertNotEqual(self.issuer.asked, [], "it should be asked again after a while")
                self.issuer.asked.clear()
                self.assert_problem(response, 503, "Service Unavailable")
                self.assertRegex(response.headers.get("Retry-After", ""), "^[1-9][0-9]*$")

    def test_issuer_that_is_down_is_503_until_it_is_up_again(self):
        for failure in (requests.ConnectionError, requests.Timeout):
            with patch("requests.get", side_effect=failure):
                self.assert_problem(self.get(token()), 503, "Service Unavailable")
            self.later(6)

        self.assert_status(self.get(token()), 200)

    def test_issuer_that_is_down_is_not_waited_for_by_everybody(self):
        with patch("requests.get", side_effect=requests.Timeout) as get:
            for _ in range(3):
                self.assert_problem(self.get(token()), 503, "Service Unavailable")

        self.assertEqual(get.call_count, 1, "the second should hear at once that it is down")

    def test_known_keys_go_on_while_the_issuer_is_down(self):
        self.get(token())

        with patch("requests.get", side_effect=requests.ConnectionError):
            self.assert_status(self.get(token()), 200)

    def test_issuer_is_asked_with_patience_that_ends(self):
        with patch("requests.get", wraps=self.issuer.get) as get:
            self.get(token())

        for call in get.call_args_list:
            patience = call.kwargs.get("timeout")
            self.assertIsNotNone(patience, "requests waits for ever without a timeout")
            self.assertLessEqual(patience, 3, "our own clients wait meanwhile")
            redirects = call.kwargs.get("allow_redirects", True)
            self.assertFalse(redirects, "a redirect could lead to servers inside our network")
