"""Five ways to say who is asking, and a clock that can be set: for the tests of 6.4.

Each way is a function that returns another, `send`, which asks as the test client's `open` does.
"""

import json
import time
from base64 import b64decode, urlsafe_b64encode
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from unittest.mock import patch

from cinema.http.signatures.message import sign
from cinema.users import sessions
from cinema.users.authentication.oauth_keys import IssuerKeys
from cinema.users.commands import FIRST_USERS
from cinema.users.roles import PERMISSIONS
from joserfc import jwt
from joserfc.jwk import ECKey

from . import PASSWORD, SETTINGS, basic

ISSUER = SETTINGS["AUTHORIZATION_SERVER_URL"]
ISSUERS_KEY = ECKey.generate_key("P-256", {"kid": "first"})
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "first"}
READ_AND_WRITE = ["watchlists:read", "watchlists:write"]
NONCES = map(str, count())


def by_password(app, name):
    return partial(app.test_client().open, headers=basic(name))


def by_cookie(app, name):
    browser = app.test_client()
    login = browser.post("/v1/session", json={"name": name, "password": PASSWORD})
    assert login.status_code == 201, f"POST /v1/session should log in, and not be {login.status}"
    return partial(browser.open, headers={"X-CSRF-Token": login.json["csrf_token"]})


def by_signature(app, name):
    key = new_key(app, name)

    def send(path, method="GET", json=None):
        return app.test_client().open(**signed(key, name, method, path, json))

    return send


def by_access_token(app, name):
    return partial(app.test_client().open, headers=bearer(access_token(sub=name)))


def by_own_token(app, name):
    all_of_them = sorted(PERMISSIONS[FIRST_USERS[name]])
    return partial(app.test_client().open, headers=bearer(own_token(app, name, all_of_them)))


WAYS = {
    "password": by_password,
    "cookie": by_cookie,
    "signature": by_signature,
    "access token": by_access_token,
    "own token": by_own_token,
}


def challenge_of(response, scheme):
    """Return what a 401 or 403 says of a scheme in WWW-Authenticate; "" if it does not name it."""
    challenges = response.headers.getlist("WWW-Authenticate")
    return next((each for each in challenges if each.partition(" ")[0] == scheme), "")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def own_token(app, name, scopes=READ_AND_WRITE):
    """Return a token that a user has made for a program."""
    body = {"name": "a program", "scopes": scopes, "days": 1}
    response = app.test_client().post("/v1/tokens", json=body, headers=basic(name))
    assert response.status_code == 201, f"POST /v1/tokens should make one, not be {response.status}"
    return response.json["token"]


def new_key(app, name):
    """Return the key with which a user signs from now on."""
    response = app.test_client().post("/v1/signing-key", headers=basic(name))
    assert response.status_code == 201, f"POST /v1/signing-key should be 201, not {response.status}"
    return b64decode(response.json["key"])


def signed(key, name, method, path, body=None, **changes):
    """Return a request that is signed with a key, as the arguments of the test client."""
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    parameters = {"created": int(time.time()), "nonce": next(NONCES)} | changes
    added = sign(key, name, method, f"http://localhost{path}", headers, data, **parameters)
    return {"path": path, "method": method, "data": data, "headers": headers | added}


def access_token(key=ISSUERS_KEY, header=HEADER, **changes):
    """Return a token as the authorization server issues it; None leaves a claim out."""
    moment = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": SETTINGS["AUDIENCE"],
        "sub": "bob",
        "client_id": "movie-night",
        "scope": "movies:write watchlists:read watchlists:write",
        "iat": moment,
        "exp": moment + 300,
    } | changes
    return jwt.encode(header, {n: v for n, v in claims.items() if v is not None}, key)


def forged(header, token, mac=lambda _message: b""):
    """Return a token with the claims of another, under a header and a signature of one's own."""
    message = f"{in_base64(json.dumps(header).encode())}.{token.split('.')[1]}"
    return f"{message}.{in_base64(mac(message.encode()))}"


def in_base64(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def issuer_without_a_network(app):
    """Let the application have the keys of the authorization server, without asking for them."""
    keys = patch.object(IssuerKeys, "fetch", return_value={"first": ISSUERS_KEY})
    with keys, patch.dict(app.extensions, issuer_keys=IssuerKeys(ISSUER)):
        yield


@contextmanager
def later(**duration):
    """Let time pass, on each clock that the application looks at; nobody has to wait.

    A module that has imported a name keeps it. So a clock is replaced where it is looked up.
    """
    duration = timedelta(**duration)
    seconds, moment = time.time() + duration.total_seconds(), sessions.now() + duration
    with ExitStack() as clocks:
        for name, reading in (
            ("time.time", seconds),
            ("cachelib.simple.time", seconds),
            ("cinema.users.sessions.now", moment),
            ("cinema.users.tokens.now", moment),
        ):
            clocks.enter_context(patch(name, return_value=reading))
        yield
