"""The login in a browser: for one consent, with one password, and ten minutes at most."""

import time

from flask import session

from ..data.resource_owners import find_resource_owner

LOGIN_LASTS = 600  # seconds


def log_in(user):
    session.clear()  # keep nothing from before the login, such as a CSRF token
    session["user"], session["stamp"] = user.name, user.stamp
    session["until"] = int(time.time()) + LOGIN_LASTS


def log_out():
    session.clear()


def current_user():
    """Return the resource owner who has logged in, or None."""
    if session.get("until", 0) < time.time():
        return None
    return find_resource_owner(session["user"], session.get("stamp"))
