"""An authorization server with users and clients, and what a browser and a program ask of it.

What the tests know of its inside, they know from here.
"""

import atexit
import re
import time
from base64 import b64encode
from functools import cache
from tempfile import TemporaryDirectory
from unittest import TestCase, mock
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cinema.data.database import db, writing
from cinema.users.commands import add_user
from cinema.users.user import User
from joserfc import jwt
from joserfc.jwk import KeySet

from tests import SETTINGS as SETTINGS_OF_THE_API
from tests.databases import Databases
from tests.lesson import made_in
from tests.users import Statuses, told

with made_in("4.a4"):
    from authorization_server import create_app
    from authorization_server.data.clients import Client, find_client
    from authorization_server.data.digests import digest
    from authorization_server.oauth.jwt import AccessTokenGenerator
    from authorization_server.oauth.provider import Provider, save_token

ISSUER = "http://127.0.0.1:8104"
AUDIENCE = "http://127.0.0.1:8004"
CALLBACK = "http://127.0.0.1:8204/callback"
PASSWORD = "correct horse battery staple"
ROBOT_SECRET = "the robot's secret of the tests"
SETTINGS = SETTINGS_OF_THE_API | {
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    "AUTHORIZATION_SERVER_URL": ISSUER,
    "AUTHORIZATION_SERVER_SECRET": "the server's secret of the tests",
    "ROBOT_SECRET": ROBOT_SECRET,
    "PASSWORD": PASSWORD,
    "FAILED_LOGINS": "10 per minute",
}
VERIFIER = "a-verifier-that-only-its-client-knows-0123456789"
REQUEST = {
    "response_type": "code",
    "client_id": "movie-night",
    "redirect_uri": CALLBACK,
    "scope": "watchlists:read watchlists:write",
    "state": "a state",
    "code_challenge": create_s256_code_challenge(VERIFIER),
    "code_challenge_method": "S256",
}
TRADE = {
    "grant_type": "authorization_code",
    "client_id": "movie-night",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}
WEB_CLIENT = {
    "id": "web",
    "secret_hash": digest("secret"),
    "redirect_uris": [CALLBACK],
    "scope": "watchlists:read",
}
ATTACKER = "https://attacker.example/callback"


def but(parameters, **changes):
    """Return parameters with changes; None leaves one out."""
    return {name: value for name, value in (parameters | changes).items() if value is not None}


