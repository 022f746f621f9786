"""HTTPS only: plain HTTP is led there or refused, and every answer tells browsers to be careful."""

import re

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest, Forbidden

from ..credential_fields import has_credentials
from ..raw_url import raw_url

PLAIN_ORIGIN = re.compile(r"http://(?P<host>[^/]*?)(?::\d*)?/")
DEFAULT_PORT = 443
PORT = re.compile(r":(\d*)$")  # of a Host that says one
FIELDS = {
    "X-Content-Type-Options": "nosniff",  # JSON stays JSON, whatever it looks like
    "Referrer-Policy": "no-referrer",  # our URLs are nobody else's concern
}


class SentInTheClear(Forbidden):
    """What must not be overheard came over plain HTTP, where everybody on the way could read it."""

    description = "Use https://. Treat any secret you just sent as public."


def init_app(app, port=None):
    """`port` is where clients find us; by default HTTPS_PORT."""
    app.after_request(add_fields)
    app.wsgi_app = by_our_name(app, str(port or app.config["HTTPS_PORT"]))


def by_our_name(app, port):
    """Return a WSGI application that reads Host as RFC 9110 does: its case does not matter.

    A port that is not ours would be in our URLs, and lead to whoever listens there. So ours takes
    its place: who asks through a tunnel is answered, and finds links that lead to us.
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
    """Refuse plain HTTP, after what is to see those requests too: the rate limits."""
    if app.config["HTTPS"]:
        app.before_request(insist_on_https)


def insist_on_https():
    """Lead those to HTTPS who only read, as strangers (RFC 9110, section 15.4.9); refuse the rest.

    A redirect would make a client's mistake work: it would be made again, each time in the clear.
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
    """Return the URL that was asked for, with nothing changed but its scheme and port."""
    port = current_app.config["HTTPS_PORT"]
    suffix = "" if port == DEFAULT_PORT else f":{port}"
    return PLAIN_ORIGIN.sub(rf"https://\g<host>{suffix}/", raw_url(request.environ), count=1)


def add_fields(response):
    if response.status_code != 304:  # which speaks of an answer that has them
        for name, value in FIELDS.items():
            response.headers.setdefault(name, value)
    if request.is_secure:  # over plain HTTP, anybody could have added it (RFC 6797, section 7.2)
        age = current_app.config["HSTS_MAX_AGE"]
        response.headers["Strict-Transport-Security"] = f"max-age={age}"
    return response
