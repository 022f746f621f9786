"""Authlib's authorization server, with our clients, grants and tokens."""

import time

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    UnsupportedResponseTypeError,
)
from cinema.data.database import db
from flask import current_app
from werkzeug.local import LocalProxy

from ..data.clients import find_client
from ..data.digests import digest
from ..data.issued_tokens import AccessToken, RefreshToken, forget_what_has_expired
from ..http.errors import ClientRefused
from .client_authentication import client_with_secret
from .grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from .jwt import AccessTokenGenerator
from .pkce import ProofKey

provider = LocalProxy(lambda: current_app.extensions["provider"])


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


class Provider(AuthorizationServer):
    """Authlib's server, with some other errors.

    Unknown clients always get the same error, and a missing parameter is not reported as an
    unsupported value (RFC 6749, sections 4.1.2.1 and 5.2).
    """

    def get_authorization_grant(self, request):
        try:
            return super().get_authorization_grant(request)
        except UnsupportedResponseTypeError as error:
            if request.payload.response_type:
                raise
            told = "Send a response_type."
            raise InvalidRequestError(told, redirect_uri=error.redirect_uri) from error

    def get_token_grant(self, request):
        if not request.payload.grant_type:
            raise InvalidRequestError("Send a grant_type.")
        return super().get_token_grant(request)

    def authenticate_client(self, *arguments):
        try:
            return super().authenticate_client(*arguments)
        except InvalidClientError as error:
            raise ClientRefused() from error


def save_token(token, request):
    """Store the hashes of a response's tokens."""
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
