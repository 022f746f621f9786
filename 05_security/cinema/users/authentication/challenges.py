"""The headers of a 401 or 403 that say which credentials are accepted."""

from flask import request, url_for

from ..login import InvalidToken
from . import basic, signed_request


def unauthorized_headers(error):
    """Return all challenges of a 401 (RFC 9110, section 11.6.1; RFC 9421, section 5.1)."""
    told = ['error="invalid_token"'] if isinstance(error, InvalidToken) else []
    return [
        ("WWW-Authenticate", basic.CHALLENGE),
        ("WWW-Authenticate", bearer_challenge(*told)),
        ("Accept-Signature", signed_request.accept_signature()),
    ]


def insufficient_scope_headers(scope):
    """Return a challenge with the missing scope if a token was sent (RFC 6750, section 3.1)."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        told = 'error="insufficient_scope"', f'scope="{scope}"'
        return [("WWW-Authenticate", bearer_challenge(*told))]
    return []


def bearer_challenge(*told):
    """Return a Bearer challenge (RFC 6750) that links to our metadata (RFC 9728, section 5.1)."""
    metadata = url_for("protected_resource.get_metadata", _external=True)
    return ", ".join(('Bearer realm="cinema"', f'resource_metadata="{metadata}"', *told))
