"""The grants: authorization code, client credentials, refresh token."""

import time

from authlib.oauth2.rfc6749 import grants
from cinema.data.database import db

from ..data.authorization_codes import CODE_LASTS, AuthorizationCode
from ..data.consents import CONSENT_LASTS, Consent
from ..data.digests import digest
from ..data.issued_tokens import RefreshToken


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):
    """The user logs in here and consents; the client gets a code through the browser."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "none"]

    def save_authorization_code(self, code, request):
        now = int(time.time())
        consent = Consent(
            client_id=request.client.id,
            user_name=request.user.name,
            stamp=request.user.stamp,
            scope=request.user.can_give(request.scope),
            expires_at=now + CONSENT_LASTS,
        )
        db.session.add(
            AuthorizationCode(
                hash=digest(code),
                consent=consent,
                redirect_uri=request.payload.redirect_uri,
                code_challenge=request.payload.data["code_challenge"],
                expires_at=now + CODE_LASTS,
            )
        )

    def query_authorization_code(self, code, client):
        """Find a code; a used one was stolen, so revoke its tokens (RFC 6749, section 4.1.2)."""
        known = db.session.get(AuthorizationCode, digest(code))
        if known is None or known.consent.client_id != client.id:
            return None
        if known.used:
            known.consent.withdraw()
            return None
        return known if known.expires_at > time.time() else None

    def delete_authorization_code(self, authorization_code):
        authorization_code.used = True  # kept, so that a second use is noticed

    def authenticate_user(self, authorization_code):
        return authorization_code.consent.giver


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    """A client that acts for itself sends its secret."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]


class RefreshTokenGrant(grants.RefreshTokenGrant):
    """A refresh token gets new tokens, once (RFC 9700, section 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "none"]
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        """Find a token; a used one was stolen, so revoke all tokens of its consent."""
        known = db.session.get(RefreshToken, digest(refresh_token))
        if known is None or known.is_expired() or known.consent.giver is None:
            return None
        if known.used:
            known.revoke()
            return None
        return known

    def authenticate_user(self, refresh_token):
        return refresh_token.consent.giver

    def revoke_old_credential(self, refresh_token):
        refresh_token.used = True
