"""Our own bearer tokens (RFC 6750): random text that we look up in the database."""

from flask import request

from ..login import InvalidToken, Login
from ..roles import PERMISSIONS
from ..tokens import PREFIX, find_token_of_bearer


def authenticate():
    """Return the Login of a request with a token of ours, or None if it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(PREFIX):
        return None
    known = find_token_of_bearer(token)
    if known is None:
        raise InvalidToken("The token is unknown, revoked or expired.")
    scope = frozenset(known.scopes)
    return Login(known.user_name, scope & PERMISSIONS[known.user.role], delegated=True)
