"""Authlib's authorization server, with our clients, grants, tokens and endpoints."""

import time
from urllib.parse import unquote_plus

import flask
from authlib.consts import default_json_headers
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidClientError
from cinema.data.database import db
from werkzeug.local import LocalProxy

from .access_tokens import AccessTokenGenerator
from .clients import find_client
from .digests import digest
from .grants import AuthorizationCodeGrant, ClientCredentialsGrant, ProofKey, RefreshTokenGrant
from .introspection import Introspection
from .revocation import Revocation
from .tokens import AccessToken, RefreshToken, forget_what_has_expired

provider = LocalProxy(lambda: flask.current_app.extensions["provider"])


def init_app(app):
    server = app.extensions["provider"] = Provider(app, find_client, save_token)
    server.register_client_auth_method("client_secret_basic", client_with_secret)
    server.register_token_generator(
        "default",
        AccessTokenGenerator(app.config["AUTHORIZATION_SERVER_URL"], app.config["AUDIENCE"]),
    )
    server.register_grant(AuthorizationCodeGrant, [ProofKey()])
    server.register_grant(ClientCredentialsGrant)
    server.register_grant(RefreshTokenGrant)
    server.register_endpoint(Revocation)
    server.register_endpoint(Introspection)


class ClientRefused(InvalidClientError):
    """No such client, or not with this secret; we do not say which."""

    description = "There is no such client, or this is not its secret."
    status_code = 401

    def get_headers(self):
        return [*default_json_headers, ("WWW-Authenticate", 'Basic realm="clients"')]


class Provider(AuthorizationServer):
    """Authlib's, but for the answer to whoever is none of our clients: always the same."""

    def authenticate_client(self, *arguments):
        try:
            return super().authenticate_client(*arguments)
        except InvalidClientError as error:
            raise ClientRefused() from error


def client_with_secret(query_client, _request):
    """Find who sends HTTP Basic (RFC 6749, section 2.3.1: both parts are form-encoded)."""
    sent = flask.request.authorization
    if sent is None or sent.type != "basic":
        return None
    client = query_client(unquote_plus(sent.username))
    return client if client and client.check_client_secret(unquote_plus(sent.password)) else None


def save_token(token, request):
    """Remember, by their hashes, the tokens of an answer."""
    forget_what_has_expired()
    now = int(time.time())
    grant = request.authorization_code or request.refresh_token
    consent_id = grant.consent_id if grant else None
    db.session.add(
        AccessToken(
            hash=digest(token["access_token"]),
            client_id=request.client.id,
            consent_id=consent_id,
            scope=token["scope"],
            issued_at=now,
            expires_at=now + token["expires_in"],
        )
    )
    if "refresh_token" in token:
        refresh_token = digest(token["refresh_token"])
        db.session.add(RefreshToken(hash=refresh_token, consent_id=consent_id, issued_at=now))
