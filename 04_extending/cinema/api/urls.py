"""Builds URLs within the same version of the API."""

from flask import current_app, request, url_for

FIRST_VERSION = "v1"


def version_url(endpoint, **values):
    """Return an endpoint's URL in the request's version of the API."""
    return url_for(f"{asked_version()}.{endpoint}", **values)


def asked_version():
    """Return the name of the request's version: by its route, else by its path, else v1."""
    if len(request.blueprints) > 1:
        return request.blueprints[-1]
    start = request.path.split("/")[1]
    return start if start in current_app.extensions["versions"] else FIRST_VERSION
