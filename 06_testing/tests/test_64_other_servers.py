"""6.4 Authentication: the two servers beside the API, to which it leaves what is theirs."""

import re
from unittest import TestCase
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import auth_service
import authorization_server
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cinema.data.database import db, writing
from cinema.users.authentication.oauth_keys import IssuerKeys
from cinema.users.commands import add_first_users
from joserfc.jwk import KeySet

from . import PASSWORD, SETTINGS, ApiTestCase, basic
from .credentials import ISSUER, bearer
from .databases import Databases

CALLBACK = "http://127.0.0.1:8204/callback"
VERIFIER = "what-only-this-program-knows-and-is-long-enough"
SECRET = "the secret between the two"
SECRETS = {"AUTHORIZATION_SERVER_SECRET": SECRET, "ROBOT_SECRET": SECRET}
QUESTION = {
    "response_type": "code",
    "client_id": "movie-night",
    "redirect_uri": CALLBACK,
    "scope": "watchlists:write",
    "state": "a state",
    "code_challenge": create_s256_code_challenge(VERIFIER),
    "code_challenge_method": "S256",
}


class AuthorizationServerTest(ApiTestCase):
    """It asks a user, and gives a program a code, and for the code a token (RFC 6749, RFC 7636)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        places = {"SQLALCHEMY_DATABASE_URI": "sqlite://"}
        cls.server = authorization_server.create_app(SETTINGS | SECRETS | places)
        cls.server.test_cli_runner().invoke(args=["seed"])
        with cls.server.app_context():
            for engine in db.engines.values():
                cls.addClassCleanup(engine.dispose)
            with writing():
                add_first_users()
            cls.servers_database = Databases()
        cls.servers_snapshot = cls.servers_database.serialize()

    def setUp(self):
        super().setUp()
        self.servers_database.deserialize(self.servers_snapshot)
        self.browser = self.server.test_client()

    def ask(self, **changes):
        """Come as the program's link leads there."""
        return self.browser.get("/authorize", query_string=QUESTION | changes)

    def submit(self, page, path, **values):
        """Send the form of a page, and return what the program is told by the redirect."""
        csrf_token = re.search('name="csrf_token" value="([^"]+)"', page.text)[1]
        form = {"csrf_token": csrf_token} | values
        answer = self.browser.post(path, query_string=QUESTION, data=form)
        return parse_qs(urlsplit(answer.location or "").query)

    def decide(self, decision):
        self.submit(self.ask(), "/login", name="bob", password=PASSWORD)
        return self.submit(self.ask(), "/authorize", decision=decision)

    def trade(self, code, /, **changes):
        """Change a code for a token, as the program does."""
        form = {
            "grant_type": "authorization_code",
            "client_id": "movie-night",
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "code": code,
        }
        return self.server.test_client().post("/token", data=form | changes)

    def assert_not_traded(self, response):
        self.assertEqual((response.status_code, response.json["error"]), (400, "invalid_grant"))
        self.assertNotIn("access_token", response.json)

    def test_token_for_which_bob_was_asked_is_good_for_what_he_has_allowed(self):
        [code] = self.decide("allow")["code"]
        token = bearer(self.trade(code).json["access_token"])
        keys = KeySet.import_key_set(self.browser.get("/jwks.json").json)
        found = {key.kid: key for key in keys}

        with (
            patch.object(IssuerKeys, "fetch", return_value=found),
            patch.dict(self.app.extensions, issuer_keys=IssuerKeys(ISSUER)),
        ):
            allowed = self.client.put("/v1/watchlists/x", json={"title": "X"}, headers=token)
            not_allowed = self.client.delete("/v1/movies/1", headers=token)

        self.assertEqual((allowed.status_code, allowed.json["owner"]), (201, "bob"))
        self.assertEqual(not_allowed.status_code, 403)

    def test_user_who_denies_gives_no_code(self):
        told = self.decide("deny")

        self.assertEqual(told["error"], ["access_denied"])
        self.assertNotIn("code", told)

    def test_code_is_sent_to_the_registered_address_and_nowhere_else(self):
        self.submit(self.ask(), "/login", name="bob", password=PASSWORD)
        for address in (
            f"{CALLBACK}.attacker.example",
            f"{CALLBACK}/../open-redirect",
            f"{CALLBACK}?next=//attacker.example",
            "http://127.0.0.1:8204.attacker.example/callback",
            "http://127.0.0.1:8204/callbac",
            "https://attacker.example/callback",
        ):
            with self.subTest(address):
                response = self.ask(redirect_uri=address)

                self.assertEqual((response.status_code, response.mimetype), (400, "text/html"))
                self.assertNotIn("Location", response.headers, "tell the user, not the attacker")

    def test_program_that_asks_wrongly_is_told_so(self):
        for changes, error in (
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "everything"}, "invalid_scope"),
            ({"code_challenge_method": "plain"}, "invalid_request"),
        ):
            with self.subTest(error):
                told = parse_qs(urlsplit(self.ask(**changes).location).query)

                self.assertEqual((told["error"], told["state"]), ([error], ["a state"]))
                self.assertNotIn("code", told)

    def test_code_is_good_once(self):
        [code] = self.decide("allow")["code"]
        self.assertEqual(self.trade(code).status_code, 200)

        self.assert_not_traded(self.trade(code))

    def test_stolen_code_is_of_no_use(self):
        [code] = self.decide("allow")["code"]
        for changes in (
            {"code_verifier": VERIFIER[::-1]},  # which the thief does not know
            {"redirect_uri": "https://attacker.example/callback"},
            {"code": code[::-1]},
        ):
            with self.subTest(changes):
                self.assert_not_traded(self.trade(code, **changes))

    def test_program_with_a_secret_has_to_know_it(self):
        form = {"grant_type": "client_credentials"}
        for secret, status in ((SECRET, 200), (SECRET[:-1], 401), ("", 401)):
            with self.subTest(secret):
                headers = basic("cinema-robot", secret)

                response = self.browser.post("/token", data=form, headers=headers)

                self.assertEqual(response.status_code, status)


class AuthServiceTest(TestCase):
    """It tells whether a password is right, and tells it to the API only."""

    def setUp(self):
        settings = {"AUTH_SERVICE_DATABASE_URL": "sqlite://", "AUTH_SERVICE_SECRET": SECRET}
        cost = {"ARGON2_MEMORY_COST": 8, "ARGON2_TIME_COST": 1}
        app = auth_service.create_app(settings | cost)
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        self.client = app.test_client()
        self.client.put("/users/bob/password", json={"password": PASSWORD}, headers=bearer(SECRET))

    def verify(self, name, password, headers):
        body = {"name": name, "password": password}
        return self.client.post("/verifications", json=body, headers=headers)

    def test_api_is_told(self):
        for name, password, right in (
            ("bob", PASSWORD, True),
            ("bob", "wrong", False),
            ("nobody", PASSWORD, False),
        ):
            with self.subTest(name=name, password=password):
                response = self.verify(name, password, bearer(SECRET))

                self.assertEqual((response.status_code, response.json), (200, {"right": right}))

    def test_nobody_else_is_told_anything(self):
        for headers in (
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer"},
            {"Authorization": f"Basic {SECRET}"},
            bearer(""),
            bearer(SECRET[:-1]),
            bearer(f"{SECRET}x"),
        ):
            with self.subTest(headers):
                response = self.verify("bob", PASSWORD, headers)

                self.assertEqual(response.status_code, 401)
                self.assertIn("WWW-Authenticate", response.headers)
                self.assertNotIn("right", response.text)
