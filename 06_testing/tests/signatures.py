"""Requests with signatures, made by `sign` or by hand, and the checks of them, without a server."""

import base64
import hmac
from unittest import TestCase

from tests.lesson import made_in

with made_in("4.a3"):
    from cinema.http.signatures.base import components_of
    from cinema.http.signatures.message import (
        BadSignature,
        content_digest,
        read_signature,
        sign,
        verify,
        verify_digest,
    )

KEY = bytes(range(32))
NOW = 1_800_000_000
METROPOLIS = b'{"title": "Metropolis", "director": "Fritz Lang", "year": 1927, "runtime": 153}'
URL = "http://127.0.0.1:8004/v1/movies"
JSON = {"Content-Type": "application/json"}
COVERED = '"@method" "@authority" "@path" "@query" "content-type" "content-digest"'
PARAMETERS = f';created={NOW};keyid="alice-1";nonce="n-1"'


def signed(method="POST", url=URL, headers=JSON, body=METROPOLIS, created=NOW, nonce="n-1"):
    """Return a request with its signature, as its parts."""
    added = sign(KEY, "alice-1", method, url, headers, body, created, nonce)
    return {"method": method, "url": url, "headers": {**headers, **added}, "body": body}


def check(method, url, headers, body, now=NOW):
    """Do what the API does with a signed request."""
    signature = read_signature(method, url, headers)
    verify(signature, KEY, now)
    verify_digest(signature, body)
    return signature


def signed_by_hand(covered=COVERED, parameters=PARAMETERS, **also):
    """Return `signed()`, but with components, parameters and headers that `sign` does not make."""
    headers = JSON | {"Content-Digest": content_digest(METROPOLIS)} | also
    available = components_of("POST", URL, headers)
    names = covered.replace('"', "").split()
    lines = [f'"{name}": {available.get(name, "")}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": ({covered}){parameters}'])
    mac = base64.b64encode(hmac.digest(KEY, base.encode(), "sha256")).decode()
    headers |= {"Signature-Input": f"sig=({covered}){parameters}", "Signature": f"sig=:{mac}:"}
    return {"method": "POST", "url": URL, "headers": headers, "body": METROPOLIS}


class SignatureTestCase(TestCase):
    def assert_refused(self, request, why="", now=NOW):
        """Check that a request is refused, and return with which words; `why` is for the reader."""
        with self.assertRaises(BadSignature, msg=f"this should be refused: {why}") as refusal:
            check(**request, now=now)
        words = str(refusal.exception)
        self.assertTrue(words, "who is refused should be told why")
        return words
