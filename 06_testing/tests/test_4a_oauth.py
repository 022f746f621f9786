"""4.a Authentication: the authorization server, and the attacks that it withstands."""

import atexit
import re
import sys
import time
from base64 import b64encode
from functools import cache
from io import BytesIO
from tempfile import TemporaryDirectory
from unittest import TestCase, mock
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc9207 import AuthorizationServerMetadata as IssuerMetadata
from authorization_server import create_app
from authorization_server.data.authorization_codes import AuthorizationCode
from authorization_server.data.clients import Client, find_client
from authorization_server.data.consents import Consent
from authorization_server.data.digests import digest
from authorization_server.data.issued_tokens import AccessToken, RefreshToken
from authorization_server.oauth.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authorization_server.oauth.jwt import AccessTokenGenerator
from authorization_server.oauth.provider import Provider, save_token
from cinema.data.database import db, writing
from cinema.users.commands import add_user
from cinema.users.user import User
from click import ClickException
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import all_at_once
from tests.databases import Databases

ISSUER = "http://127.0.0.1:8104"
CALLBACK = "http://127.0.0.1:8204/callback"
PASSWORD = "correct horse battery staple"
ROBOT_SECRET = "the robot's secret of the tests"
SETTINGS = {
    "HTTPS": False,
    "TRUSTED_HOSTS": None,
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    "AUTHORIZATION_SERVER_URL": ISSUER,
    "AUTHORIZATION_SERVER_SECRET": "the server's secret of the tests",
    "ROBOT_SECRET": ROBOT_SECRET,
    "SECRET_KEY": "the API's secret of the tests",
    "PASSWORD": PASSWORD,
    "ARGON2_MEMORY_COST": 8,  # a cheap hash makes cheap tests
    "ARGON2_TIME_COST": 1,
    "CREDENTIALS_DATABASE_URL": "sqlite://",
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
    return dict(parse_qsl(urlsplit(response.location).query, keep_blank_values=True))


class OAuthTestCase(TestCase):
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
        csrf_token = re.search('name="csrf_token" value="([^"]+)"', page.text)[1]
        form = {"csrf_token": csrf_token} | values
        return self.browser.post(action, query_string=but(REQUEST, **changes), data=but(form))

    def log_in(self, name="alice", password=PASSWORD, **changes):
        page = self.ask(**changes)
        return self.submit(page, "/login", {"name": name, "password": password}, **changes)

    def decide(self, decision, name="alice", **changes):
        """Log in, and press one of the buttons of the page that follows."""
        self.log_in(name, **changes)
        return self.submit(self.ask(**changes), "/authorize", {"decision": decision}, **changes)

    def get_code(self, **changes):
        return parameters_of(self.decide("allow", **changes))["code"]

    def trade(self, given_code, headers=None, **changes):
        """Change a code for tokens."""
        return self.client.post(
            "/token", data=but(TRADE | {"code": given_code}, **changes), headers=headers
        )

    def get_tokens(self, **changes):
        return self.trade(self.get_code(**changes)).json

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

    def introspect(self, token):
        return self.client.post("/introspect", data={"token": token}, headers=ROBOT).json

    def claims(self, token):
        keys = KeySet.import_key_set(self.client.get("/jwks.json").json)
        return jwt.decode(token, keys, algorithms=["ES256"])

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
        server.register_token_generator("default", AccessTokenGenerator(ISSUER, "urn:cinema:api"))
        for grant in grants:
            server.register_grant(grant)
        self.enterContext(mock.patch.dict(self.app.extensions, provider=server))

    def assert_error(self, response, status, error):
        """Check that an answer is an error as RFC 6749 wants it."""
        self.assertEqual((response.status_code, response.json["error"]), (status, error))
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def assert_told_client(self, response, error):
        """Check that the client learns of an error, and nobody else does."""
        self.assertEqual(response.status_code, 303)
        self.assertEqual(response.location.partition("?")[0], CALLBACK)
        told = parameters_of(response)
        self.assertEqual((told["error"], told["state"], told["iss"]), (error, "a state", ISSUER))
        self.assertNotIn("code", told)

    def assert_told_user_only(self, response):
        """Check that an error is shown here, and the browser is not sent anywhere."""
        self.assertEqual((response.status_code, response.mimetype), (400, "text/html"))
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
    app.test_cli_runner().invoke(args=["seed"])
    with app.app_context(), writing():
        for name, role in {"alice": "editor", "bob": "member"}.items():
            add_user(name, role, PASSWORD)


def dispose(app):
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


class AuthorizationCodeTest(OAuthTestCase):
    """The dance: the browser comes with a question and goes back with a code."""

    def test_whole_dance_gives_tokens(self):
        question = self.ask()
        back = self.log_in()
        consent = self.browser.get(back.location)
        answer = self.submit(consent, "/authorize", {"decision": "allow"})
        tokens = self.trade(parameters_of(answer)["code"])

        self.assertIn("Log in", question.text)
        self.assertEqual(back.status_code, 303)
        self.assertIn("Create, change and delete your watchlists", consent.text)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(tokens.status_code, 200)
        self.assertEqual(
            tokens.json,
            {
                "token_type": "Bearer",
                "access_token": mock.ANY,
                "expires_in": 300,
                "refresh_token": mock.ANY,
                "scope": "watchlists:read watchlists:write",
            },
        )

    def test_answer_brings_back_the_state_and_says_who_answers(self):
        told = parameters_of(self.decide("allow"))

        self.assertEqual(told, {"code": mock.ANY, "state": "a state", "iss": ISSUER})

    def test_token_answer_is_never_stored(self):
        answer = self.trade(self.get_code())

        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_token_says_for_whom_from_whom_and_for_what_it_is(self):
        token = self.claims(self.get_tokens()["access_token"])

        (key,) = self.client.get("/jwks.json").json["keys"]
        self.assertEqual(token.header, {"typ": "at+jwt", "alg": "ES256", "kid": key["kid"]})
        self.assertEqual(
            token.claims,
            {
                "iss": ISSUER,
                "aud": "urn:cinema:api",
                "sub": "alice",
                "client_id": "movie-night",
                "scope": "watchlists:read watchlists:write",
                "iat": mock.ANY,
                "exp": token.claims["iat"] + 300,
                "jti": mock.ANY,
            },
        )

    def test_no_two_tokens_have_the_same_id(self):
        first, second = (self.claims(self.get_tokens()["access_token"]) for _ in range(2))

        self.assertNotEqual(first.claims["jti"], second.claims["jti"])

    def test_user_may_deny(self):
        answer = self.decide("deny")

        self.assert_told_client(answer, "access_denied")

    def test_login_is_for_one_decision(self):
        self.decide("deny")

        self.assertIn("Log in", self.ask().text)

    def test_login_does_not_last(self):
        self.log_in()

        self.later(601)

        self.assertIn("Log in", self.ask().text)

    def test_redirect_uri_may_be_left_out_if_there_is_but_one(self):
        code = self.get_code(redirect_uri=None)

        self.assertEqual(self.trade(code, redirect_uri=None).status_code, 200)

    def test_redirect_uri_must_be_given_if_there_are_several(self):
        uris = [CALLBACK, "https://phone.example/callback"]
        self.add_client(id="phone", redirect_uris=uris, scope="watchlists:read")

        self.assert_told_user_only(self.ask(client_id="phone", redirect_uri=None, scope=None))

    def test_code_lasts_a_minute(self):
        code = self.get_code()

        self.later(61)

        self.assert_error(self.trade(code), 400, "invalid_grant")

    def test_code_that_nobody_gave_is_refused(self):
        self.assert_error(self.trade("guessed"), 400, "invalid_grant")

    def test_code_is_for_the_redirect_uri_that_it_was_sent_to(self):
        answer = self.trade(self.get_code(), redirect_uri=f"{CALLBACK}/2")

        self.assert_error(answer, 400, "invalid_grant")

    def test_code_is_for_the_client_that_asked_for_it(self):
        self.add_client(id="other", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.trade(self.get_code(), client_id="other")

        self.assert_error(answer, 400, "invalid_grant")

    def test_code_works_once_and_its_second_use_takes_back_what_the_first_gave(self):
        code = self.get_code()
        tokens = self.trade(code).json

        self.assert_error(self.trade(code), 400, "invalid_grant")
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")
        self.assertEqual(self.introspect(tokens["access_token"]), {"active": False})

    def test_confidential_client_needs_its_secret_too(self):
        self.add_client(**WEB_CLIENT)
        code = self.get_code(client_id="web", scope=None)

        without = self.trade(code, client_id="web")
        wrong = self.trade(code, client_id=None, headers=basic("web", "guessed"))
        right = self.trade(code, client_id=None, headers=basic("web", "secret"))

        self.assert_error(without, 401, "invalid_client")
        self.assert_error(wrong, 401, "invalid_client")
        self.assertEqual(right.status_code, 200)

    def test_code_ends_with_its_user(self):
        code = self.get_code()
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, "alice"))

        self.assert_error(self.trade(code), 400, "invalid_grant")


