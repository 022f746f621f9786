"""HTTPS only: redirects or refuses plain HTTP, and adds security headers."""

import re

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest, Forbidden

from ..credential_fields import has_credentials
from ..raw_url import raw_url

PLAIN_ORIGIN = re.compile(r"http://(?P<host>[^/]*?)(?::\d*)?/")
DEFAULT_PORT = 443
PORT = re.compile(r":(\d*)$")  # the port in Host
FIELDS = {
    "X-Content-Type-Options": "nosniff",  # browsers must not guess another type
    "Referrer-Policy": "no-referrer",  # tells other sites nothing about our URLs
}


class SentInTheClear(Forbidden):
    """A request with secrets came over plain HTTP, where everybody on the way could read it."""

    description = "Use https://. Treat any secret you just sent as public."


def init_app(app, port=None):
    """`port` is the one in our public URLs; by default HTTPS_PORT."""
    app.after_request(add_fields)
    app.wsgi_app = by_our_name(app, str(port or app.config["HTTPS_PORT"]))


def by_our_name(app, port):
    """Return a WSGI application that ignores the case of Host, as RFC 9110 requires.

    It also replaces a port that is not ours: otherwise our URLs would contain it, and lead to
    another server. So requests through a tunnel work, and their links lead to us.
    """
    answer = app.wsgi_app

    def called(environ, start_response):
        host = environ.get("HTTP_HOST", "").lower()
        asked = PORT.search(host)
        if asked and asked[1] not in ("", port, environ["SERVER_PORT"]):
            host = f"{host[: asked.start()]}:{port}"
        if host:
            environ["HTTP_HOST"] = host
        return answer(environ, start_response)

    return called


def insist(app):
    """Refuse plain HTTP; call it after the rate limits, which count such requests too."""
    if app.config["HTTPS"]:
        app.before_request(insist_on_https)


def insist_on_https():
    """Redirect reads without credentials (308, RFC 9110, section 15.4.9); refuse all others.

    A redirect would hide the client's mistake: it would send its secrets in the clear each time.
    """
    if request.is_secure:
        return None
    if request.method not in ("GET", "HEAD") or has_credentials() or has_body():
        raise SentInTheClear
    if not request.host:
        raise BadRequest("Say in Host whom you ask.")
    redirect = Response(status=308, headers={"Location": secure_url()})
    del redirect.headers["Content-Type"]  # there is no content
    return redirect


def has_body():
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


def secure_url():
    """Return the request's URL with only its scheme and port changed."""
    port = current_app.config["HTTPS_PORT"]
    suffix = "" if port == DEFAULT_PORT else f":{port}"
    return PLAIN_ORIGIN.sub(rf"https://\g<host>{suffix}/", raw_url(request.environ), count=1)


def add_fields(response):
    if response.status_code != 304:  # a 304 refers to a response that has them
        for name, value in FIELDS.items():
            response.headers.setdefault(name, value)
    if request.is_secure:  # never over plain HTTP (RFC 6797, section 7.2)
        age = current_app.config["HSTS_MAX_AGE"]
        response.headers["Strict-Transport-Security"] = f"max-age={age}"
    return response
