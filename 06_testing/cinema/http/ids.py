"""Checks URLs: ids in the path, and the encoding of the query."""

from urllib.parse import unquote_to_bytes

from flask import request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter


class Id(IntegerConverter):
    """A URL converter for ids; Flask's own `int` also takes 007, ٣ and 5,000 digits."""

    regex = "[1-9][0-9]{0,17}"  # always fits the 64 bits of SQLite's integers


def init_app(app):
    app.url_map.converters["id"] = Id
    app.url_map.merge_slashes = False  # /v1//movies is not another name for /v1/movies
    app.before_request(refuse_unreadable_query)


def refuse_unreadable_query():
    """Refuse a query that is not ASCII, or not UTF-8 when decoded (RFC 3986, section 2.5).

    Flask's own server reads other bytes as Latin-1, so that a search would find nothing.
    """
    if not request.query_string.isascii():
        raise BadRequest("The query is not percent-encoded: write ô as %C3%B4.")
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        raise BadRequest("The query is not UTF-8: write ô as %C3%B4.") from None
