"""6.4 Authentication: signed requests."""

import time

from tests.test_64_authentication import LIST, MINE, AuthenticationTestCase

from . import BOB
from .credentials import later, new_key, signed


class SignatureTest(AuthenticationTestCase):
    """A signed request: the secret is never sent (RFC 9421, hmac-sha256)."""

    def setUp(self):
        super().setUp()
        self.key = new_key(self.app, "bob")
        self.sent = signed(self.key, "bob", "PUT", MINE, LIST)
        self.snapshot = self.database.serialize()

    def assert_signature_refused(self, **request):
        self.assert_refused(self.client.open(**request))

    def test_signed_request_is_answered(self):
        response = self.client.open(**self.sent)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_what_was_changed_on_its_way_is_refused(self):
        fields = self.sent["headers"]
        for name, change in {
            "method": {"method": "PATCH"},
            "path": {"path": "/v1/watchlists/yours"},
            "query": {"path": f"{MINE}?x=1"},
            "host": {"base_url": "http://other.example"},
            "body": {"data": b'{"title": "Yours"}'},
            "no body": {"data": b""},
            "type": {"headers": fields | {"Content-Type": "application/ld+json"}},
            "condition": {"headers": fields | {"If-Match": '"1"'}},
            "user": {"headers": replaced(fields, "Signature-Input", "bob", "alice")},
            "components": {"headers": replaced(fields, "Signature-Input", '"@path" ', "")},
            "signature": {"headers": replaced(fields, "Signature", "sig=:", "sig=:AAAA")},
            "algorithm": {"headers": replaced(fields, "Signature-Input", ";k", ';alg="none";k')},
            "half of it": {"headers": fields | {"Signature": ""}},
            "the other half": {"headers": fields | {"Signature-Input": ""}},
        }.items():
            with self.subTest(name):
                self.assert_signature_refused(**self.sent | change)
        self.assert_nothing_changed()
        self.assertEqual(self.client.open(**self.sent).status_code, 201, "no nonce is used up")

    def test_copy_of_a_request_is_refused(self):
        self.client.open(**self.sent)

        self.assert_signature_refused(**self.sent)

    def test_nonce_is_good_once_for_each_user(self):
        alices = new_key(self.app, "alice")
        self.client.open(**signed(self.key, "bob", "GET", MINE, nonce="n"))

        other = self.client.open(**signed(alices, "alice", "GET", "/v1/movies/1", nonce="n"))

        self.assertEqual(other.status_code, 200)
        self.assert_signature_refused(**signed(self.key, "bob", "GET", "/v1/movies/1", nonce="n"))

    def test_old_copy_is_refused_when_its_nonce_is_forgotten(self):
        self.client.open(**self.sent)
        for minutes in (4, 6, 11):
            with self.subTest(minutes=minutes), later(minutes=minutes):
                self.client.open(**signed(self.key, "bob", "GET", MINE))  # old ones are cleared
                self.assert_signature_refused(**self.sent)

    def test_signature_is_good_for_five_minutes_and_not_from_the_future(self):
        moment = int(time.time())
        for created, status in ((-299, 200), (-302, 401), (25, 200), (60, 401)):
            with self.subTest(created=created):
                request = signed(self.key, "bob", "GET", "/v1/movies/1", created=moment + created)

                self.assertEqual(self.client.open(**request).status_code, status)

    def test_wrong_key_unknown_user_and_user_without_key_are_told_the_same(self):
        wrong = bytes(32)

        answers = [
            self.client.open(**signed(wrong, name, "GET", "/v1/movies/1"))
            for name in ("bob", "nobody", "alice")
        ]

        for answer in answers:
            self.assert_refused(answer)
        self.assertEqual(len({answer.data for answer in answers}), 1)

    def test_key_ends_with_the_next_one_or_when_it_is_deleted(self):
        new_key(self.app, "bob")
        self.assert_signature_refused(**self.sent)

        key = new_key(self.app, "bob")
        self.client.delete("/v1/signing-key", headers=BOB)
        self.assert_signature_refused(**signed(key, "bob", "PUT", MINE, LIST))

    def test_key_is_shown_once(self):
        response = self.client.get("/v1/signing-key", headers=BOB)

        self.assertEqual(response.status_code, 200)
        self.assertNotIn("key", response.json)


def replaced(headers, name, old, new):
    assert headers[name].count(old) == 1, f"{old} should be in {headers[name]}"
    return headers | {name: headers[name].replace(old, new)}
