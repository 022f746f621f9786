"""Login and logout: a session is a resource that you create, read and delete."""

from flask import Blueprint, session
from werkzeug.exceptions import NotFound

from ...data.database import writing
from ...data.validation import flag, members, some_text
from ...http.conditional import UNVERSIONED, check_conditions
from ...http.json_body import json_object
from ...http.negotiation import JSON, offer
from ...http.preferences import answer_as_preferred
from ...users.authentication import current_login
from ...users.authentication.cookie import csrf_token, refuse_other_sites
from ...users.login import WrongCredentials
from ...users.passwords import WrongPassword, check_password
from ...users.permissions import refuse_if_changed
from ...users.roles import PERMISSIONS
from ...users.sessions import begin_session, end_session, find_session, is_due, renew_session
from ..urls import version_url

blueprint = Blueprint("sessions", __name__)
offer(blueprint, JSON)


@blueprint.post("")
def create_session():
    refuse_other_sites()  # another site must not log its visitors in (login CSRF)
    name, password, remember = read_login(json_object())
    login = login_of_user(name, password)
    with writing():
        refuse_if_changed(login)
        check_conditions(find_session(session.get("token", "")) and UNVERSIONED)
        end_session(session.get("token", ""))
        session.clear()  # keep nothing from before the login (OWASP: session fixation)
        session["token"] = begin_session(login.name, remember)
    if remember:
        session.permanent = True  # the cookie gets an expiry date, and outlives the browser
    body = represent_session(find_own_session())
    return body, 201, {"Location": version_url("sessions.get_session")}


@blueprint.get("")
def get_session():
    found = find_own_session()
    body = represent_session(found)  # before writing: the session may be deleted meanwhile
    if is_due(found) and (token := renew_session(session["token"])):
        session["token"] = token
    return body


@blueprint.delete("")
def delete_session():
    body = represent_session(find_own_session())
    current_login()  # checks the CSRF token
    with writing():
        check_conditions(UNVERSIONED)
        end_session(session["token"])
    session.clear()
    return answer_as_preferred(body, default="minimal")


def read_login(values):
    """Return name, password and `remember` (by default False); raise Invalid."""
    return members({"remember": False} | values, name=some_text, password=some_text, remember=flag)


def login_of_user(name, password):
    try:
        return check_password(name, password)
    except WrongPassword:
        raise WrongCredentials("There is no user of this name and password.") from None


def find_own_session():
    """Return the session of the request's cookie; raise NotFound if it has none."""
    found = find_session(session.get("token", ""))
    if found is None:
        raise NotFound("You have no session.")
    return found


def represent_session(found):
    return {
        "user": found.user.name,
        "role": found.user.role,
        "permissions": sorted(PERMISSIONS[found.user.role]),
        "csrf_token": csrf_token(found.login),
        "url": version_url("sessions.get_session"),
    }
