"""Who may do what: by role and scope for movies, by ownership for watchlists."""

import hashlib
from functools import wraps

from werkzeug.exceptions import Forbidden

from .authentication import current_login
from .login import WrongCredentials
from .passwords import is_current


class NotPermitted(Exception):
    """We know who is asking, and they may not do this; `permission` is what they lack."""

    def __init__(self, permission):
        super().__init__(f"This needs the permission {permission}.")
        self.permission = permission


def permission_required(permission):
    """Let only those pass who have this permission; to be put under `@login_required`."""

    def decorate(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            if not may(permission):
                raise NotPermitted(permission)
            return view(*args, **kwargs)

        return guarded

    return decorate


def may(permission):
    """Tell whether who is asking has a permission; a stranger has none."""
    login = current_login()
    return login is not None and permission in login.permissions


def own_login():
    """Return the Login of who is asking; refuse a program that somebody has let in.

    Else a token that is narrow, and soon over, could make another that is neither.
    """
    login = current_login()
    if login.delegated:
        raise Forbidden("A token is not enough for this: log in yourself.")
    return login


def refuse_if_changed(login):
    """Open nothing that lasts by a password that was changed while we checked it."""
    if not is_current(login):
        raise WrongCredentials("This password has just been changed.")


def reader():
    """Return the name of the user whose private watchlists may be read now, or None."""
    return current_login().name if may("watchlists:read") else None


def may_change(owner):
    """Tell whether who is asking may change what belongs to this user."""
    return may("watchlists:write") and current_login().name == owner


def viewer():
    """Return a word that is the same for all who see, and may do, the same; "" for strangers."""
    login = current_login()
    if login is None:
        return ""
    who = repr((login.name, sorted(login.permissions)))
    return hashlib.sha256(who.encode()).hexdigest()[:16]


def refuse_others(owner):
    if not may_change(owner):
        raise Forbidden(f"This belongs to {owner}.")
