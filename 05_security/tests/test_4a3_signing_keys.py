"""4.a3 Signed requests: the key with which a user signs is made here, and shown once."""

from base64 import b64decode

from tests import ALICE, BOB, basic
from tests.signing import SignedTestCase, signed
from tests.users import EVIL, told

URL = "/v1/signing-key"


class SigningKeyTest(SignedTestCase):
    """/v1/signing-key is the one key of who is asking."""

    def test_new_key_is_201_and_shown(self):
        response = self.client.post(URL, headers=ALICE)

        self.assert_status(response, 201)
        self.assertEqual(response.location, URL)
        key = told(response, "key") or ""
        self.assertGreaterEqual(len(b64decode(key, validate=True)), 32, "HMAC-SHA-256: 256 bits")
        self.assertEqual(
            response.json, {"keyid": "alice", "alg": "hmac-sha256", "url": URL, "key": key}
        )

    def test_key_is_shown_once(self):
        created = self.client.post(URL, headers=ALICE)

        response = self.client.get(self.place_of(created), headers=ALICE)

        self.assert_status(response, 200)
        self.assertEqual(response.json, {"keyid": "alice", "alg": "hmac-sha256", "url": URL})

    def test_no_two_keys_are_the_same(self):
        keys = {self.get_key(headers) for headers in (ALICE, ALICE, BOB)}

        self.assertEqual(len(keys), 3, "each key should be random")

    def test_user_without_a_key_gets_404(self):
        for method in ("GET", "DELETE"):
            with self.subTest(method=method):
                response = self.client.open(URL, method=method, headers=ALICE)

                self.assert_problem(response, 404, "Not Found")

    def test_stranger_has_no_key(self):
        for method in ("GET", "POST", "DELETE"):
            with self.subTest(method=method):
                self.assert_unauthorized(self.client.open(URL, method=method))
        self.assert_nothing_changed()

    def test_next_key_replaces_the_one_before(self):
        old, new = self.get_key(), self.get_key()

        self.assert_signature_refused(self.client.open(**signed(old)))
        self.assert_status(self.client.open(**signed(new)), 200)

    def test_deleted_key_is_dead(self):
        key = self.get_key()

        response = self.client.delete(URL, headers=ALICE)

        self.assert_status(response, 204)
        self.assertEqual(response.data, b"")
        self.assert_status(self.client.get(URL, headers=ALICE), 404)
        self.assert_signature_refused(self.client.open(**signed(key)))

    def test_keys_of_others_stay(self):
        bobs = self.get_key(BOB)
        self.get_key(ALICE)

        self.client.delete(URL, headers=ALICE)

        self.assert_status(self.client.open(**signed(bobs, "bob")), 200)

    def test_new_password_ends_the_key(self):
        key = self.get_key()

        self.set_password("alice", "another one")

        response = self.client.get(URL, headers=basic("alice", "another one"))
        self.assert_problem(response, 404, "Not Found")
        self.assert_signature_refused(self.client.open(**signed(key)))

    def test_form_of_another_site_does_not_replace_the_key(self):
        for sign_of_it in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": EVIL}):
            with self.subTest(sign_of_it=sign_of_it):
                response = self.client.post(URL, headers=ALICE | sign_of_it)

                self.assert_forbidden(response)
        self.assert_status(self.client.get(URL, headers=ALICE), 404)
