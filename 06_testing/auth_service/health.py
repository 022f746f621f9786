"""Whether we are well: we answer, and so does our database."""

from cinema import stored_credentials
from flask import Blueprint

blueprint = Blueprint("health", __name__)


@blueprint.get("")
def tell_health():
    stored_credentials.find("")
    return {"status": "ok"}
