"""No tokens."""

from flask import Blueprint

blueprint = Blueprint("protected_resource", __name__)


@blueprint.get("/.well-known/oauth-protected-resource")
def get_metadata():
    return {}


def authenticate():
    return None
