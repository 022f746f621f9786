"""The cinema's web API: create and read movies in a database."""

from flask import Flask

from . import config
from .api import api_key, entry_point, errors, movies
from .data import database, seed
from .http import ids, problems


def create_app(settings=None):
    """Create the application; `settings` override environment variables."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # keep the order of the fields
    app.json.ensure_ascii = False  # JSON is UTF-8: Buñuel stays Buñuel
    config.init_app(app, settings)
    api_key.init_app(app)
    database.init_app(app)
    problems.init_app(app)
    errors.init_app(app)
    ids.init_app(app)
    seed.init_app(app)
    app.register_blueprint(entry_point.blueprint)
    app.register_blueprint(movies.blueprint, url_prefix="/v1/movies")
    return app
