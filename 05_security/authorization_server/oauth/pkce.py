"""PKCE (RFC 7636): only the client that requested a code can use it."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge


class ProofKey(CodeChallenge):
    """Requires S256 of every client, even with a secret (RFC 9700, section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant, redirect_uri):
        super().validate_code_challenge(grant, redirect_uri)
        if grant.request.payload.data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a code_challenge with the code_challenge_method S256.")

    def get_authorization_code_challenge_method(self, authorization_code):
        return "S256"