def basic(client_id, secret):
    return {"Authorization": f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


ROBOT = basic("cinema-robot", ROBOT_SECRET)


def parameters_of(response):
    """Return what a redirect tells the client."""
    return dict(parse_qsl(urlsplit(response.location or "").query, keep_blank_values=True))


class OAuthTestCase(Statuses, TestCase):
    """One authorization server for all tests, and for each its database as it was at the start."""

    @classmethod
    def setUpClass(cls):
        cls.app, cls.database, cls.snapshot = server_with_users_and_clients()

    def setUp(self):
        self.database.deserialize(self.snapshot)
        self.browser = self.app.test_client()
        self.client = self.app.test_client()  # the program that wants a token

    def ask(self, **changes):
        """Come to the server as the client's link leads there."""
        return self.browser.get("/authorize", query_string=but(REQUEST, **changes))

    def submit(self, page, action, values, **changes):
        """Send the form of a page."""
        csrf_token = re.search('name="csrf_token" value="([^"]+)"', page.text)
        self.assertIsNotNone(csrf_token, f"there should be a form with a csrf_token: {page.text}")
        form = {"csrf_token": csrf_token[1]} | values
        return self.browser.post(action, query_string=but(REQUEST, **changes), data=but(form))

    def log_in(self, name="alice", password=PASSWORD, **changes):
        page = self.ask(**changes)
        return self.submit(page, "/login", {"name": name, "password": password}, **changes)

    def decide(self, decision, name="alice", **changes):
        """Log in, and press one of the buttons of the page that follows."""
        self.log_in(name, **changes)
        return self.submit(self.ask(**changes), "/authorize", {"decision": decision}, **changes)

    def get_code(self, **changes):
        return self.code_in(self.decide("allow", **changes))

    def code_in(self, response):
        """Return the code that the browser is sent back with."""
        sent = parameters_of(response)
        self.assertIn("code", sent, f"the browser should bring a code, and not {sent}")
        return sent["code"]

    def trade(self, given_code, headers=None, **changes):
        """Change a code for tokens."""
        return self.client.post(
            "/token", data=but(TRADE | {"code": given_code}, **changes), headers=headers
        )

    def get_tokens(self, **changes):
        tokens = self.tokens_in(self.trade(self.get_code(**changes)))
        self.assertIn("refresh_token", tokens, "a client should get more for its user later")
        return tokens

    def tokens_in(self, response):
        """Return the tokens of an answer."""
        self.assert_status(response, 200, f"there should be tokens: {response.text}")
        self.assertTrue(told(response, "access_token"), "an access token should be among them")
        return response.json

    def refresh(self, refresh_token, **changes):
        form = {
            "grant_type": "refresh_token",
            "client_id": "movie-night",
            "refresh_token": refresh_token,
        }
        return self.client.post("/token", data=but(form, **changes))

    def ask_as_robot(self, **changes):
        form = but({"grant_type": "client_credentials"}, **changes)
        return self.client.post("/token", data=form, headers=ROBOT)

    def robot_token(self):
        return self.tokens_in(self.ask_as_robot())["access_token"]

    def introspect(self, token):
        """Return what the server says of a token."""
        response = self.client.post("/introspect", data={"token": token}, headers=ROBOT)
        self.assert_status(response, 200, "an unknown token is no error (RFC 7662)")
        return response.json

    def key(self):
        """Return the public key, as anybody gets it."""
        keys = told(self.client.get("/jwks.json"), "keys") or []
        self.assertEqual(len(keys), 1, "there should be one key at /jwks.json")
        return keys[0]

    def read(self, token):
        """Return a token as anybody reads it who has the public key."""
        return jwt.decode(token, KeySet.import_key_set({"keys": [self.key()]}), ["ES256"])

    def claims(self, token):
        return self.read(token).claims

    def assert_good(self, token):
        self.assertIs(self.introspect(token).get("active"), True, "this token should be good")

    def assert_dead(self, token):
        self.assertEqual(
            self.introspect(token), {"active": False}, "this token should be of no use any more"
        )

    def add_client(self, **members):
        with self.app.app_context(), writing():
            db.session.add(Client(**members))

    def set_role(self, name, role):
        with self.app.app_context(), writing():
            db.session.get(User, name).role = role

    def later(self, seconds):
        """Let time pass."""
        now = time.time() + seconds
        self.enterContext(mock.patch("time.time", return_value=now))

    def put_in_place(self, *grants):
        """Let the server have other grants, and the course's mistakes with them."""
        server = Provider(self.app, find_client, save_token)
        server.register_token_generator("default", AccessTokenGenerator(ISSUER, AUDIENCE))
        for grant in grants:
            server.register_grant(grant)
        self.enterContext(mock.patch.dict(self.app.extensions, provider=server))

    def assert_error(self, response, status, error):
        """Check that an answer is an error as RFC 6749 wants it, section 5.2."""
        self.assert_status(response, status)
        self.assertEqual(told(response, "error"), error)
        self.assert_not_stored(response)

    def assert_told_client(self, response, error):
        """Check that the client learns of an error, and nobody else does."""
        self.assert_status(response, 303)
        self.assertEqual((response.location or "").partition("?")[0], CALLBACK)
        sent = parameters_of(response)
        self.assertEqual(sent.get("error"), error, "the client should learn what was wrong")
        self.assertEqual(sent.get("state"), "a state", "and get its state back")
        self.assertEqual(sent.get("iss"), ISSUER, "and know who answers (RFC 9207)")
        self.assertNotIn("code", sent)

    def assert_not_stored(self, response):
        told_caches = response.headers.get("Cache-Control")
        self.assertEqual(told_caches, "no-store", "nobody should keep this (RFC 6749, section 5.1)")

    def assert_asks_for_password(self, page):
        """Check that nobody is logged in with this browser."""
        self.assert_status(page, 200)
        self.assertIn('type="password"', page.text, "the user should have to log in")

    def assert_asks_for_consent(self, page, name="alice"):
        """Check that somebody is logged in with this browser, and asked."""
        self.assert_status(page, 200)
        self.assertIn(name, page.text, f"it should greet {name}")
        self.assertIn('name="decision"', page.text, "the user should be asked what to allow")

    def assert_told_user_only(self, response):
        """Check that an error is shown here, and the browser is not sent anywhere."""
        self.assert_status(response, 400)
        self.assertEqual(response.mimetype, "text/html")
        self.assertNotIn("Location", response.headers)


@cache
def server_with_users_and_clients():
    """Return an application, the connection to its database, and what is in it at the start."""
    app = create_app(SETTINGS)
    atexit.register(dispose, app)
    add_users_and_clients(app)
    with app.app_context():
        database = Databases()
    return app, database, database.serialize()


def add_users_and_clients(app):
    app.test_cli_runner(catch_exceptions=False).invoke(args=["seed"])
    with app.app_context(), writing():
        for name, role in {"alice": "editor", "bob": "member"}.items():
            add_user(name, role, PASSWORD)


def login_in_cookie(app):
    """Return what the session cookie holds of alice, who has logged in."""
    with app.app_context():
        stamp = db.session.get(User, "alice").stamp
    return {"user": "alice", "stamp": stamp, "until": time.time() + 60}


def dispose(app):
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


class FileTestCase(OAuthTestCase):
    """An authorization server as it is in earnest: its database is a file."""

    @classmethod
    def setUpClass(cls):
        """Do without the server of the other tests."""

    def setUp(self):
        folder = self.enterContext(TemporaryDirectory())
        self.app = create_app(
            SETTINGS | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/cinema.db"}
        )
        self.addCleanup(dispose, self.app)
        add_users_and_clients(self.app)
        self.browser = self.client = self.app.test_client()
