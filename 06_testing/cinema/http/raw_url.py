"""Returns a request's URL as the client sent it, with nothing decoded."""

import re
from urllib.parse import quote

from werkzeug.wsgi import get_host


def raw_url(environ):
    """Return the absolute URL. WSGI decodes the path: "/a%2Fb" and "/a/b" become the same.

    Most servers also pass on the original, under one of two names; for others, the path is
    encoded again.
    """
    target = environ.get("REQUEST_URI") or environ.get("RAW_URI") or encoded_target(environ)
    path = re.sub(r"^[A-Za-z]+://[^/?#]*", "", target)  # a proxy may be sent the whole URL
    return f"{environ['wsgi.url_scheme']}://{get_host(environ)}/{path.removeprefix('/')}"


def encoded_target(environ):
    path = (environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1")
    query = environ.get("QUERY_STRING")
    return quote(path, safe="/!$&'()*+,;=:@~") + (f"?{query}" if query else "")
