"""Session cookies: log in once, and the browser sends the cookie with each request to us.

It does so even if another site causes the request: so a change by cookie needs a CSRF token.
"""

import hashlib
import hmac

from flask import current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import Forbidden

from ..login import login_of
from ..sessions import find_session

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def init_app(app):
    app.session_interface = SessionCookie()


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie; if it was set over TLS, it is `Secure`: sent over TLS only."""

    def get_cookie_secure(self, app):
        return request.is_secure


def authenticate():
    """Return the Login of a request with a session cookie, or None if it has no valid one.

    Raises Forbidden for a change that another site may have caused.
    """
    token = session.get("token")
    found = find_session(token) if token else None
    if found is None:
        return None
    if request.method not in SAFE_METHODS:
        refuse_other_sites()
        refuse_without_csrf_token(token)
    return login_of(found.user)


def refuse_other_sites():
    """Raise Forbidden if Sec-Fetch-Site or Origin say that another site caused the request."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin", f"//{request.host}")  # a program sends none
    if site not in ("same-origin", "none") or origin.partition("//")[2] != request.host:
        raise Forbidden("This request comes from another site.")


def refuse_without_csrf_token(token):
    sent = request.headers.get("X-CSRF-Token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token(token).encode()):
        raise Forbidden("A change by cookie needs the session's csrf_token, as X-CSRF-Token.")


def csrf_token(token):
    """Return a session's CSRF token, which other sites cannot read from our responses."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"csrf {token}".encode(), hashlib.sha256).hexdigest()
