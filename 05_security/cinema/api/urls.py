"""How URLs lead on within a version of the API."""

from flask import current_app, request, url_for

FIRST_VERSION = "v1"


def version_url(endpoint, **values):
    """Return a URL in the version of the API that was asked."""
    return url_for(f"{asked_version()}.{endpoint}", **values)


def asked_version():
    """Return a version's name; where no route was found, the path tells, or it is the first."""
    if len(request.blueprints) > 1:
        return request.blueprints[-1]
    start = request.path.split("/")[1]
    return start if start in current_app.extensions["versions"] else FIRST_VERSION
