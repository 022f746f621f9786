"""An issuer of tokens as the API knows it, its tokens, and forged ones.

The API asks an issuer by `requests.get`, which is the seam here.
"""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import count
from secrets import token_hex
from unittest.mock import patch

import requests
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.lesson import made_in
from tests.users import UserTestCase, challenges

with made_in("4.a4"):
    from cinema.users.authentication.oauth_keys import IssuerKeys  # noqa: F401 (reads our tokens)

ISSUER = "http://127.0.0.1:8104"
AUDIENCE = "http://127.0.0.1:8004"
ISSUERS_KEY = ECKey.generate_key("P-256", {"kid": "first"})
ANOTHER_KEY = ECKey.generate_key("P-256", {"kid": "second"})
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "first"}
ALL = "movies:write watchlists:read watchlists:write"
METADATA = "/.well-known/oauth-protected-resource"
DAYS = count(1)  # so that a test begins when the keys that the one before has fetched are old


def encoded(value):
    """Return a value as a part of a token: JSON in URL-safe Base64."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decoded(part):
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(**changes):
    """Return what a good token says, with changes; None leaves something out."""
    moment = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "client_id": "movie-night",
        "scope": ALL,
        "iat": moment,
        "exp": moment + 300,
        "jti": token_hex(8),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(key=ISSUERS_KEY, header=HEADER, **changes):
    return jwt.encode(header, claims(**changes), key)


def forged(header, mac=lambda _signed: b""):
    """Return a token that is signed by whatever means."""
    parts = f"{encoded(header)}.{encoded(claims())}"
    return f"{parts}.{urlsafe_b64encode(mac(parts.encode())).decode().rstrip('=')}"


def public_key_as_secret(message):
    """Sign with what everybody knows: the issuer's public key, taken for the secret of an HMAC."""
    return hmac.digest(ISSUERS_KEY.as_pem(private=False), message, "sha256")


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


class FakeIssuer:
    """The authorization server, as far as the API asks it: its metadata and its keys."""

    METADATA = f"{ISSUER}/.well-known/oauth-authorization-server"
    KEYS = f"{ISSUER}/jwks.json"

    def __init__(self):
        self.asked = []
        self.status = 200
        self.documents = {self.METADATA: json.dumps({"issuer": ISSUER, "jwks_uri": self.KEYS})}
        self.publish(ISSUERS_KEY)

    def publish(self, *keys):
        public = [key.as_dict(private=False) for key in keys]
        self.documents[self.KEYS] = json.dumps({"keys": public})

    def get(self, url, **_options):
        self.asked.append(url)
        if url not in self.documents:
            raise AssertionError(f"The API should ask for what the metadata name, not for {url}.")
        response = requests.Response()
        response.status_code = self.status
        response._content = self.documents[url].encode()
        return response


class BearerTestCase(UserTestCase):
    """An API that believes the tokens of a fake issuer, and has not asked it for its keys yet."""

    def setUp(self):
        super().setUp()
        self.later(86_400 * next(DAYS))
        self.issuer = FakeIssuer()
        self.enterContext(patch("requests.get", self.issuer.get))

    def get(self, text):
        return self.client.get("/v1/movies/1", headers=bearer(text))

    def bearer_challenge(self, response):
        """Return what a challenge says to those who could come with a token."""
        found = challenges(response)
        self.assertIn("bearer", found, "WWW-Authenticate should name Bearer (RFC 6750, section 3)")
        metadata = found["bearer"].get("resource_metadata")
        self.assertEqual(metadata, f"http://localhost{METADATA}", "it should lead to who issues")
        return found["bearer"]

    def assert_bare_challenge(self, response):
        """Check that an answer is a 401 to somebody who has sent no credentials."""
        self.assert_unauthorized(response)
        self.assertNotIn("error", self.bearer_challenge(response), "nothing was wrong yet")

    def assert_token_refused(self, response):
        """Check that an answer is a 401 that says that the token is of no use."""
        self.assert_unauthorized(response)
        error = self.bearer_challenge(response).get("error")
        self.assertEqual(error, "invalid_token", "it should say why (RFC 6750, section 3.1)")

    def assert_insufficient(self, response, scope):
        """Check that an answer is a 403 that says which scope the token lacks."""
        self.assert_forbidden(response, scope)
        challenge = self.bearer_challenge(response)
        self.assertEqual(challenge.get("error"), "insufficient_scope", "RFC 6750, section 3.1")
        self.assertEqual(challenge.get("scope"), scope, "it should name the scope that is missing")
