"""Says of every URL what can be done with it (RFC 9110, section 10.2.1; RFC 5789, section 3.1)."""

from flask import request
from werkzeug.exceptions import NotImplemented as MethodNotImplemented

from .merge_patch import ACCEPT_PATCH

KNOWN = {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}


def init_app(app):
    app.before_request(refuse_unknown_method)
    app.after_request(describe_methods)


def refuse_unknown_method():
    """Answer 501 to what no URL of ours could do; 405 says that another one can.

    Methods differ in case (RFC 9110, section 9.1), but Werkzeug would take "get" for GET.
    """
    if request.environ["REQUEST_METHOD"] not in KNOWN:
        raise MethodNotImplemented("No part of this API knows this method.")


def describe_methods(response):
    """Put Allow in order, and wherever PATCH comes up say which patches we read."""
    allowed = response.headers.get("Allow", "")
    if allowed:
        response.allow = sorted(response.allow)
    if request.method == "PATCH" or "PATCH" in allowed:
        response.headers["Accept-Patch"] = ACCEPT_PATCH
    return response
