"""Who may do what: by role and scope for movies, by ownership for watchlists."""

import hashlib
from functools import wraps

from werkzeug.exceptions import Forbidden

from .authentication import current_login


class NotPermitted(Exception):
    """The user is known, but lacks this `permission`."""

    def __init__(self, permission):
        super().__init__(f"This needs the permission {permission}.")
        self.permission = permission


def permission_required(permission):
    """Run the view only with this permission; put it below `@login_required`."""

    def decorate(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            if not may(permission):
                raise NotPermitted(permission)
            return view(*args, **kwargs)

        return guarded

    return decorate


def may(permission):
    """Tell whether the request has a permission; without a login, it has none."""
    login = current_login()
    return login is not None and permission in login.permissions


def reader():
    """Return the name of the user whose private watchlists may be read now, or None."""
    return current_login().name if may("watchlists:read") else None


def may_change(owner):
    """Tell whether this request may change what belongs to `owner`."""
    return may("watchlists:write") and current_login().name == owner


def viewer():
    """Return a word for this user and their permissions, to put in ETags; "" without a login."""
    login = current_login()
    if login is None:
        return ""
    who = repr((login.name, sorted(login.permissions)))
    return hashlib.sha256(who.encode()).hexdigest()[:16]


def refuse_others(owner):
    if not may_change(owner):
        raise Forbidden(f"This belongs to {owner}.")
