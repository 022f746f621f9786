"""The headers Allow (RFC 9110, section 10.2.1) and Accept-Patch (RFC 5789, section 3.1)."""

from flask import request

from .merge_patch import ACCEPT_PATCH


def init_app(app):
    app.after_request(describe_methods)


def describe_methods(response):
    """Sort Allow; where PATCH is allowed or was sent, add Accept-Patch."""
    if response.allow:
        response.allow = sorted(response.allow)
    if request.method == "PATCH" or "PATCH" in response.allow:
        response.headers["Accept-Patch"] = ACCEPT_PATCH
    return response
