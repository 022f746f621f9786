"""The cinema's web API: create, read, update and delete movies and watchlists."""

from flask import Flask

from . import config
from .api import api_key, entry_point, errors, movies, vocabulary, watchlists
from .data import database, seed
from .http import ids, methods, problems


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
    methods.init_app(app)
    ids.init_app(app)
    seed.init_app(app)
    app.register_blueprint(entry_point.blueprint)
    app.register_blueprint(vocabulary.blueprint, url_prefix="/v1")
    app.register_blueprint(movies.blueprint, url_prefix="/v1/movies")
    app.register_blueprint(watchlists.blueprint, url_prefix="/v1/watchlists")
    return app
