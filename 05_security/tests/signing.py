"""Users who have a key, and sign their requests with it."""

import time
from base64 import b64decode
from itertools import count

from tests import ALICE
from tests.lesson import made_in
from tests.users import UserTestCase, told

with made_in("4.a3"):
    from cinema.http.signatures.message import sign

SITE = "http://localhost"
NONCES = map(str, count())
ALWAYS_COVERED = ["@method", "@authority", "@path", "@query"]


def signed(
    key, keyid="alice", method="GET", path="/v1/movies/1", data=b"", created=None, nonce=None
):
    """Return a signed request, as the arguments of the test client."""
    headers = {"Content-Type": "application/json"} if data else {}
    created, nonce = created or int(time.time()), nonce or next(NONCES)
    added = sign(key, keyid, method, SITE + path, headers, data, created, nonce)
    return {"path": path, "method": method, "headers": headers | added, "data": data}


def to_be_covered(request):
    """Return what a signature of a request must cover: what it does not have, nobody can sign."""
    content_type = ["content-type"] if request.content_type else []
    content_digest = ["content-digest"] if request.content_length else []
    return ALWAYS_COVERED + content_type + content_digest


def key_in(response):
    """Return the key that an answer shows."""
    return b64decode(told(response, "key") or "")


class SignedTestCase(UserTestCase):
    """Users who have a key, and sign with it."""

    def get_key(self, headers=ALICE):
        response = self.client.post("/v1/signing-key", headers=headers)
        self.assert_status(response, 201, "a user should get a key")
        return key_in(response)

    def assert_signature_refused(self, response):
        """Check that an answer is a 401 that tells how a request is to be signed."""
        self.assert_unauthorized(response)
        wish = response.headers.get("Accept-Signature", "")
        for component in to_be_covered(response.request):
            self.assertIn(f'"{component}"', wish, "Accept-Signature should name what to cover")
