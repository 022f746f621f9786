"""Who is asking? Five mechanisms give the answer, and one decorator wants to know it."""

from functools import wraps

from flask import g, request

from ...http.credential_fields import FIELDS, has_credentials
from ..login import NotAuthenticated
from . import api_token, basic, cookie, oauth, signed_request

MECHANISMS = (basic, api_token, oauth, signed_request, cookie)
PROOFS = {*FIELDS} - {"Cookie"}  # a browser brings cookies along; these are sent on purpose


def init_app(app):
    app.before_request(check_credentials)
    app.after_request(name_proofs)


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
        g.login = authenticate() if has_credentials() else None
    return g.login


def client_name():
    """Return the name of who is asking."""
    return current_login().name


def authenticate():
    logins = (mechanism.authenticate() for mechanism in MECHANISMS)
    return next((login for login in logins if login), None)


def check_credentials():
    """Refuse wrong credentials on every URL: where none are needed, their sender should know, too.

    A cookie is never wrong: one that is not ours, or too old, is a stranger's, who may log in anew.
    """
    if any(field in request.headers for field in PROOFS):
        current_login()


def name_proofs(response):
    """Tell caches that an answer to a stranger is none to somebody who sends such fields (Vary)."""
    response.vary.update(("Authorization", "Signature-Input"))
    return response
