"""The introspection endpoint: tells an API whether a token is still valid (RFC 7662)."""

from authlib.oauth2 import rfc7662
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Blueprint, current_app

from ..data.issued_tokens import find_token
from ..oauth.provider import provider

blueprint = Blueprint("introspection", __name__)


def init_app(app):
    app.extensions["provider"].register_endpoint(Introspection)
    app.register_blueprint(blueprint)


@blueprint.post("/introspect")
def introspect_token():
    return provider.create_endpoint_response("introspection")


class Introspection(rfc7662.IntrospectionEndpoint):
    """Reports revoked tokens too, which a JWT alone cannot. An API is a client with a secret."""

    CLIENT_AUTH_METHODS = ["client_secret_basic"]

    def check_params(self, request, client):
        """Require a token; we need no token_type_hint."""
        if "token" not in request.form:
            raise InvalidRequestError("Send the token.")

    def query_token(self, token_string, token_type_hint):
        return find_token(token_string)

    def check_permission(self, token, client, request):
        return True  # the client's secret has been checked

    def introspect_token(self, token):
        return {
            "active": True,
            "client_id": token.client_id,
            "sub": token.subject,
            "scope": token.scope,
            "iss": current_app.config["AUTHORIZATION_SERVER_URL"],
            "aud": current_app.config["AUDIENCE"],
            "iat": token.issued_at,
            "exp": token.expires_at,
        }
