"""The health check: tells whether the service and its database work."""

from cinema.users.credentials import stored
from flask import Blueprint

blueprint = Blueprint("health", __name__)


@blueprint.get("")
def tell_health():
    stored.find("")
    return {"status": "ok"}
