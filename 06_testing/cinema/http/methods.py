"""The headers Allow (RFC 9110, section 10.2.1) and Accept-Patch (RFC 5789, section 3.1)."""

from flask import request
from werkzeug.exceptions import NotImplemented as MethodNotImplemented

from .merge_patch import ACCEPT_PATCH

KNOWN = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}


def init_app(app):
    app.before_request(refuse_unknown_method)
    app.after_request(describe_methods)


def refuse_unknown_method():
    """Answer 501 to an unknown method; 405 is for one that another URL may allow.

    Methods are case-sensitive (RFC 9110, section 9.1), but Werkzeug would take "get" for GET.
    """
    if request.environ["REQUEST_METHOD"] not in KNOWN:
        raise MethodNotImplemented("No part of this API knows this method.")


def describe_methods(response):
    """Sort Allow; where PATCH is allowed or was sent, add Accept-Patch."""
    allowed = response.headers.get("Allow", "")
    if allowed:
        response.allow = sorted(response.allow)
    if request.method == "PATCH" or "PATCH" in allowed:
        response.headers["Accept-Patch"] = ACCEPT_PATCH
    return response
