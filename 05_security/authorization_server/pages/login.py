"""Who has logged in with this browser: for one decision, by this password, and not for long."""

import time

from flask import session

from ..data.resource_owners import find_resource_owner

LOGIN_LASTS = 600  # seconds


def log_in(user):
    session.clear()  # what was said before the login, a CSRF token too, is of no use after it
    session["user"], session["stamp"] = user.name, user.stamp
    session["until"] = int(time.time()) + LOGIN_LASTS


def log_out():
    session.clear()


def current_user():
    """Return the resource owner who has logged in, or None."""
    if session.get("until", 0) < time.time():
        return None
    return find_resource_owner(session["user"], session.get("stamp"))
