"""Authentication: four mechanisms, and a decorator for views that require a login."""

from functools import wraps

from flask import g, request

from ...http.credential_fields import FIELDS, has_credentials
from ..login import NotAuthenticated
from . import basic, cookie, oauth, signed_request

MECHANISMS = (basic, oauth, signed_request, cookie)
PROOFS = {*FIELDS} - {"Cookie"}  # browsers add cookies by themselves; these are sent on purpose


def init_app(app):
    app.before_request(check_credentials)
    app.after_request(name_proofs)


def login_required(view):
    """Run the view only for authenticated users; raise NotAuthenticated for all others."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if current_login() is None:
            raise NotAuthenticated("Log in, or send credentials.")
        return view(*args, **kwargs)

    return guarded


def current_login():
    """Return the Login of this request, or None if it has no credentials.

    Raises WrongCredentials if it has credentials that are not valid.
    """
    if "login" not in g:
        g.login = authenticate() if has_credentials() else None
    return g.login


def client_name():
    """Return the name of the authenticated user."""
    return current_login().name


def authenticate():
    logins = (mechanism.authenticate() for mechanism in MECHANISMS)
    return next((login for login in logins if login), None)


def check_credentials():
    """Refuse wrong credentials on every URL, even if it needs none: the client should know.

    A cookie is never wrong: with one that is not ours or has expired, the client is anonymous.
    """
    if any(field in request.headers for field in PROOFS):
        current_login()


def name_proofs(response):
    """Add the headers with credentials to Vary, so that caches keep responses apart."""
    response.vary.update(("Authorization", "Signature-Input"))
    return response
