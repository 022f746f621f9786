"""Session cookies: log in once, and the browser sends the cookie with each request to us.

It does so even if another site causes the request: so a change by cookie needs a CSRF token.
"""

import hashlib
import hmac

from flask import current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import Forbidden

from ..login import login_of
from ..sessions import REMEMBERED_LIFE, find_session

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
HOST_ONLY = {  # browsers take a cookie of this name over TLS only, and from this host only
    "SESSION_COOKIE_NAME": "__Host-session",  # RFC 6265bis, section 4.1.3.2
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_PATH": "/",
    "SESSION_COOKIE_DOMAIN": None,
}


def init_app(app):
    app.session_interface = SessionCookie()
    app.config["SESSION_REFRESH_EACH_REQUEST"] = (
        False  # a token is renewed when half its life is over
    )
    app.config["PERMANENT_SESSION_LIFETIME"] = REMEMBERED_LIFE
    if app.config["HTTPS"]:
        app.config.update(HOST_ONLY)


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie; if it was set over TLS, it is `Secure`: sent over TLS only.

    If there are two of the same name, ignore both: one is not ours.
    """

    def get_cookie_secure(self, app):
        return request.is_secure or super().get_cookie_secure(app)

    def open_session(self, app, request):
        if len(request.cookies.getlist(self.get_cookie_name(app))) > 1:
            return self.session_class()
        return super().open_session(app, request)


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
        refuse_without_csrf_token(found.login)
    return login_of(found.user)


def refuse_other_sites():
    """Raise Forbidden if Sec-Fetch-Site or Origin say that another site caused the request."""
    ours = f"{request.scheme}://{request.host}"  # a page sent over http: could be anybody's
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin", ours)  # a program sends none
    if site not in ("same-origin", "none") or origin != ours:
        raise Forbidden("This request comes from another site.")


def refuse_without_csrf_token(login):
    sent = request.headers.get("X-CSRF-Token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token(login).encode()):
        raise Forbidden("A change by cookie needs the session's csrf_token, as X-CSRF-Token.")


def csrf_token(login):
    """Return a session's CSRF token, which other sites cannot read from our responses."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, f"csrf {login}".encode(), hashlib.sha256).hexdigest()