class PkceTest(OAuthTestCase):
    """A code that falls into wrong hands is of no use there (RFC 7636)."""

    def test_request_without_challenge_is_refused(self):
        answer = self.ask(code_challenge=None, code_challenge_method=None)

        self.assert_told_client(answer, "invalid_request")

    def test_plain_challenge_is_refused(self):
        for method in ("plain", None):  # plain is what the RFC means by none
            with self.subTest(method):
                answer = self.ask(code_challenge=VERIFIER, code_challenge_method=method)

                self.assert_told_client(answer, "invalid_request")

    def test_challenge_that_cannot_be_one_is_refused(self):
        self.assert_told_client(self.ask(code_challenge="short"), "invalid_request")

    def test_confidential_client_needs_a_challenge_too(self):
        self.add_client(**WEB_CLIENT)

        answer = self.ask(
            client_id="web", scope=None, code_challenge=None, code_challenge_method=None
        )

        self.assert_told_client(answer, "invalid_request")

    def test_missing_verifier_is_refused(self):
        answer = self.trade(self.get_code(), code_verifier=None)

        self.assert_error(answer, 400, "invalid_request")

    def test_wrong_verifier_is_refused(self):
        answer = self.trade(self.get_code(), code_verifier=VERIFIER[::-1])

        self.assert_error(answer, 400, "invalid_grant")

    def test_attack_with_an_intercepted_code_works_without_pkce_and_fails_with_it(self):
        def steal():
            code = self.get_code()  # seen by the attacker, in a log or on the way
            return self.trade(code, code_verifier="what-the-attacker-makes-up-" + "0" * 20)

        ours = steal()
        self.put_in_place(AuthorizationCodeGrant)  # and no ProofKey
        naive = steal()

        self.assertIn("access_token", naive.json)
        self.assert_error(ours, 400, "invalid_grant")


