"""Nobody changes a password."""

from flask import Blueprint

blueprint = Blueprint("own_password", __name__)
