"""4.a4 OAuth 2: access tokens, as the API checks them (RFC 6750, RFC 9068).

Beside our checks stand naive ones, and attacks that work there, and not on ours.
"""

import hmac
import json
import time
from itertools import product

from joserfc import jws, jwt
from joserfc.jwk import ECKey

from tests import METROPOLIS
from tests.issuer import (
    ANOTHER_KEY,
    AUDIENCE,
    HEADER,
    ISSUER,
    ISSUERS_KEY,
    METADATA,
    BearerTestCase,
    bearer,
    claims,
    decoded,
    encoded,
    forged,
    public_key_as_secret,
    token,
)
from tests.users import EVIL


class BearerTest(BearerTestCase):
    """Access tokens of OAuth 2 (RFC 6750, RFC 9068)."""

    def test_token_says_who_is_asking(self):
        self.assert_asked_by("alice", self.put_favourites(bearer(token())))

    def test_scheme_and_type_are_written_in_any_case(self):
        for scheme in ("bearer ", "BEARER ", "Bearer   "):
            with self.subTest(scheme=scheme):
                headers = {"Authorization": scheme + token()}

                self.assert_status(self.put_favourites(headers), (200, 201))
        for kind in ("AT+JWT", "application/at+jwt"):
            with self.subTest(kind=kind):
                self.assert_status(self.get(token(header=HEADER | {"typ": kind})), 200)

    def test_token_for_several_is_for_us_too(self):
        response = self.get(token(aud=["urn:theatre:api", AUDIENCE]))

        self.assert_status(response, 200)

    def test_token_that_is_for_others_or_not_good_now_is_refused(self):
        moment = int(time.time())
        for changes in (
            {"iss": "http://127.0.0.1:8105"},
            {"iss": ISSUER + "/"},
            {"aud": "urn:theatre:api"},
            {"aud": ["urn:theatre:api"]},
            {"aud": AUDIENCE + "2"},
            {"exp": moment - 1},
            {"exp": 0},
            {"nbf": moment + 60},
            {"iat": moment + 60},
        ):
            with self.subTest(changes=changes):
                self.assert_token_refused(self.get(token(**changes)))

    def test_token_that_leaves_something_out_is_refused(self):
        for name in ("iss", "aud", "exp", "sub", "client_id", "scope"):
            with self.subTest(name=name):
                self.assert_token_refused(self.get(token(**{name: None})))

    def test_claims_of_a_wrong_type_are_refused(self):
        texts, numbers = ("iss", "aud", "sub", "client_id", "scope"), ("exp", "nbf", "iat")
        for names, values in (
            (texts, (7, 1.5, True, "", [], ["x"], [[]], {}, {"a": 1})),
            (numbers, (True, "", "x", str(int(time.time()) + 60), [], [7], {}, {"a": 1})),
        ):
            for name, value in product(names, values):
                with self.subTest(name=name, value=value):
                    self.assert_token_refused(self.get(token(**{name: value})))

    def test_token_of_another_key_is_refused(self):
        impostor = ECKey.generate_key("P-256", {"kid": "first"})

        self.assert_token_refused(self.get(token(impostor)))

    def test_tokens_that_choose_their_algorithm_are_refused(self):
        for text in (
            forged({"alg": "none", "typ": "at+jwt"}),
            forged(HEADER | {"alg": "none"}),
            forged(HEADER | {"alg": "None"}),
            forged(HEADER | {"alg": "HS256"}, public_key_as_secret),
            forged(HEADER | {"alg": "ES384"}, lambda _: bytes(96)),
            forged(HEADER, lambda _: bytes(64)),
            forged(HEADER),
        ):
            with self.subTest(text=text):
                self.assert_token_refused(self.get(text))

    def test_key_that_the_token_brings_along_is_not_believed(self):
        header = HEADER | {"jwk": ANOTHER_KEY.as_dict(private=False), "jku": f"{EVIL}/jwks.json"}

        response = self.get(token(ANOTHER_KEY, header))

        self.assert_token_refused(response)
        self.assertNotIn(f"{EVIL}/jwks.json", self.issuer.asked)

    def test_other_kinds_of_token_are_refused(self):
        for kind in ("JWT", "id+jwt", "", None):
            with self.subTest(kind=kind):
                header = {n: v for n, v in (HEADER | {"typ": kind}).items() if v is not None}

                self.assert_token_refused(self.get(token(header=header)))

    def test_tampered_token_is_refused(self):
        head, body, mac = token(sub="bob").split(".")

        for text in (
            f"{head}.{encoded(claims())}.{mac}",
            f"{head}.{body}.{mac[::-1]}",
            f"{head}.{body}.",
            f"{head}.{body}",
            f"{encoded(HEADER | {'kid': 'second'})}.{body}.{mac}",
        ):
            with self.subTest(text=text):
                self.assert_token_refused(self.get(text))

    def test_junk_is_refused(self):
        odd = (None, 7, -1, 1.5, True, "", "é", [], [7], [None], [[]], {}, {"a": 1})
        for text in (
            *(
                "",
                "x",
                ".",
                "..",
                "...",
                "a.b.c",
                "....",
                "a.b.c.d.e",
                "é.é.é",
                "=.=.=",
                "x" * 9999,
            ),
            *(f"{encoded(header)}.e30.AA" for header in odd),
            *(forged(HEADER | {name: value}) for name in (*HEADER, "crit", "b64") for value in odd),
            *(forged({"alg": "dir", "enc": "A128GCM", "kid": "first"}) + ".AA.AA",),
            *(jws.serialize_compact(HEADER, body, ISSUERS_KEY) for body in (b"x", b"[]", b"7")),
        ):
            with self.subTest(text=text[:60]):
                self.assert_token_refused(self.get(text))

    def test_stranger_gets_a_bare_challenge(self):
        self.assert_bare_challenge(self.put_favourites())

    def test_token_in_the_url_or_the_body_is_not_looked_at(self):
        form = {"access_token": token()}

        in_url = self.client.post("/v1/movies", query_string=form, json=METROPOLIS)
        in_body = self.client.post("/v1/movies", data=form)

        self.assert_bare_challenge(in_url)
        self.assert_bare_challenge(in_body)

    def test_challenge_of_a_refused_token_is_the_same_however_its_scheme_is_written(self):
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer  "):
            with self.subTest(scheme=scheme):
                headers = {"Authorization": f"{scheme} x.y.z"}

                self.assert_token_refused(self.client.get("/v1/movies/1", headers=headers))

    def test_wrong_token_is_refused_where_none_is_needed(self):
        for url in ("/", METADATA, "/v1/movies", "/nothing"):
            with self.subTest(url=url):
                response = self.client.get(url, headers=bearer("x.y.z"))

                self.assert_token_refused(response)

    def test_metadata_lead_to_who_issues_tokens(self):
        response = self.client.get(METADATA, base_url=AUDIENCE)

        self.assert_status(response, 200)
        self.assertEqual(
            response.json,
            {
                "resource": AUDIENCE,
                "authorization_servers": [ISSUER],
                "scopes_supported": ["movies:write", "watchlists:read", "watchlists:write"],
                "bearer_methods_supported": ["header"],
            },
        )

    def test_resource_of_the_metadata_is_the_url_that_was_asked(self):
        response = self.client.get(METADATA, base_url=AUDIENCE)

        resource = (response.json or {}).get("resource", "")
        self.assertEqual(
            resource + METADATA, response.request.url, "otherwise clients reject it (RFC 9728, 3.3)"
        )
        self.assert_status(self.get(token(aud=resource)), 200, "a token for it should do")


