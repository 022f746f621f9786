"""6.4 Authentication: tokens, those of OAuth and our own."""

import hmac
import time

from joserfc.jwk import ECKey

from tests.test_64_authentication import LIST, MINE, AuthenticationTestCase

from . import ALICE, BOB, METROPOLIS, SETTINGS
from .credentials import HEADER, ISSUERS_KEY, access_token, bearer, forged, later, own_token


def public_key_as_secret(message):
    """Sign with what everybody knows, taken for the secret of an HMAC."""
    return hmac.digest(ISSUERS_KEY.as_pem(private=False), message, "sha256")


class AccessTokenTest(AuthenticationTestCase):
    """OAuth 2: a JWT that the authorization server has issued (RFC 6750, RFC 9068)."""

    def test_good_token_is_let_in(self):
        for token in (
            access_token(),
            access_token(aud=["urn:theatre:api", SETTINGS["AUDIENCE"]]),
            access_token(header=HEADER | {"typ": "application/at+jwt"}),
        ):
            with self.subTest(token):
                self.assertEqual(self.get(bearer(token)).status_code, 200)

    def test_token_that_says_something_else_is_refused(self):
        moment = int(time.time())
        for claims in (
            {"iss": "http://127.0.0.1:8105"},
            {"aud": "urn:theatre:api"},
            {"aud": ["urn:theatre:api"]},
            {"exp": moment - 1},
            {"nbf": moment + 60},
            {"iat": moment + 60},
            {"sub": "nobody"},
            {"scope": ["movies:write"]},
            *({name: None} for name in ("iss", "aud", "exp", "sub", "client_id", "scope")),
        ):
            with self.subTest(claims):
                self.assert_refused(self.get(bearer(access_token(**claims))), code=22)

    def test_token_ends_by_itself(self):
        token = bearer(access_token())

        with later(seconds=298):
            self.assertEqual(self.get(token).status_code, 200)
        with later(seconds=301):
            self.assert_refused(self.get(token), code=22)

    def test_token_that_nobody_has_signed_is_refused(self):
        good = access_token()
        head, claims, signature = good.split(".")
        others = ECKey.generate_key("P-256", {"kid": "first"})
        for name, token in {
            "alg none": forged({"alg": "none", "typ": "at+jwt"}, good),
            "alg none and a kid": forged(HEADER | {"alg": "none"}, good),
            "the public key as a secret": forged(
                HEADER | {"alg": "HS256"}, good, public_key_as_secret
            ),
            "another key": access_token(others),
            "another key that it brings along": access_token(
                others, HEADER | {"jwk": others.as_dict(private=False)}
            ),
            "a key that is not there": access_token(header=HEADER | {"kid": "second"}),
            "claims of another": f"{head}.{access_token(sub='alice').split('.')[1]}.{signature}",
            "signature reversed": f"{head}.{claims}.{signature[::-1]}",
            "no signature": f"{head}.{claims}.",
            "two parts": f"{head}.{claims}",
            "an id token": access_token(header=HEADER | {"typ": "JWT"}),
            "junk": "junk",
            "nothing": "",
        }.items():
            with self.subTest(name):
                self.assert_refused(self.get(bearer(token)), code=22)

    def test_scope_narrows_what_a_user_may_do_and_never_widens_it(self):
        for name, scope, status in (
            ("alice", "movies:write", 204),
            ("alice", "watchlists:write", 403),
            ("alice", "movies:write2 MOVIES:WRITE", 403),
            ("bob", "movies:write", 403),
        ):
            with self.subTest(name=name, scope=scope):
                token = bearer(access_token(sub=name, scope=scope))

                response = self.client.delete("/v1/movies/3", headers=token)

                self.assertEqual(response.status_code, status)
                if status == 403:
                    challenge = response.headers.get("WWW-Authenticate")
                    self.assertIn('error="insufficient_scope", scope="movies:write"', challenge)

    def test_program_that_asks_for_itself_has_no_watchlists(self):
        program = bearer(access_token(sub="robot", client_id="robot"))

        movie = self.client.post("/v1/movies", json=METROPOLIS, headers=program)
        watchlist = self.client.put(MINE, json=LIST, headers=program)

        self.assertEqual((movie.status_code, watchlist.status_code), (201, 403))

    def test_token_is_looked_for_in_the_header_only(self):
        token = {"access_token": access_token()}

        in_url = self.client.put(MINE, json=LIST, query_string=token)
        in_form = self.client.post("/v1/movies", data=token)

        self.assert_refused(in_url, code=20)
        self.assert_refused(in_form, code=20)


