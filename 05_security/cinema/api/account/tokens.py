"""A user's tokens for their programs: created, shown once, listed and revoked."""

from flask import Blueprint
from werkzeug.exceptions import Conflict, NotFound

from ...data.database import writing
from ...http.conditional import UNVERSIONED, check_conditions
from ...http.json_body import json_object
from ...http.negotiation import JSON, offer
from ...http.preferences import answer_as_preferred
from ...users.authentication import login_required
from ...users.permissions import own_login, refuse_if_changed
from ...users.tokens import (
    TooManyTokens,
    find_token,
    find_tokens,
    make_token,
    revoke_token,
    revoke_tokens,
)
from ..urls import version_url

blueprint = Blueprint("tokens", __name__)
offer(blueprint, JSON)


@blueprint.post("")
@login_required
def create_token():
    login, values = own_login(), json_object()
    with writing():
        refuse_if_changed(login)
        check_conditions(UNVERSIONED)  # the resource is the list
        token, known = make_token_or_refuse(login, values)
    shown = represent_token(known) | {"token": token}
    return shown, 201, {"Location": token_url(known)}


@blueprint.get("")
@login_required
def list_tokens():
    return {"tokens": [represent_token(known) for known in find_tokens(own_login().name)]}


@blueprint.delete("")
@login_required
def delete_tokens():
    with writing():
        check_conditions(UNVERSIONED)
        body = list_tokens()
        revoke_tokens(own_login().name)
    return answer_as_preferred(body, default="minimal")


@blueprint.get("/<id:token_id>")
@login_required
def get_token(token_id):
    return represent_token(find_own_token(token_id))


@blueprint.delete("/<id:token_id>")
@login_required
def delete_token(token_id):
    with writing():
        body = represent_token(find_own_token(token_id))
        check_conditions(UNVERSIONED)
        revoke_token(token_id)
    return answer_as_preferred(body, default="minimal")


def find_own_token(token_id):
    """Return the user's token with this id; raise NotFound if they have none."""
    known = find_token(own_login().name, token_id)
    if known is None:
        raise NotFound(f"You have no token {token_id}.")
    return known


def make_token_or_refuse(login, values):
    try:
        return make_token(login, values)
    except TooManyTokens as error:
        raise Conflict(str(error)) from None


def represent_token(known):
    """Return a token's record as a dictionary, without the hash."""
    return {
        "id": known.id,
        "name": known.name,
        "scopes": known.scopes,
        "ending": known.ending,
        "created": in_utc(known.created),
        "expires": in_utc(known.expires),
        "url": token_url(known),
    }


def in_utc(moment):
    """Format a datetime in UTC (RFC 3339)."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def token_url(known):
    return version_url("tokens.get_token", token_id=known.id)
