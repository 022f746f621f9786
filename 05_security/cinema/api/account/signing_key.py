"""A user's key for signing requests: created here, shown once, replaced by the next POST."""

import base64
import secrets

from flask import Blueprint
from werkzeug.exceptions import NotFound

from ...data.database import writing
from ...http.conditional import UNVERSIONED, check_conditions
from ...http.negotiation import JSON, offer
from ...http.preferences import answer_as_preferred
from ...users import credentials
from ...users.authentication import current_login, login_required
from ...users.authentication.cookie import refuse_other_sites
from ...users.login import WrongCredentials
from ...users.permissions import own_login, refuse_if_changed
from ..urls import version_url

blueprint = Blueprint("signing_keys", __name__)
offer(blueprint, JSON)


@blueprint.post("")
@login_required
def create_signing_key():
    refuse_other_sites()  # no JSON is needed, so another site's form could send this
    key = secrets.token_bytes(32)  # 256 bits
    login = own_login()
    check_conditions(credentials.signing_key(login.name) and UNVERSIONED)
    give_key(login, key)
    shown = represent_signing_key() | {"key": base64.b64encode(key).decode()}
    return shown, 201, {"Location": version_url("signing_keys.get_signing_key")}


@blueprint.get("")
@login_required
def get_signing_key():
    refuse_without_key()
    return represent_signing_key()


@blueprint.delete("")
@login_required
def delete_signing_key():
    refuse_without_key()
    check_conditions(UNVERSIONED)
    credentials.set_signing_key(own_login().name, None)
    return answer_as_preferred(represent_signing_key(), default="minimal")


def give_key(login, key):
    """Store a user's key; delete it again if the password was changed meanwhile."""
    credentials.set_signing_key(login.name, key)
    try:
        with writing():  # waits for a password change in progress
            refuse_if_changed(login)
    except WrongCredentials:
        credentials.set_signing_key(login.name, None)
        raise


def refuse_without_key():
    if credentials.signing_key(own_login().name) is None:
        raise NotFound("You have no signing key.")


def represent_signing_key():
    return {
        "keyid": current_login().name,
        "alg": "hmac-sha256",
        "url": version_url("signing_keys.get_signing_key"),
    }
