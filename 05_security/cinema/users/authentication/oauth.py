"""OAuth 2 access tokens (RFC 6750): issued by the authorization server, checked here."""

from flask import Blueprint, current_app, request
from joserfc import jwt
from joserfc.errors import JoseError

from ..login import InvalidToken, Login
from ..roles import PERMISSIONS
from ..user import find_user
from .oauth_keys import issuer_keys

ALGORITHMS = ["ES256"]  # named by us, not by the token (RFC 8725, section 3.1)
TYPES = {"at+jwt", "application/at+jwt"}
PROGRAMS_MAY = frozenset({"movies:write"})  # without a user: programs own no watchlists

blueprint = Blueprint("protected_resource", __name__)


@blueprint.get("/.well-known/oauth-protected-resource")
def get_metadata():
    """Tell clients which server issues tokens for this API (RFC 9728)."""
    return {
        "resource": current_app.config["AUDIENCE"],
        "authorization_servers": [current_app.config["AUTHORIZATION_SERVER_URL"]],
        "scopes_supported": sorted(PERMISSIONS["editor"]),
        "bearer_methods_supported": ["header"],
    }


def authenticate():
    """Return the Login of a request with a bearer token, or None if it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    claims = read_token(token.strip())
    scope = frozenset(claims["scope"].split())
    return Login(claims["sub"], scope & permissions_behind(claims), delegated=True)


def permissions_behind(claims):
    """Return the permissions of the token's user or program: a scope can only narrow them."""
    if claims["sub"] == claims["client_id"]:
        return PROGRAMS_MAY
    user = find_user(claims["sub"])
    if user is None:
        raise InvalidToken("The user of this token is gone.")
    return PERMISSIONS[user.role]


def read_token(text):
    """Return the claims of a token (RFC 9068); raise InvalidToken if it is not valid here."""
    try:
        token = jwt.decode(text, issuer_keys().find, algorithms=ALGORITHMS)
        rules().validate(token.claims)
    except (JoseError, ValueError, TypeError) as error:  # TypeError: of a "crit" that is no list
        raise InvalidToken("The token is not for us, or not genuine, or expired.") from error
    if token.header.get("typ", "").lower() not in TYPES:
        raise InvalidToken("The token is not an access token.")
    if not all(isinstance(token.claims[name], str) for name in ("client_id", "scope")):
        raise InvalidToken("The token's client_id and scope must be text.")
    return token.claims


def rules():
    return jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": current_app.config["AUTHORIZATION_SERVER_URL"]},
        aud={"essential": True, "value": current_app.config["AUDIENCE"]},
        **{name: {"essential": True} for name in ("exp", "sub", "client_id", "scope")},
    )
