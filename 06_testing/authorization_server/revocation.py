"""Revokes tokens for the clients that have them (RFC 7009)."""

from authlib.oauth2 import rfc7009
from authlib.oauth2.rfc6749 import InvalidRequestError

from .tokens import find_token


class Revocation(rfc7009.RevocationEndpoint):
    """Ends the whole consent that a token comes from, so that its refresh token ends too."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "none"]

    def check_params(self, request, client):
        """Ask for a token; a hint to what kind it is helps nobody here."""
        if "token" not in request.form:
            raise InvalidRequestError("Send the token.")

    def query_token(self, token_string, token_type_hint):
        return find_token(token_string)

    def revoke_token(self, token, request):
        token.revoke()
