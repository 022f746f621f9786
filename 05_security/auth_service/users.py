"""A user's credentials: a password, which is never read, and a signing key."""

from base64 import b64encode

from cinema.data.validation import members
from cinema.http.json_body import json_object
from cinema.users.credentials import stored
from flask import Blueprint, Response

from .rules import any_text, key_or_null

blueprint = Blueprint("users", __name__)


@blueprint.put("/password")
def set_password(name):
    [password] = members(json_object(), password=any_text)
    stored.set_password(name, password)
    return no_content()


@blueprint.get("/signing-key")
def get_signing_key(name):
    key = stored.signing_key(name)
    return {"key": key and b64encode(key).decode()}


@blueprint.put("/signing-key")
def set_signing_key(name):
    [key] = members(json_object(), key=key_or_null)
    stored.set_signing_key(name, key)
    return no_content()


@blueprint.delete("")
def delete_user(name):
    stored.delete(name)
    return no_content()


def no_content():
    response = Response(status=204)
    del response.headers["Content-Type"]  # there is no body
    return response
