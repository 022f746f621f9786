"""4.a3 Signed requests: the secret itself is never sent (RFC 9421)."""

import json
import time

import http_sf
from cinema.data.database import db
from sqlalchemy import select

from tests import ALICE, BOB, METROPOLIS, ServerTestCase, all_at_once
from tests.lesson import made_in
from tests.signing import ALWAYS_COVERED, SignedTestCase, key_in, signed
from tests.users import FAVOURITES, told

with made_in("4.a3"):
    from cinema.http.signatures.message import CLOCK_SKEW, WINDOW
    from cinema.users.authentication.signed_request import UsedNonce

BODY = json.dumps(METROPOLIS).encode()


class SignedRequestTestCase(SignedTestCase):
    def setUp(self):
        super().setUp()
        self.key = self.get_key()


class SignedRequestTest(SignedRequestTestCase):
    """Signed requests: the secret itself is never sent (RFC 9421)."""

    def post(self, **changes):
        """Return a signed request for a new movie."""
        return signed(self.key, method="POST", path="/v1/movies", data=BODY) | changes

    def test_signed_get_says_who_is_asking(self):
        response = self.client.open(**signed(self.key, path="/v1/signing-key"))

        self.assert_status(response, 200)
        self.assertEqual(told(response, "keyid"), "alice")

    def test_signed_post_creates(self):
        response = self.client.open(**self.post())

        self.assert_status(response, 201)
        self.assertEqual(response.json, {"id": 4} | METROPOLIS | {"url": "/v1/movies/4"})

    def test_signed_query_and_encoded_path_are_taken_as_they_were_sent(self):
        for path in ("/v1/movies?q=a%20b+c&year=1940", "/v1/movies?", "/v1/watchlists/%61b%2Fc"):
            with self.subTest(path=path):
                response = self.client.open(**signed(self.key, path=path))

                self.assert_status(response, (200, 404))

    def test_role_counts_as_it_does_for_a_password(self):
        request = signed(self.get_key(BOB), "bob", "POST", "/v1/movies", BODY)

        response = self.client.open(**request)

        self.assert_forbidden(response, "movies:write")

    def test_other_method_path_or_query_is_refused(self):
        sent = signed(self.key, method="DELETE", path="/v1/movies/1")
        for change in (
            {"method": "GET"},
            {"path": "/v1/movies/2"},
            {"path": "/v1/watchlists/1"},
            {"path": "/v1/movies/1?x=1"},
            {"path": "/v1/movies/%31"},
        ):
            with self.subTest(change=change):
                response = self.client.open(**sent | change)

                self.assert_signature_refused(response)
        self.assert_status(self.client.get("/v1/movies/2"), 200)

    def test_other_host_is_refused(self):
        response = self.client.open(**self.post(base_url="http://other.example"))

        self.assert_status(response, 401)
        self.assert_status(self.client.get("/v1/movies/4"), 404)

    def test_stranger_is_told_what_to_sign(self):
        self.assert_signature_refused(self.put_favourites())

    def test_accept_signature_is_what_the_standard_says(self):
        for method, data in (("GET", b""), ("DELETE", b""), ("POST", BODY)):
            with self.subTest(method=method):
                components, wishes = self.wish_of(self.ask_for_signature(method, data))

                self.assertLessEqual(set(ALWAYS_COVERED), set(components))
                self.assertEqual(
                    "content-digest" in components, bool(data), "without a body, it has no digest"
                )
                self.assertIs(wishes.get("created"), True, "created has no value in a wish")
                for name in wishes.keys() - {"created", "expires"}:
                    self.assertIsInstance(
                        wishes[name], str, f"{name} is a text to be used as it is (section 5.1)"
                    )

    def test_request_signed_as_accept_signature_asks_is_accepted(self):
        for method, path, data, status in (
            ("DELETE", "/v1/movies/1", b"", 204),
            ("POST", "/v1/movies", BODY, 201),
        ):
            with self.subTest(method=method):
                components, wishes = self.wish_of(self.ask_for_signature(method, data, path))
                nonce = wishes.get("nonce")

                request = signed(self.key, "alice", method, path, data, nonce=nonce)
                response = self.client.open(**request)

                covered, _ = http_sf.parse(
                    request["headers"]["Signature-Input"].encode(), tltype="dictionary"
                )["sig"]
                self.assertEqual([name for name, _ in covered], components)
                self.assert_status(response, status)

    def test_each_wish_has_a_nonce_of_its_own(self):
        nonces = {self.wish_of(self.ask_for_signature())[1].get("nonce") for _ in range(3)}

        self.assertEqual(len(nonces), 3, "who signs with the nonce of another is refused")

    def ask_for_signature(self, method="GET", data=b"", path="/v1/signing-key"):
        content_type = "application/json" if data else None
        return self.client.open(path, method=method, data=data, content_type=content_type)

    def wish_of(self, response):
        """Return the components and the parameters that an answer's Accept-Signature names."""
        self.assert_status(response, 401)
        field = response.headers.get("Accept-Signature", "")
        [(components, wishes)] = http_sf.parse(field.encode(), tltype="dictionary").values()
        return [name for name, _ in components], wishes

    def test_other_body_is_refused(self):
        response = self.client.open(**self.post(data=BODY.replace(b"1927", b"1928")))

        self.assert_signature_refused(response)

    def test_body_that_is_slipped_in_is_refused(self):
        self.put_favourites(ALICE)

        response = self.client.open(**signed(self.key, path=FAVOURITES) | {"data": b"{}"})

        self.assert_signature_refused(response)

    def test_wrong_signature_is_refused_where_none_is_needed(self):
        for url in ("/", "/v1/movies", "/nothing"):
            with self.subTest(url=url):
                self.assert_signature_refused(self.client.get(url, headers={"Signature": "x"}))

    def test_old_and_future_signatures_are_refused(self):
        for moment in (-WINDOW - 1, CLOCK_SKEW + 30):
            with self.subTest(moment=moment):
                created = int(time.time()) + moment

                response = self.client.open(**signed(self.key, created=created))

                self.assert_signature_refused(response)

    def test_same_request_again_is_refused(self):
        sent = self.post()
        self.assert_status(self.client.open(**sent), 201)

        response = self.client.open(**sent)

        self.assert_signature_refused(response)
        self.assert_status(self.client.get("/v1/movies/5"), 404)

    def test_nonce_of_another_request_is_refused(self):
        first = self.client.open(**signed(self.key, nonce="once"))

        response = self.client.open(**signed(self.key, path="/v1/movies", nonce="once"))

        self.assert_status(first, 200)
        self.assert_signature_refused(response)

    def test_nonces_of_others_are_no_hindrance(self):
        bobs = self.get_key(BOB)
        self.client.open(**signed(self.key, nonce="once"))

        response = self.client.open(**signed(bobs, "bob", nonce="once"))

        self.assert_status(response, 200)

    def test_forged_request_does_not_use_up_a_nonce(self):
        sent = self.post()
        self.client.open(**sent | {"data": b"{}"})

        response = self.client.open(**sent)

        self.assert_status(response, 201, "otherwise a forger could stop the real one")

    def test_wrong_key_unknown_user_and_user_without_key_get_the_same_answer(self):
        answers = []
        for keyid in ("alice", "bob", "nobody"):  # bob has no key
            with self.subTest(keyid=keyid):
                response = self.client.open(**signed(bytes(32), keyid))

                self.assert_signature_refused(response)
                answers.append(response.data)
        self.assertEqual(len(set(answers)), 1, "it should not tell what was wrong")

    def test_key_of_one_user_does_not_sign_for_another(self):
        bobs = self.get_key(BOB)

        response = self.client.open(**signed(bobs, "alice"))

        self.assert_signature_refused(response)

    def test_half_a_signature_is_refused(self):
        for name in ("Signature", "Signature-Input"):
            with self.subTest(name=name):
                request = signed(self.key)
                del request["headers"][name]

                self.assert_signature_refused(self.client.open(**request))

    def test_junk_is_refused(self):
        for junk in ("", "x", "sig", "sig=()", "sig=:é:", "=", "(" * 3000, 'sig=("@method");a'):
            for name in ("Signature", "Signature-Input"):
                with self.subTest(name=name, junk=junk[:20]):
                    request = signed(self.key)
                    request["headers"][name] = junk

                    self.assert_signature_refused(self.client.open(**request))


