"""Bearer tokens of our own (RFC 6750), which mean nothing to anybody but our database."""

from flask import request

from ..roles import PERMISSIONS
from ..tokens import PREFIX, find_bearer
from .login import InvalidToken, Login


def authenticate():
    """Return the Login of a request with a token of ours, or None if it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(PREFIX):
        return None
    bearer = find_bearer(token)
    if bearer is None:
        raise InvalidToken("The token is unknown, revoked or expired.")
    scope = frozenset(bearer.scope.split())
    return Login(bearer.name, scope & PERMISSIONS[bearer.role], delegated=True)
