"""The authentication service: only it stores passwords and signing keys."""

from cinema.data import database, schema
from flask import Flask

from . import config, errors, health, secret, users, verifications


def create_app(settings=None):
    """Create the application; `settings` override environment variables."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False
    config.init_app(app, settings)
    database.init_app(app)
    schema.init_app(app)
    errors.init_app(app)
    secret.init_app(app)
    app.register_blueprint(health.blueprint, url_prefix="/health")
    app.register_blueprint(verifications.blueprint, url_prefix="/verifications")
    app.register_blueprint(users.blueprint, url_prefix="/users/<name>")
    return app
