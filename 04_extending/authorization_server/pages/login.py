"""The login in a browser: for one consent, and ten minutes at most."""

import time

from flask import session

from ..data.resource_owners import find_resource_owner

LOGIN_LASTS = 600  # seconds


def log_in(name):
    session.clear()  # keep nothing from before the login, such as a CSRF token
    session["user"] = name
    session["until"] = int(time.time()) + LOGIN_LASTS


def log_out():
    session.clear()


def current_user():
    """Return the resource owner who has logged in, or None."""
    if session.get("until", 0) < time.time():
        return None
    return find_resource_owner(session["user"])
