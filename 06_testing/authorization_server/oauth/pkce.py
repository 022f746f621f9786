"""PKCE: proof that the client which brings a code is the one that asked for it."""

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7636 import CodeChallenge


class ProofKey(CodeChallenge):
    """PKCE (RFC 7636): a code is of use only to the client that asked for it.

    Every client must do it, and by S256, also those with a secret (RFC 9700, section 2.1.1).
    """

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant, redirect_uri):
        super().validate_code_challenge(grant, redirect_uri)
        if grant.request.payload.data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a code_challenge with the code_challenge_method S256.")

    def get_authorization_code_challenge_method(self, authorization_code):
        return "S256"
