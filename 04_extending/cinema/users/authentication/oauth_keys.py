"""The public keys of the authorization server: fetched when needed, and cached."""

import time
from threading import Lock

import requests
from flask import current_app
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.exceptions import ServiceUnavailable

PATIENCE = 3  # seconds
KEPT_FOR = 600  # seconds, after which a withdrawn key is no longer trusted
NOT_ASKED_AGAIN_FOR = 5  # seconds, even if many tokens name unknown keys


class IssuerKeys:
    """The keys of one issuer, found by their id (RFC 8414, RFC 7517)."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.keys = {}
        self.fetched = self.asked = float("-inf")
        self.one_at_a_time = Lock()

    def find(self, token):
        """Return the key whose id is in a token's header; raise ValueError if there is none."""
        with self.one_at_a_time:
            kid, now = token.headers().get("kid"), time.monotonic()
            if now - self.fetched > KEPT_FOR:
                self.keys = {}
            if kid not in self.keys and now - self.asked > NOT_ASKED_AGAIN_FOR:
                self.asked = now
                self.keys = self.fetch()
                self.fetched = now
            if kid in self.keys:
                return self.keys[kid]
            if self.fetched < self.asked:  # the last attempt failed
                raise not_available()
            raise ValueError("The issuer has no such key.")

    def fetch(self):
        """Return the keys by their ids; raise ServiceUnavailable if the issuer does not answer."""
        try:
            metadata = self.get(f"{self.issuer}/.well-known/oauth-authorization-server")
            if metadata["issuer"] != self.issuer:  # RFC 8414, section 3.3
                raise ValueError("This is the metadata of another issuer.")
            keys = KeySet.import_key_set(self.get(metadata["jwks_uri"]))
        except (requests.RequestException, JoseError, KeyError, TypeError, ValueError) as error:
            raise not_available() from error
        return {key.kid: key for key in keys}

    def get(self, url):
        response = requests.get(url, timeout=PATIENCE, allow_redirects=False)
        response.raise_for_status()
        return response.json()


def not_available():
    why = "The authorization server does not answer."
    return ServiceUnavailable(why, retry_after=NOT_ASKED_AGAIN_FOR)


def issuer_keys():
    return current_app.extensions["issuer_keys"]


def init_app(app):
    app.extensions["issuer_keys"] = IssuerKeys(app.config["AUTHORIZATION_SERVER_URL"])
