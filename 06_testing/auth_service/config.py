"""Settings: defaults, then environment variables, then the `settings` of a test."""

import os

from cinema import production
from cinema.config import DEFAULTS, number
from cinema.data.database import CREDENTIALS
from cinema.data.kept_secrets import kept_secret

COSTS = ("ARGON2_MEMORY_COST", "ARGON2_TIME_COST", "ARGON2_PARALLELISM")
WORDS = ("AUTH_SERVICE_DATABASE_URL", "AUTH_SERVICE_SECRET")


def init_app(app, settings):
    app.config.from_mapping({name: DEFAULTS[name] for name in (*COSTS, "MAX_CONTENT_LENGTH")})
    app.config.from_mapping(AUTH_SERVICE_DATABASE_URL="sqlite:///auth_service.db")
    app.config.from_mapping({name: number(name) for name in COSTS if os.environ.get(name)})
    app.config.from_mapping({name: os.environ[name] for name in WORDS if os.environ.get(name)})
    app.config.from_mapping(settings)
    production.refuse_what_is_unsafe(app.config, "AUTH_SERVICE_SECRET")
    app.config["SQLALCHEMY_BINDS"] = {CREDENTIALS: app.config["AUTH_SERVICE_DATABASE_URL"]}
    if not app.config.get("AUTH_SERVICE_SECRET"):  # on one machine, the API reads it from the file
        app.config["AUTH_SERVICE_SECRET"] = kept_secret(app, "auth_service_secret")
