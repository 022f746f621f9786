"""Who is asking? Four mechanisms give the answer, and one decorator wants to know it."""

from functools import wraps

from flask import g

from . import basic, bearer, cookie, signature
from .login import NotAuthenticated

MECHANISMS = (basic, bearer, signature, cookie)


def login_required(view):
    """Let only those pass who prove who they are; for others the view does not run."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if current_login() is None:
            raise NotAuthenticated("Log in, or send credentials.")
        return view(*args, **kwargs)

    return guarded


def current_login():
    """Return the Login of who is asking, or None for a stranger.

    Raises WrongCredentials if there are credentials, and they do not prove what they say.
    """
    if "login" not in g:
        logins = (mechanism.authenticate() for mechanism in MECHANISMS)
        g.login = next((login for login in logins if login), None)
    return g.login


def check_credentials():
    """Refuse wrong credentials where none are needed, too: their sender should know."""
    current_login()