class RedirectTest(OAuthTestCase):
    """A browser is sent nowhere but to a client's own address, written exactly so."""

    def test_other_redirect_uris_are_refused_here(self):
        for uri in (
            ATTACKER,
            f"{CALLBACK}/",
            f"{CALLBACK}?next={ATTACKER}",
            f"{CALLBACK}#fragment",
            f"{CALLBACK}/../other",
            "http://127.0.0.1:8204/Callback",
            "http://127.0.0.1:8204",
            "http://127.0.0.1:8204@attacker.example/callback",
            "http://127.0.0.1:8204.attacker.example/callback",
            "http://localhost:8204/callback",
            "https://127.0.0.1:8204/callback",
            "http://127.0.0.1:82040/callback",
            "//attacker.example",
            "javascript:alert(1)",
            "http://127.0.0.1:8204/callback%00",
            'http://127.0.0.1:8204/callback"',
            "http://127.0.0.1:8204\\@attacker.example/callback",
            "http://127.0.0.1:8204/cällback",
        ):
            with self.subTest(uri):
                self.assert_told_user_only(self.ask(redirect_uri=uri))

    def test_errors_are_not_sent_to_other_addresses_either(self):
        for changes in (
            {"response_type": "token"},
            {"response_type": None},
            {"scope": "everything"},
            {"code_challenge": None},
        ):
            with self.subTest(changes):
                self.assert_told_user_only(self.ask(redirect_uri=ATTACKER, **changes))

    def test_unknown_client_is_told_to_the_user_only(self):
        for client_id in ("unknown", None, ""):
            with self.subTest(client_id):
                self.assert_told_user_only(self.ask(client_id=client_id))

    def test_client_without_redirect_uri_cannot_ask_users(self):
        self.assert_told_user_only(self.ask(client_id="cinema-robot", scope=None))

    def test_repeated_parameter_is_told_to_the_user_only(self):
        for repeated in REQUEST.items():
            with self.subTest(repeated):
                query = [*REQUEST.items(), repeated]

                self.assert_told_user_only(self.browser.get("/authorize", query_string=query))

    def test_login_leads_back_to_our_own_page_only(self):
        tricks = {"_external": "1", "_scheme": "javascript", "next": ATTACKER, "//": ATTACKER}

        answer = self.log_in(**tricks)

        self.assertEqual(answer.location.partition("?")[0], "/authorize")

    def test_page_does_not_tell_its_address_to_others(self):
        self.assertEqual(self.ask().headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(self.decide("allow").headers["Referrer-Policy"], "no-referrer")

    def test_attack_on_loosely_compared_redirect_uris(self):
        trap = "http://127.0.0.1:8204@attacker.example/"  # a user name, as browsers read it

        def begins_well(_client, uri):
            return uri.startswith("http://127.0.0.1:8204")

        ours = self.ask(redirect_uri=trap)
        with mock.patch.object(Client, "check_redirect_uri", begins_well):
            naive = self.decide("allow", redirect_uri=trap)

        self.assertEqual(urlsplit(naive.location).hostname, "attacker.example")
        self.assertIn("code", parameters_of(naive))
        self.assert_told_user_only(ours)


class ScopeTest(OAuthTestCase):
    """A client gets no more than it asked for, was registered for, and its user may do."""

    def test_unknown_scope_is_refused(self):
        for scope in ("everything", "watchlists:read everything", "watchlists"):
            with self.subTest(scope):
                self.assert_told_client(self.ask(scope=scope), "invalid_scope")

    def test_scope_that_the_client_is_not_registered_for_is_refused(self):
        self.add_client(id="reader", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.ask(client_id="reader", scope="watchlists:read watchlists:write")

        self.assert_told_client(answer, "invalid_scope")

    def test_without_a_scope_a_client_asks_for_all_that_it_is_registered_for(self):
        tokens = self.get_tokens(scope=None)

        self.assertEqual(tokens["scope"], "movies:write watchlists:read watchlists:write")

    def test_user_gives_only_what_they_may_do_themselves(self):
        answer = self.decide("allow", name="bob", scope=None)  # who is a member, and no editor

        tokens = self.trade(parameters_of(answer)["code"]).json

        self.assertEqual(tokens["scope"], "watchlists:read watchlists:write")
        self.assertEqual(self.claims(tokens["access_token"]).claims["scope"], tokens["scope"])

    def test_user_is_asked_only_for_what_they_can_give(self):
        self.log_in("bob", scope=None)

        page = self.ask(scope=None)

        self.assertIn("delete your watchlists", page.text)
        self.assertNotIn("delete movies", page.text)

    def test_user_who_can_give_nothing_of_it_is_not_asked(self):
        self.log_in("bob")
        page = self.ask()

        asked = self.ask(scope="movies:write")
        forced = self.submit(page, "/authorize", {"decision": "allow"}, scope="movies:write")

        self.assert_told_client(asked, "access_denied")
        self.assert_told_client(forced, "access_denied")

    def test_token_follows_the_role_that_the_user_has_by_then(self):
        tokens = self.get_tokens(scope=None)
        self.set_role("alice", "member")

        refreshed = self.refresh(tokens["refresh_token"]).json

        self.assertEqual(refreshed["scope"], "watchlists:read watchlists:write")

    def test_consent_does_not_grow_with_the_role(self):
        code = parameters_of(self.decide("allow", name="bob", scope=None))["code"]
        self.set_role("bob", "editor")

        tokens = self.trade(code).json

        self.assertEqual(tokens["scope"], "watchlists:read watchlists:write")

    def test_token_is_refused_when_nothing_is_left_to_give(self):
        code = self.get_code(scope="movies:write")
        self.set_role("alice", "member")

        self.assert_error(self.trade(code), 400, "invalid_scope")


class RefreshTest(OAuthTestCase):
    """A refresh token works once: who comes second, thief or client, ends it for both."""

    def test_refresh_token_gets_new_tokens(self):
        old = self.get_tokens()

        new = self.refresh(old["refresh_token"])

        self.assertEqual(new.status_code, 200)
        self.assertEqual(new.headers["Cache-Control"], "no-store")
        self.assertEqual(self.claims(new.json["access_token"]).claims["sub"], "alice")
        self.assertNotEqual(new.json["refresh_token"], old["refresh_token"])

    def test_refreshed_tokens_can_be_refreshed(self):
        token = self.get_tokens()["refresh_token"]

        for _ in range(3):
            token = self.refresh(token).json["refresh_token"]

        self.assertEqual(self.refresh(token).status_code, 200)

    def test_scope_can_be_narrowed_for_once(self):
        narrow = self.refresh(self.get_tokens()["refresh_token"], scope="watchlists:read").json
        wide = self.refresh(narrow["refresh_token"]).json

        self.assertEqual(narrow["scope"], "watchlists:read")
        self.assertEqual(wide["scope"], "watchlists:read watchlists:write")

    def test_scope_cannot_be_widened(self):
        answer = self.refresh(self.get_tokens()["refresh_token"], scope="movies:write")

        self.assert_error(answer, 400, "invalid_scope")

    def test_refresh_token_is_for_its_client(self):
        self.add_client(id="other", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.refresh(self.get_tokens()["refresh_token"], client_id="other")

        self.assert_error(answer, 400, "invalid_grant")

    def test_access_token_does_not_refresh(self):
        answer = self.refresh(self.get_tokens()["access_token"])

        self.assert_error(answer, 400, "invalid_grant")

    def test_refreshing_ends_with_the_consent(self):
        token = self.get_tokens()["refresh_token"]

        self.later(31 * 24 * 3600)

        self.assert_error(self.refresh(token), 400, "invalid_grant")

    def test_what_has_expired_is_forgotten(self):
        self.get_tokens()
        self.ask_as_robot()
        self.later(31 * 24 * 3600)

        self.get_tokens()

        with self.app.app_context():
            for kind in (Consent, AuthorizationCode, AccessToken, RefreshToken):
                self.assertEqual(len(db.session.scalars(select(kind)).all()), 1, kind)

    def test_attack_with_a_stolen_refresh_token(self):
        class NaiveRefreshTokenGrant(RefreshTokenGrant):
            def authenticate_refresh_token(self, refresh_token):
                return db.session.get(RefreshToken, digest(refresh_token))

        def steal():
            stolen = self.get_tokens()["refresh_token"]
            clients = self.refresh(stolen).json["refresh_token"]
            return self.refresh(stolen), self.refresh(clients)

        thief, client = steal()
        self.put_in_place(AuthorizationCodeGrant, NaiveRefreshTokenGrant)
        naive_thief, _ = steal()

        self.assertEqual(naive_thief.status_code, 200)
        self.assert_error(thief, 400, "invalid_grant")
        self.assert_error(client, 400, "invalid_grant")  # who now knows, and asks the user anew


class ClientCredentialsTest(OAuthTestCase):
    """A program that acts for itself, with a secret of its own."""

    def test_robot_gets_a_token_for_itself(self):
        answer = self.ask_as_robot()

        self.assertEqual(answer.status_code, 200)
        self.assertEqual(
            answer.json,
            {
                "token_type": "Bearer",
                "access_token": mock.ANY,
                "expires_in": 300,
                "scope": "movies:write",
            },
        )
        claims = self.claims(answer.json["access_token"]).claims
        self.assertEqual((claims["sub"], claims["client_id"]), ("cinema-robot", "cinema-robot"))

    def test_robot_gets_no_more_than_it_is_registered_for(self):
        answer = self.ask_as_robot(scope="movies:write watchlists:write")

        self.assert_error(answer, 400, "invalid_scope")

    def test_wrong_credentials_get_the_same_answer_whatever_is_wrong(self):
        form = {"grant_type": "client_credentials"}

        wrong_secret, no_client, public, nothing = (
            self.client.post("/token", data=form, headers=headers)
            for headers in (
                basic("cinema-robot", "guessed"),
                basic("nobody", "guessed"),
                basic("movie-night", ""),
                {},
            )
        )

        self.assert_error(wrong_secret, 401, "invalid_client")
        self.assertEqual(wrong_secret.headers["WWW-Authenticate"], 'Basic realm="clients"')
        self.assertEqual(wrong_secret.data, no_client.data)
        self.assertEqual(wrong_secret.data, public.data)
        self.assertEqual(wrong_secret.data, nothing.data)

    def test_secret_may_be_form_encoded(self):
        headers = basic("cinema%2Drobot", ROBOT_SECRET.replace(" ", "+").replace("'", "%27"))

        answer = self.client.post(
            "/token", data={"grant_type": "client_credentials"}, headers=headers
        )

        self.assertEqual(answer.status_code, 200)

    def test_scope_of_nothing_is_refused(self):
        self.assert_error(self.ask_as_robot(scope=" "), 400, "invalid_scope")

    def test_public_client_cannot_act_for_itself(self):
        form = {"grant_type": "client_credentials", "client_id": "movie-night"}

        self.assert_error(self.client.post("/token", data=form), 401, "invalid_client")

    def test_client_that_acts_for_users_cannot_act_for_itself(self):
        self.add_client(**WEB_CLIENT)
        form = {"grant_type": "client_credentials"}

        answer = self.client.post("/token", data=form, headers=basic("web", "secret"))

        self.assert_error(answer, 400, "unauthorized_client")


class RefusedGrantsTest(OAuthTestCase):
    """What OAuth 2.1 has left out, and why."""

    def test_implicit_grant_which_puts_tokens_into_addresses_is_refused(self):
        for response_type in ("token", "code token", "id_token"):
            with self.subTest(response_type):
                answer = self.ask(response_type=response_type)

                self.assert_told_client(answer, "unsupported_response_type")

    def test_password_grant_which_gives_passwords_to_clients_is_refused(self):
        form = {"grant_type": "password", "username": "alice", "password": PASSWORD}

        answer = self.client.post("/token", data=form, headers=ROBOT)

        self.assert_error(answer, 400, "unsupported_grant_type")


class LoginTest(OAuthTestCase):
    """Passwords are seen here and nowhere else."""

    def test_wrong_password_and_unknown_user_get_the_same_answer(self):
        def without_token(page):
            return re.sub('value="[^"]+"', "", page.text)

        wrong_password, unknown_user = self.log_in("alice", "guess"), self.log_in("nobody", "guess")

        self.assertEqual((wrong_password.status_code, unknown_user.status_code), (403, 403))
        self.assertEqual(without_token(wrong_password), without_token(unknown_user))

    def test_failed_login_can_be_tried_again(self):
        page = self.log_in("alice", "guess")

        answer = self.submit(page, "/login", {"name": "alice", "password": PASSWORD})

        self.assertEqual(answer.status_code, 303)

    def test_guessing_is_limited(self):
        for _ in range(10):
            self.log_in("mallory", "guess")

        answer = self.log_in("mallory", "guess")

        self.assertEqual((answer.status_code, answer.mimetype), (429, "text/html"))
        self.assertIn("Retry-After", answer.headers)

    def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        cookie = self.ask().headers["Set-Cookie"]

        self.assertTrue(cookie.startswith("authorization_session="))
        self.assertIn("; HttpOnly", cookie)
        self.assertIn("; SameSite=Lax", cookie)
        self.assertNotIn("Expires", cookie)

    def test_session_cookie_travels_by_tls_where_there_is_any(self):
        app = create_app(SETTINGS | {"AUTHORIZATION_SERVER_URL": "https://auth.example"})
        self.addCleanup(dispose, app)

        self.assertTrue(app.config["SESSION_COOKIE_SECURE"])
        self.assertFalse(self.app.config["SESSION_COOKIE_SECURE"])

    def test_secret_of_the_api_logs_nobody_in(self):
        def cookie_signed_with(secret):
            forger = Flask("forger")
            forger.secret_key = secret
            login = {"user": "alice", "stamp": stamp, "until": time.time() + 60}
            return SecureCookieSessionInterface().get_signing_serializer(forger).dumps(login)

        with self.app.app_context():
            stamp = db.session.get(User, "alice").stamp
        pages = []
        for name in ("SECRET_KEY", "AUTHORIZATION_SERVER_SECRET"):
            self.browser.set_cookie("authorization_session", cookie_signed_with(SETTINGS[name]))
            pages.append(self.ask().text)

        self.assertIn("Log in", pages[0])
        self.assertIn("You are <strong>alice</strong>", pages[1])  # so it was well forged

    def test_login_begins_another_session(self):
        before = self.ask()
        self.submit(before, "/login", {"name": "alice", "password": PASSWORD})

        answer = self.submit(before, "/authorize", {"decision": "allow"})  # with its old CSRF token

        self.assert_told_user_only(answer)

    def test_junk_cookies_are_nobodys(self):
        for cookie in ("junk", "a.b.c", ".eJw", '"', "%00", "=", "é" * 10, "x" * 4000):
            with self.subTest(cookie[:10]):
                self.browser.set_cookie("authorization_session", cookie)

                page = self.ask()

                self.assertEqual(page.status_code, 200)
                self.assertIn("Log in", page.text)

    def test_names_in_any_letters_are_only_unknown(self):
        for name in ("Ælfric", "алиса", "x" * 10_000, "' OR 1=1 --", "<script>", ""):
            with self.subTest(name[:10]):
                self.assertEqual(self.log_in(name, name).status_code, 403)


class ForgeryTest(OAuthTestCase):
    """Other sites can neither press our buttons nor let the user press them unawares."""

    def test_decision_without_csrf_token_is_refused(self):
        self.log_in()

        for form in ({}, {"csrf_token": ""}, {"csrf_token": "guessed"}, {"csrf_token": "gärbled"}):
            with self.subTest(form):
                answer = self.browser.post(
                    "/authorize", query_string=REQUEST, data=form | {"decision": "allow"}
                )

                self.assert_told_user_only(answer)

    def test_login_without_csrf_token_is_refused(self):
        form = {"name": "alice", "password": PASSWORD}

        answer = self.browser.post("/login", query_string=REQUEST, data=form)

        self.assert_told_user_only(answer)

    def test_csrf_token_of_another_browser_is_refused(self):
        page = self.app.test_client().get("/authorize", query_string=REQUEST)

        answer = self.submit(page, "/login", {"name": "alice", "password": PASSWORD})

        self.assert_told_user_only(answer)

    def test_decision_without_login_leads_to_the_login(self):
        answer = self.submit(self.ask(), "/authorize", {"decision": "allow"})

        self.assertEqual((answer.status_code, answer.location[:11]), (303, "/authorize?"))

    def test_decision_that_is_neither_is_no_consent(self):
        self.assert_told_client(self.decide("perhaps"), "access_denied")

    def test_pages_cannot_be_framed_or_scripted(self):
        for page in (self.ask(), self.ask(client_id="unknown"), self.log_in("alice", "guess")):
            policy = page.content_security_policy
            self.assertEqual(policy.default_src, "'none'")
            self.assertEqual(policy.frame_ancestors, "'none'")
            self.assertEqual(page.headers["X-Frame-Options"], "DENY")
            self.assertEqual(page.headers["Cache-Control"], "no-store")

    def test_forms_lead_here_and_to_the_client_only(self):
        page = self.ask()

        self.assertEqual(page.content_security_policy.form_action, "'self' http://127.0.0.1:8204")

    def test_what_a_client_sends_is_shown_as_text(self):
        page = self.ask(state="<script>alert(1)</script>", redirect_uri="<script>alert(1)</script>")

        self.assertNotIn("<script>", page.text)


class RevocationTest(OAuthTestCase):
    """What a client no longer needs, it gives back (RFC 7009)."""

    def revoke(self, token, **changes):
        form = but({"client_id": "movie-night", "token": token}, **changes)
        return self.client.post("/revoke", data=form)

    def test_revoked_refresh_token_is_refused(self):
        tokens = self.get_tokens()

        answer = self.revoke(tokens["refresh_token"])

        self.assertEqual(answer.status_code, 200)
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")
        self.assertEqual(self.introspect(tokens["access_token"]), {"active": False})

    def test_revoked_access_token_takes_its_refresh_token_along(self):
        tokens = self.get_tokens()

        self.revoke(tokens["access_token"])

        self.assertEqual(self.introspect(tokens["access_token"]), {"active": False})
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    def test_robot_can_revoke_its_own_token(self):
        token = self.ask_as_robot().json["access_token"]

        answer = self.client.post("/revoke", data={"token": token}, headers=ROBOT)

        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.introspect(token), {"active": False})

    def test_unknown_token_is_as_good_as_revoked(self):
        self.assertEqual(self.revoke("unknown").status_code, 200)

    def test_hint_does_not_matter(self):
        for hint in ("access_token", "refresh_token", "junk"):
            with self.subTest(hint):
                token = self.get_tokens()["refresh_token"]

                self.assertEqual(self.revoke(token, token_type_hint=hint).status_code, 200)
                self.assert_error(self.refresh(token), 400, "invalid_grant")

    def test_token_of_another_client_stays(self):
        token = self.get_tokens()["access_token"]

        answer = self.client.post("/revoke", data={"token": token}, headers=ROBOT)

        self.assert_error(answer, 400, "invalid_grant")
        self.assertTrue(self.introspect(token)["active"])

    def test_missing_token_is_refused(self):
        self.assert_error(self.revoke(None), 400, "invalid_request")

    def test_unknown_client_is_refused(self):
        self.assert_error(self.revoke("token", client_id="unknown"), 401, "invalid_client")


class IntrospectionTest(OAuthTestCase):
    """What an API can ask about a token (RFC 7662)."""

    def test_access_token_of_a_user(self):
        token = self.get_tokens()["access_token"]
        claims = self.claims(token).claims

        answer = self.introspect(token)

        self.assertEqual(
            answer,
            {
                "active": True,
                "client_id": "movie-night",
                "sub": "alice",
                "scope": "watchlists:read watchlists:write",
                "iss": ISSUER,
                "aud": "urn:cinema:api",
                "iat": claims["iat"],
                "exp": claims["exp"],
            },
        )

    def test_access_token_of_a_robot(self):
        answer = self.introspect(self.ask_as_robot().json["access_token"])

        self.assertEqual((answer["active"], answer["sub"]), (True, "cinema-robot"))

    def test_expired_access_token(self):
        token = self.get_tokens()["access_token"]

        self.later(301)

        self.assertEqual(self.introspect(token), {"active": False})

    def test_refresh_token_until_it_is_used(self):
        token = self.get_tokens()["refresh_token"]

        before = self.introspect(token)
        self.refresh(token)

        self.assertTrue(before["active"])
        self.assertEqual(self.introspect(token), {"active": False})

    def test_unknown_token(self):
        self.assertEqual(self.introspect("unknown"), {"active": False})

    def test_public_client_is_refused(self):
        form = {"client_id": "movie-night", "token": "token"}

        answer = self.client.post("/introspect", data=form)

        self.assert_error(answer, 401, "invalid_client")

    def test_missing_token_is_refused(self):
        answer = self.client.post("/introspect", headers=ROBOT)

        self.assert_error(answer, 400, "invalid_request")


class DiscoveryTest(OAuthTestCase):
    """A client needs to know no more of us than our address."""

    def test_metadata_keeps_to_its_standard(self):
        metadata = self.client.get("/.well-known/oauth-authorization-server").json

        AuthorizationServerMetadata(metadata).validate(metadata_classes=[IssuerMetadata])
        self.assertEqual(metadata["issuer"], ISSUER)
        self.assertEqual(metadata["code_challenge_methods_supported"], ["S256"])
        self.assertEqual(metadata["response_types_supported"], ["code"])
        self.assertTrue(metadata["authorization_response_iss_parameter_supported"])

    def test_every_address_in_the_metadata_leads_somewhere(self):
        metadata = self.client.get("/.well-known/oauth-authorization-server").json

        for name, url in metadata.items():
            if name.endswith(("_endpoint", "_uri")):
                with self.subTest(name):
                    self.assertNotEqual(self.client.options(url).status_code, 404)

    def test_other_host_does_not_change_the_addresses(self):
        ours = self.client.get("/.well-known/oauth-authorization-server").json

        others = self.client.get(
            "/.well-known/oauth-authorization-server", base_url="http://attacker.example"
        ).json

        self.assertEqual(others, ours)

    def test_private_half_of_the_key_is_not_given_out(self):
        (key,) = self.client.get("/jwks.json").json["keys"]

        self.assertEqual(set(key), {"kty", "crv", "x", "y", "kid", "use", "alg"})

    def test_key_is_the_same_after_every_start(self):
        again = create_app(SETTINGS)
        self.addCleanup(dispose, again)

        self.assertEqual(
            again.test_client().get("/jwks.json").json, self.client.get("/jwks.json").json
        )


class SecretsAtRestTest(OAuthTestCase):
    """Who reads the database can do nothing with it."""

    def test_database_holds_no_code_token_or_secret(self):
        code = self.get_code()
        tokens = self.trade(code).json

        at_rest = self.database.serialize()

        for secret in (code, tokens["access_token"], tokens["refresh_token"], ROBOT_SECRET):
            self.assertNotIn(secret.encode(), at_rest)
            self.assertIn(digest(secret).encode(), at_rest)


class JunkTest(OAuthTestCase):
    """Whatever is sent, the answer is the sender's fault or none, and never ours."""

    def test_odd_parameters_are_refused(self):
        for name in (*REQUEST, "unknown"):
            for value in ("\0", "a\nb", "\x7f", "\ud55c", "%FF", "x" * 70_000, "\\", '"', "'"):
                with self.subTest(name, value=value[:5]):
                    self.assertLess(self.ask(**{name: value}).status_code, 500)

    def test_host_that_nobody_can_have_is_refused(self):
        for path in ("/authorize", "/token", "/jwks.json", "/nothing"):
            with self.subTest(path):
                environ = EnvironBuilder(path, headers={"Host": "xn--"}).get_environ()

                _, status, headers = run_wsgi_app(self.app, environ)

                self.assertLess(status, "500")
                if sys.version_info < (3, 13):  # later ones leave half a name as it is
                    self.assertEqual(status, "400 BAD REQUEST")
                    self.assertEqual(headers["Cache-Control"], "no-store")

    def test_unknown_parameters_are_ignored(self):
        query = [*REQUEST.items(), ("resource", "a"), ("resource", "b"), ("ui", "\ud55c")]

        self.assertEqual(self.browser.get("/authorize", query_string=query).status_code, 200)

    def test_bytes_that_are_no_text_are_refused(self):
        for name in REQUEST:
            with self.subTest(name):
                answer = self.browser.get(f"/authorize?{name}=%FF%FE&{name}=%00")

                self.assertEqual(answer.status_code, 400)

    def test_odd_forms_are_refused(self):
        for path in ("/token", "/revoke", "/introspect", "/login", "/authorize"):
            for body, content_type in (
                (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
                (b"grant_type=%FF%00", "application/x-www-form-urlencoded"),
                (b"grant_type=password&grant_type=password", "application/x-www-form-urlencoded"),
                (b"grant_type=client_credentials", "text/plain"),
                (b'{"grant_type": "client_credentials"}', "application/json"),
                (b"--x\r\n", "multipart/form-data; boundary=x"),
                (b"no form", "multipart/form-data"),
                (b"", "junk"),
                (b"a=b", "application/x-www-form-urlencoded; charset=klingon"),
            ):
                with self.subTest(path, body=body):
                    answer = self.client.post(path, data=body, content_type=content_type)

                    self.assertIn(answer.status_code, (400, 401))

    def test_odd_values_at_the_token_endpoint_are_refused(self):
        for name in ("code", "code_verifier", "redirect_uri", "client_id", "grant_type"):
            for value in ("", "\0", "\ud55c", '"', "x" * 10_000, "a b", "[]"):
                with self.subTest(name, value=value[:5]):
                    answer = self.trade("code", **{name: value})

                    self.assertIn(answer.status_code, (400, 401))
                    self.assertIn("error", answer.json)

    def test_odd_credentials_are_refused(self):
        for header in (
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic é",
            "Basic \xff\xfe",
            "Basic " + b64encode(b"\xff:\xff").decode(),
            "Basic " + b64encode(b"no colon").decode(),
            "Basic " + b64encode(b"%00:%00").decode(),
            "Basic " + b64encode(b"a" * 9000).decode(),
            "Bearer token",
            "Digest junk",
            "junk",
        ):
            with self.subTest(header[:20]):
                answer = self.client.post(
                    "/token",
                    data={"grant_type": "client_credentials"},
                    headers={"Authorization": header},
                )

                self.assert_error(answer, 401, "invalid_client")

    def test_body_that_is_too_large_is_refused(self):
        self.assert_error(self.trade("x" * 70_000), 413, "invalid_request")

    def test_body_that_does_not_say_how_large_it_is_is_not_cut(self):
        form = b"grant_type=client_credentials&scope=movies:write" + b"+" * 70_000

        answer = self.client.post(
            "/token",
            input_stream=BytesIO(form),
            environ_overrides={"wsgi.input_terminated": True},  # chunked
            content_type="application/x-www-form-urlencoded",
            headers=ROBOT,
        )

        self.assert_error(answer, 413, "invalid_request")

    def test_body_that_breaks_off_is_refused(self):
        class BreaksOff(BytesIO):
            def readinto(self, _buffer):
                raise EOFError("as some servers, but not all, say it")

        answer = self.client.post(
            "/token",
            input_stream=BreaksOff(),
            environ_overrides={"CONTENT_LENGTH": "100"},
            content_type="application/x-www-form-urlencoded",
            headers=ROBOT,
        )

        self.assert_error(answer, 400, "invalid_request")

    def test_other_methods_are_not_allowed(self):
        for path, allowed in (
            ("/token", {"POST", "OPTIONS"}),
            ("/revoke", {"POST", "OPTIONS"}),
            ("/introspect", {"POST", "OPTIONS"}),
            ("/login", {"POST", "OPTIONS"}),
            ("/authorize", {"GET", "HEAD", "POST", "OPTIONS"}),
            ("/jwks.json", {"GET", "HEAD", "OPTIONS"}),
        ):
            for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "BREW"} - allowed:
                with self.subTest(path, method=method):
                    answer = self.client.open(path, method=method)

                    self.assertEqual(answer.status_code, 405)
                    self.assertEqual(set(answer.allow), allowed)

    def test_other_host_is_refused(self):
        answer = self.browser.get(
            "/authorize", query_string=REQUEST, base_url="http://attacker.example"
        )

        self.assert_told_user_only(answer)


class ClientCommandsTest(OAuthTestCase):
    """Clients are registered by who runs the server."""

    def run_command(self, *arguments):
        return self.app.test_cli_runner().invoke(args=arguments)

    def test_seeding_twice_changes_nothing(self):
        result = self.run_command("seed")

        self.assertEqual((result.exit_code, result.output), (0, "No new clients.\n"))
        self.assertEqual(self.ask_as_robot().status_code, 200)

    def test_public_client_is_created(self):
        result = self.run_command(
            "create-client", "phone", "--redirect-uri", CALLBACK, "--scope", "watchlists:read"
        )

        self.assertEqual((result.exit_code, result.output), (0, "client_id: phone\n"))
        self.assertEqual(self.ask(client_id="phone", scope=None).status_code, 200)

    def test_confidential_client_is_created_with_a_secret(self):
        result = self.run_command(
            "create-client", "worker", "--confidential", "--scope", "movies:write"
        )
        secret = re.search("client_secret: (.{43}) ", result.output)[1]

        answer = self.client.post(
            "/token", data={"grant_type": "client_credentials"}, headers=basic("worker", secret)
        )

        self.assertEqual(answer.status_code, 200)

    def test_client_is_refused(self):
        scope = ("--scope", "movies:write")
        for arguments in (
            ("phone", *scope),  # neither a redirect URI nor a secret
            ("phone", "--redirect-uri", CALLBACK),  # no scope
            ("phone", "--redirect-uri", CALLBACK, "--scope", "everything"),
            ("phone", "--redirect-uri", "http://attacker.example/callback", *scope),
            ("phone", "--redirect-uri", f"{CALLBACK}#fragment", *scope),
            ("phone", "--redirect-uri", "javascript:alert(1)", *scope),
            ("Phone Number", "--redirect-uri", CALLBACK, *scope),
            ("movie-night", "--redirect-uri", CALLBACK, *scope),  # is there
            ("alice", "--redirect-uri", CALLBACK, *scope),  # is a user's name
        ):
            with self.subTest(arguments):
                result = self.run_command("create-client", *arguments)

                self.assertNotEqual(result.exit_code, 0)
                self.assertIn("Error: ", result.output)


class StartTest(TestCase):
    """What is wrong with the settings is said at the start."""

    def test_issuer_without_tls_on_a_network_is_refused(self):
        with self.assertRaises(ClickException) as refusal:
            create_app(SETTINGS | {"AUTHORIZATION_SERVER_URL": "http://auth.example"})

        self.assertIn("https://", refusal.exception.message)


class RaceTest(OAuthTestCase):
    """Requests that come all at once, to a server whose database is a file."""

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

    def test_code_gives_tokens_to_one(self):
        code = self.get_code()

        answers = all_at_once([lambda: self.trade(code)] * 4)

        self.assertEqual(sorted(answer.status_code for answer in answers), [200, 400, 400, 400])

    def test_refresh_token_gives_tokens_to_one(self):
        token = self.get_tokens()["refresh_token"]

        answers = all_at_once([lambda: self.refresh(token)] * 4)

        self.assertEqual(sorted(answer.status_code for answer in answers), [200, 400, 400, 400])
