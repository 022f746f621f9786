"""One version, of those parts that exist already."""

from importlib import import_module
from pathlib import Path

from flask import Blueprint

from . import movies, vocabulary, watchlists
from .lists import by_page

v1 = Blueprint("v1", __name__)
v1.register_blueprint(vocabulary.blueprint)
for blueprint, url in (
    (by_page.movies, "/movies"),
    (movies.blueprint, "/movies"),
    (by_page.watchlists, "/watchlists"),
    (watchlists.blueprint, "/watchlists"),
):
    v1.register_blueprint(blueprint, url_prefix=url)
for name, url in (("session", "/session"), ("signing_key", "/signing-key")):
    if Path(__file__).with_name("account").joinpath(f"{name}.py").exists():
        blueprint = import_module(f"{__package__}.account.{name}").blueprint
        v1.register_blueprint(blueprint, url_prefix=url)


def init_app(app):
    app.register_blueprint(v1, url_prefix="/v1")