class OwnTokenTest(AuthenticationTestCase):
    """Tokens of our own: random, kept as a hash, narrow, soon over, and revoked at once."""

    def setUp(self):
        super().setUp()
        self.token = own_token(self.app, "bob")  # for a day

    def test_token_says_who_is_asking(self):
        response = self.client.put(MINE, json=LIST, headers=bearer(self.token))

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_token_is_shown_once(self):
        shown = self.client.get("/v1/tokens/1", headers=BOB)

        self.assertEqual(shown.status_code, 200)
        self.assertEqual(shown.json["ending"], self.token[-4:])
        self.assertNotIn(self.token[:-4], shown.text)

    def test_no_two_tokens_are_the_same(self):
        self.assertNotEqual(own_token(self.app, "bob"), self.token)

    def test_what_is_almost_the_token_is_refused(self):
        for token in (
            self.token[:-1],
            f"{self.token}A",
            self.token.swapcase(),
            self.token.removeprefix("cinema_"),
            f"cinema_{'A' * 43}",
            "cinema_",
            "cinema_%",
        ):
            with self.subTest(token):
                self.assert_refused(self.get(bearer(token)), code=22)

    def test_token_ends_to_the_second(self):
        with later(hours=23, minutes=59, seconds=58):
            self.assertEqual(self.get(bearer(self.token)).status_code, 200)
        with later(hours=24):
            self.assert_refused(self.get(bearer(self.token)), code=22)

    def test_revoked_token_is_worthless_at_once_and_others_stay(self):
        other = own_token(self.app, "bob")
        self.assertEqual(self.get(bearer(self.token)).status_code, 200)

        response = self.client.delete("/v1/tokens/1", headers=BOB)

        self.assertEqual(response.status_code, 204)
        self.assert_refused(self.get(bearer(self.token)), code=22)
        self.assertEqual(self.get(bearer(other)).status_code, 200)

    def test_all_tokens_of_a_user_are_revoked_together(self):
        tokens = [self.token, own_token(self.app, "bob")]
        alices = own_token(self.app, "alice")

        self.client.delete("/v1/tokens", headers=BOB)

        for token in tokens:
            self.assert_refused(self.get(bearer(token)), code=22)
        self.assertEqual(self.get(bearer(alices)).status_code, 200)

    def test_nobody_revokes_the_token_of_somebody_else(self):
        response = self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assert_problem(response, 404, "Not Found")
        self.assertEqual(self.get(bearer(self.token)).status_code, 200)

    def test_nobody_gives_away_what_they_do_not_have(self):
        body = {"name": "a program", "scopes": ["movies:write"]}

        response = self.client.post("/v1/tokens", json=body, headers=BOB)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(list(response.json["errors"]), ["scopes"])

    def test_token_may_do_what_its_scope_says(self):
        narrow = bearer(own_token(self.app, "alice", ["watchlists:write"]))

        response = self.client.post("/v1/movies", json=METROPOLIS, headers=narrow)

        self.assert_problem(response, 403, "Forbidden")

    def test_token_makes_no_token(self):
        body = {"name": "for ever", "scopes": ["watchlists:read"], "days": 365}

        response = self.client.post("/v1/tokens", json=body, headers=bearer(self.token))

        self.assert_problem(response, 403, "Forbidden")
