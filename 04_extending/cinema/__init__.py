"""The cinema's web API: movies and watchlists, with authenticated users."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import config
from .api import api_description, entry_point, error_pages, errors, versions
from .data import database, kept_answers, revisions, seed
from .http import (
    caching,
    conditional,
    idempotency,
    ids,
    methods,
    problems,
    rate_limits,
    request_id,
)
from .users import authentication, commands, permissions
from .users.authentication import cookie, oauth, oauth_keys


def create_app(settings=None):
    """Create the application; `settings` override environment variables."""
    app = Flask(__name__, static_folder=None, subdomain_matching=True)
    app.json.sort_keys = False  # keep the order of the fields
    app.json.ensure_ascii = False  # JSON is UTF-8: Buñuel stays Buñuel
    config.init_app(app, settings)
    speak_http(app)
    keep_data(app)
    know_users(app)
    answer(app)
    return app


def speak_http(app):
    request_id.init_app(app)
    problems.init_app(app)
    conditional.init_app(app, viewer=permissions.viewer)
    caching.init_app(app)
    rate_limits.init_app(app)
    methods.init_app(app)
    ids.init_app(app)
    idempotency.init_app(app, store=kept_answers, client=authentication.client_name)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)


def keep_data(app):
    database.init_app(app)
    revisions.init_app(app)
    seed.init_app(app, commands.load_first_users)


def know_users(app):
    cookie.init_app(app)
    oauth_keys.init_app(app)
    authentication.init_app(app)
    commands.init_app(app)
    app.register_blueprint(oauth.blueprint)


def answer(app):
    errors.init_app(app)
    app.register_blueprint(entry_point.blueprint)
    app.register_blueprint(error_pages.blueprint, url_prefix="/errors")
    app.register_blueprint(api_description.blueprint)
    versions.init_app(app)
