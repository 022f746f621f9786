"""What may stand in the API's URLs."""

from werkzeug.routing import IntegerConverter


class Id(IntegerConverter):
    """A number as we write it in our URLs; Flask's own `int` takes 007, ٣ and 5,000 digits too."""

    regex = "[1-9][0-9]{0,17}"  # always fits the 64 bits of SQLite's integers


def init_app(app):
    app.url_map.converters["id"] = Id
    app.url_map.merge_slashes = False  # /v1//movies is not another name for /v1/movies