class NoncesTest(SignedRequestTestCase):
    """Nonces are kept for as long as they matter. This looks inside: at the rows of UsedNonce."""

    def test_nonces_are_remembered_for_as_long_as_they_matter(self):
        self.client.open(**signed(self.key, nonce="old"))

        self.later(WINDOW)
        self.client.open(**signed(self.key, nonce="new", created=int(time.time())))
        both = self.kept()
        self.later(WINDOW + 1)
        self.client.open(**signed(self.key, nonce="newest", created=int(time.time())))

        self.assertEqual(both, {"old", "new"}, "what is good still must not be used again")
        self.assertEqual(self.kept(), {"new", "newest"}, "what has expired should be forgotten")

    def kept(self):
        with self.app.app_context():
            return set(db.session.scalars(select(UsedNonce.nonce)))


class ParallelReplayTest(ServerTestCase):
    """A request and its copy come all at once."""

    def test_of_two_copies_at_once_one_passes(self):
        client = self.app.test_client()
        key = key_in(client.post("/v1/signing-key", headers=ALICE))
        sent = signed(key, method="POST", path="/v1/movies", data=BODY)

        statuses = all_at_once(
            [lambda: self.app.test_client().open(**sent).status_code for _ in range(4)]
        )

        self.assertEqual(sorted(statuses), [201, 401, 401, 401])
