"""Issues OAuth access tokens to the API that is checked: good ones, and ones with a single fault.

Of the standard library only, as all of `check`: that is why ES256 is written out here. The key is
for one check; take a library for any other.
"""

import hashlib
import hmac
import json
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

P = 2**256 - 2**224 + 2**192 + 2**96 - 1  # the curve P-256 (FIPS 186-4, D.1.2.3)
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
PREFIX_OF_A_PUBLIC_KEY = bytes.fromhex(  # SubjectPublicKeyInfo of P-256, before the point
    "3059301306072a8648ce3d020106082a8648ce3d030107034200"
)
LASTS = 300  # seconds


class Issuer:
    """An authorization server as far as an API asks it: metadata, and keys (RFC 8414, 7517)."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.secret, self.kid = secrets.randbelow(N - 1) + 1, secrets.token_hex(8)
        self.x, self.y = times(self.secret)
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler(self.documents))
        self.server.daemon_threads = True
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def documents(self, path):
        """Return what is at a path, or None."""
        metadata = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks.json",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "response_types_supported": ["code"],
        }
        return {
            "/.well-known/oauth-authorization-server": metadata,
            "/.well-known/openid-configuration": metadata,
            "/jwks.json": {"keys": [self.public_key]},
        }.get(path)

    @property
    def public_key(self):
        known = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid}
        return known | {"x": encoded(self.x.to_bytes(32)), "y": encoded(self.y.to_bytes(32))}

    @property
    def pem(self):
        """The public key as a file of text has it, which anybody may know."""
        point = b"\x04" + self.x.to_bytes(32) + self.y.to_bytes(32)
        text = b64encode(PREFIX_OF_A_PUBLIC_KEY + point).decode()
        lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
        return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n".encode()

    def token(self, audience, header=(), sign=None, **changes):
        """Return a token (RFC 9068) for an audience; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": audience,
            "sub": "alice",
            "client_id": "movie-night",
            "scope": "movies:write watchlists:read watchlists:write",
            "iat": now,
            "exp": now + LASTS,
            "jti": secrets.token_hex(8),
        } | changes
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid} | dict(header)
        good = {name: value for name, value in claims.items() if value is not None}
        signed = f"{encoded_json(head)}.{encoded_json(good)}"
        return f"{signed}.{encoded((sign or self.es256)(signed.encode()))}"

    def es256(self, message):
        return es256(self.secret, message)

    def hs256(self, message):
        """Sign as an attacker does who takes the public key for a shared secret."""
        return hmac.digest(self.pem, message, "sha256")


def es256(secret, message):
    """Sign a message (RFC 7518, section 3.4)."""
    k = secrets.randbelow(N - 1) + 1
    r = times(k)[0] % N
    digest = int.from_bytes(hashlib.sha256(message).digest())
    s = pow(k, -1, N) * (digest + r * secret) % N
    return r.to_bytes(32) + s.to_bytes(32)


def times(factor):
    """Return the base point, so many times."""
    found = None
    for i, doubled in enumerate(doublings()):
        if factor >> i & 1:
            found = plus(found, doubled)
    return found


@cache
def doublings():
    found = [G]
    while len(found) < 256:
        found.append(plus(found[-1], found[-1]))
    return found


def plus(a, b):
    """Add two points of the curve; None is zero."""
    if a is None or b is None:
        return a or b
    (ax, ay), (bx, by) = a, b
    if ax == bx and (ay + by) % P == 0:
        return None
    if a == b:
        slope = (3 * ax * ax - 3) * pow(2 * ay, -1, P) % P
    else:
        slope = (by - ay) * pow(bx - ax, -1, P) % P
    x = (slope * slope - ax - bx) % P
    return x, (slope * (ax - x) - ay) % P


def encoded(content):
    return urlsafe_b64encode(content).decode().rstrip("=")


def encoded_json(value):
    return encoded(json.dumps(value).encode())


def handler(documents):
    """Return a handler of requests that answers with JSON documents, by their paths."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            document = documents(self.path.partition("?")[0])
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document or {}).encode())

        def log_message(self, *_):
            pass

    return Handler
