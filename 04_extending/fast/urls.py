"""Remembers the URLs that it has built.

Replaces: `Flask.url_for`, through an attribute of the application. A page of 20 movies builds 20.
Gives up: memory for the last 10,000 URLs, and a URL that depends on anything but the endpoint, its
values, and where the request arrived.
"""

from functools import lru_cache

from flask import has_request_context, request

MOST_URLS = 10_000


def init_app(app):
    build = app.url_for

    @lru_cache(MOST_URLS)
    def built(_place, endpoint, values):
        return build(endpoint, **dict(values))

    def url_for(endpoint, **values):
        if not has_request_context() or endpoint.startswith("."):
            return build(endpoint, **values)
        environ = request.environ
        place = tuple(environ.get(name) for name in PLACE)
        return built(place, endpoint, tuple(values.items()))

    app.url_for = url_for


PLACE = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")
