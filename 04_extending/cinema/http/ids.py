"""What may stand in the API's URLs, and how URLs lead on within a version of it."""

from flask import current_app, request, url_for
from werkzeug.routing import IntegerConverter

FIRST_VERSION = "v1"


class Id(IntegerConverter):
    """A number as we write it in our URLs; Flask's own `int` takes 007, ٣ and 5,000 digits too."""

    regex = "[1-9][0-9]{0,17}"  # always fits the 64 bits of SQLite's integers


def init_app(app):
    app.url_map.converters["id"] = Id
    app.url_map.merge_slashes = False  # /v1//movies is not another name for /v1/movies


def version_url(endpoint, **values):
    """Return a URL in the version of the API that was asked."""
    return url_for(f"{asked_version()}.{endpoint}", **values)


def asked_version():
    """Return a version's name; where no route was found, the path tells, or it is the first."""
    if len(request.blueprints) > 1:
        return request.blueprints[-1]
    start = request.path.split("/")[1]
    return start if start in current_app.extensions["versions"] else FIRST_VERSION
