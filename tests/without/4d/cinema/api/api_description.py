"""No contract."""

from flask import Blueprint

blueprint = Blueprint("api_description", __name__)


def link_description():
    return ""
