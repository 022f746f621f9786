"""The revocation endpoint: a client ends a token that it has (RFC 7009)."""

from authlib.oauth2 import rfc7009
from authlib.oauth2.rfc6749 import InvalidRequestError
from cinema.data.database import writing
from flask import Blueprint

from ..data.issued_tokens import find_token
from ..oauth.provider import provider

blueprint = Blueprint("revocation", __name__)


def init_app(app):
    app.extensions["provider"].register_endpoint(Revocation)
    app.register_blueprint(blueprint)


@blueprint.post("/revoke")
def revoke_token():
    with writing():
        return provider.create_endpoint_response("revocation")


class Revocation(rfc7009.RevocationEndpoint):
    """Ends the whole consent that a token comes from, so that its refresh token ends too."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "none"]

    def check_params(self, request, client):
        """Require a token; we need no token_type_hint."""
        if "token" not in request.form:
            raise InvalidRequestError("Send the token.")

    def query_token(self, token_string, token_type_hint):
        return find_token(token_string)

    def revoke_token(self, token, request):
        token.revoke()
