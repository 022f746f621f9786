"""What clients talk to, without a browser: for tokens, and about them."""

from cinema.data.database import writing
from flask import Blueprint

from .provider import provider

blueprint = Blueprint("token_endpoints", __name__)


@blueprint.post("/token")
def give_tokens():
    with writing():  # so that of two who show the same code, one is the second
        return provider.create_token_response()


@blueprint.post("/revoke")
def revoke_token():
    with writing():
        return provider.create_endpoint_response("revocation")


@blueprint.post("/introspect")
def introspect_token():
    return provider.create_endpoint_response("introspection")
