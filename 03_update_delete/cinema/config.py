"""Settings: defaults, then environment variables, then the `settings` of a test."""

import os


def init_app(app, settings):
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL") or "sqlite:///cinema.db"
    app.config["API_KEY"] = os.environ.get("API_KEY")  # none: the first start makes one
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024  # bytes
    app.config.from_mapping(settings)
