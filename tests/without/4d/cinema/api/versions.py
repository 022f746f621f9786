"""One version, of those parts that exist already."""

from importlib import import_module
from importlib.util import find_spec

from flask import Blueprint

from ..users.authentication import check_credentials
from . import lists_by_page, movies, vocabulary, watchlists

v1 = Blueprint("v1", __name__)
v1.register_blueprint(vocabulary.blueprint)
for blueprint, url in (
    (lists_by_page.movies, "/movies"),
    (movies.blueprint, "/movies"),
    (lists_by_page.watchlists, "/watchlists"),
    (watchlists.blueprint, "/watchlists"),
):
    blueprint.before_request(check_credentials)
    v1.register_blueprint(blueprint, url_prefix=url)
for name, url in (("session", "/session"), ("signing_key", "/signing-key")):
    if find_spec(f"{__package__}.{name}"):
        v1.register_blueprint(import_module(f"{__package__}.{name}").blueprint, url_prefix=url)


def init_app(app):
    app.register_blueprint(v1, url_prefix="/v1")