class NaiveTokenTest(BearerTestCase):
    """What a token must not be asked, and what it must."""

    def test_algorithm_that_the_token_chooses_lets_anybody_sign(self):
        public_key = ISSUERS_KEY.as_pem(private=False)
        checks = {
            "none": lambda _message, _mac: True,
            "HS256": lambda message, mac: hmac.digest(public_key, message, "sha256") == mac,
        }

        def naive_user(text):
            message, _, mac = text.rpartition(".")
            header, body = (json.loads(decoded(part)) for part in message.split("."))
            right = checks[header["alg"]](message.encode(), decoded(mac))
            return body["sub"] if right else None

        for text in (
            forged(HEADER | {"alg": "none"}),
            forged(HEADER | {"alg": "HS256"}, public_key_as_secret),
        ):
            self.assertEqual(naive_user(text), "alice")
            self.assert_token_refused(self.get(text))

    def test_token_for_another_api_works_where_nobody_looks_for_whom_it_is(self):
        def naive_user(text):
            return jwt.decode(text, ISSUERS_KEY, algorithms=["ES256"]).claims["sub"]

        for_the_theatre = token(aud="urn:theatre:api")  # which can send it on to us

        self.assertEqual(naive_user(for_the_theatre), "alice")
        self.assert_token_refused(self.get(for_the_theatre))
