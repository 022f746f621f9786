"""No tokens to ask for."""

from flask import Blueprint

blueprint = Blueprint("tokens", __name__)
