"""A user's key for signing requests: created here, shown once, replaced by the next POST."""

import base64
import secrets

from flask import Blueprint
from werkzeug.exceptions import Forbidden, NotFound

from ...data.database import db, writing
from ...http.conditional import UNVERSIONED, check_conditions
from ...http.negotiation import JSON, offer
from ...http.preferences import answer_as_preferred
from ...users.authentication import current_login, login_required
from ...users.authentication.cookie import refuse_other_sites
from ...users.user import User
from ..urls import version_url

blueprint = Blueprint("signing_keys", __name__)
offer(blueprint, JSON)


@blueprint.post("")
@login_required
def create_signing_key():
    refuse_other_sites()  # no JSON is needed, so another site's form could send this
    key = secrets.token_bytes(32)  # 256 bits
    with writing():
        user = find_own_user()
        check_conditions(user.signing_key and UNVERSIONED)
        user.signing_key = key
    shown = represent_signing_key() | {"key": base64.b64encode(key).decode()}
    return shown, 201, {"Location": version_url("signing_keys.get_signing_key")}


@blueprint.get("")
@login_required
def get_signing_key():
    refuse_without_key(find_own_user())
    return represent_signing_key()


@blueprint.delete("")
@login_required
def delete_signing_key():
    with writing():
        user = find_own_user()
        refuse_without_key(user)
        check_conditions(UNVERSIONED)
        user.signing_key = None
    return answer_as_preferred(represent_signing_key(), default="minimal")


def find_own_user():
    login = current_login()
    if login.delegated:  # a short-lived token must not create a lasting key
        raise Forbidden("A token is not enough for this: log in yourself.")
    return db.session.get(User, login.name)


def refuse_without_key(user):
    if user.signing_key is None:
        raise NotFound("You have no signing key.")


def represent_signing_key():
    return {
        "keyid": current_login().name,
        "alg": "hmac-sha256",
        "url": version_url("signing_keys.get_signing_key"),
    }
