"""Makes access tokens: JWTs (RFC 9068) with a signature that anyone can check."""

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator

from ..data.digests import new_secret
from .jwt_keys import ALGORITHM, token_keys

ACCESS_TOKEN_LASTS = 300  # seconds; the API does not ask us whether a token was revoked


class AccessTokenGenerator(JWTBearerTokenGenerator):
    """Makes the token endpoint's response: an access token and, for users, a refresh token."""

    def __init__(self, issuer, audience):
        super().__init__(
            issuer,
            alg=ALGORITHM,
            refresh_token_generator=new_secret,
            expires_generator=ACCESS_TOKEN_LASTS,
        )
        self.audience = audience

    def generate(self, grant_type, client, user=None, scope=None, *options, **named_options):
        """Make the tokens with what the user may do by now; raise InvalidScopeError if nothing."""
        if user:
            scope = user.can_give(scope)
            if not scope:
                raise InvalidScopeError()
        return super().generate(grant_type, client, user, scope, *options, **named_options)

    def get_jwks(self):
        return token_keys()

    def get_audiences(self, client, user, scope):
        return self.audience
