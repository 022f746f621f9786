"""The user's own password: it can be changed, but never read."""

from flask import Blueprint, session

from ...data.database import writing
from ...data.validation import Invalid, members, some_text
from ...http.conditional import UNVERSIONED, check_conditions
from ...http.json_body import json_object
from ...http.negotiation import JSON, offer
from ...http.preferences import answer_as_preferred
from ...users.authentication import login_required
from ...users.password_rules import check_new_password
from ...users.passwords import WrongPassword, change_password, check_password, end_logins
from ...users.permissions import own_login, refuse_if_changed
from ...users.sessions import find_session

blueprint = Blueprint("own_password", __name__)
offer(blueprint, JSON)


@blueprint.put("")
@login_required
def change_own_password():
    name, values = own_login().name, json_object()
    current, new = members(values, current=some_text, new=rule_for(name))
    login = login_by(name, current)
    with writing():
        refuse_if_changed(login)
        check_conditions(UNVERSIONED)
        end_logins(name, but=own_session())  # logins in progress now fail
    change_password(name, new, but=own_session())
    return answer_as_preferred({"user": name})


def rule_for(name):
    return lambda value: check_new_password(value, name)


def login_by(name, password):
    """Check the current password, as a session is not enough; raise Invalid if it is wrong."""
    try:
        return check_password(name, password)
    except WrongPassword:
        raise Invalid({"current": "is not your password"}) from None


def own_session():
    """Return the `login` of the request's session, or "" if it has none."""
    found = find_session(session.get("token", ""))
    return found.login if found else ""
