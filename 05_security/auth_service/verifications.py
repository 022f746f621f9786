"""Checks a user's password. By POST, because URLs are kept in logs."""

from cinema.data.validation import members
from cinema.http.json_body import json_object
from cinema.users.credentials import stored
from flask import Blueprint

from .rules import any_text

blueprint = Blueprint("verifications", __name__)


@blueprint.post("")
def verify_password():
    name, password = members(json_object(), name=any_text, password=any_text)
    return {"right": stored.verify(name, password)}
