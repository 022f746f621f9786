"""Versions 1 and 2 of the API, side by side; only their lists differ."""

from datetime import UTC, datetime

from flask import Blueprint

from ..http.deprecation import deprecable
from . import movies, vocabulary, watchlists
from .account import password, session, signing_key, tokens
from .lists import by_cursor, by_page


def make_version(name, lists):
    """Return a version as a nested blueprint, for a URL prefix or a subdomain."""
    version = deprecable(Blueprint(name, __name__))
    version.register_blueprint(vocabulary.blueprint)
    version.register_blueprint(lists.movies, url_prefix="/movies")
    version.register_blueprint(movies.blueprint, url_prefix="/movies")
    version.register_blueprint(lists.watchlists, url_prefix="/watchlists")
    version.register_blueprint(watchlists.blueprint, url_prefix="/watchlists")
    version.register_blueprint(session.blueprint, url_prefix="/session")
    version.register_blueprint(signing_key.blueprint, url_prefix="/signing-key")
    version.register_blueprint(tokens.blueprint, url_prefix="/tokens")
    version.register_blueprint(password.blueprint, url_prefix="/password")
    return version


v1 = make_version("v1", by_page)
v2 = make_version("v2", by_cursor)

V1_ENDS = {
    "deprecated": datetime(2026, 10, 1, tzinfo=UTC),
    "sunset": datetime(2030, 1, 1, tzinfo=UTC),
}


def init_app(app):
    app.register_blueprint(v1, url_prefix="/v1", successor="v2", **V1_ENDS)
    app.register_blueprint(v2, url_prefix="/v2")
    if app.config.get("SERVER_NAME"):
        app.register_blueprint(v1, name="v1-host", subdomain="v1", successor="v2-host", **V1_ENDS)
        app.register_blueprint(v2, name="v2-host", subdomain="v2")
