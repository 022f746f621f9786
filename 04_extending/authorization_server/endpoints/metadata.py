"""The metadata endpoints: the URLs of all others, and our public key."""

from flask import Blueprint, current_app, url_for

from ..data.scopes import SCOPES
from ..oauth.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from ..oauth.jwt_keys import token_keys
from ..oauth.pkce import ProofKey
from .introspection import Introspection
from .revocation import Revocation

GRANTS = (AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant)

blueprint = Blueprint("metadata", __name__)


@blueprint.get("/.well-known/oauth-authorization-server")
def get_metadata():
    """Describe this server (RFC 8414)."""
    return {
        "issuer": current_app.config["AUTHORIZATION_SERVER_URL"],
        "authorization_endpoint": absolute("authorize.ask_user"),
        "token_endpoint": absolute("token.give_tokens"),
        "revocation_endpoint": absolute("revocation.revoke_token"),
        "introspection_endpoint": absolute("introspection.introspect_token"),
        "jwks_uri": absolute("metadata.get_keys"),
        "scopes_supported": list(SCOPES),
        "response_types_supported": sorted(AuthorizationCodeGrant.RESPONSE_TYPES),
        "response_modes_supported": ["query"],
        "grant_types_supported": [grant.GRANT_TYPE for grant in GRANTS],
        "code_challenge_methods_supported": ProofKey.SUPPORTED_CODE_CHALLENGE_METHOD,
        "token_endpoint_auth_methods_supported": AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS,
        "revocation_endpoint_auth_methods_supported": Revocation.CLIENT_AUTH_METHODS,
        "introspection_endpoint_auth_methods_supported": Introspection.CLIENT_AUTH_METHODS,
        "authorization_response_iss_parameter_supported": True,
    }


@blueprint.get("/jwks.json")
def get_keys():
    """Return our public key, with which anyone can check our signatures."""
    return token_keys().as_dict(private=False)


def absolute(endpoint):
    """Return an endpoint's URL under our issuer URL, whatever the request's Host is."""
    return current_app.config["AUTHORIZATION_SERVER_URL"].rstrip("/") + url_for(endpoint)


@blueprint.after_request
def may_be_kept(response):
    if response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=300"
    return response
