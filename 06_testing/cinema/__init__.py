"""The cinema's web API: movies and watchlists, for users who prove who they are."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import config
from .api import api_description, entry_point, error_pages, errors, versions
from .data import database, revisions, schema, seed
from .http import caching, certificates, conditional, https, ids, methods, rate_limits, request_id
from .users import commands
from .users.authentication import cookie, oauth, oauth_keys
from .users.credentials import service


class Cinema(Flask):
    """A Flask application without coroutines."""

    def ensure_sync(self, function):
        return function  # Flask would look at each function that it calls, for each request


def create_app(settings=None):
    """Make the application; `settings` override what the environment says."""
    app = Cinema(__name__, static_folder=None, subdomain_matching=True)
    app.json.sort_keys = False  # bodies read in the order of the model
    app.json.ensure_ascii = False  # JSON is UTF-8: Buñuel stays Buñuel
    config.init_app(app, settings)
    for capability in (
        database,
        schema,
        revisions,
        request_id,
        errors,
        https,
        conditional,
        caching,
        rate_limits,
        methods,
        ids,
        oauth_keys,
        cookie,
        service,
        commands,
        certificates,
    ):
        capability.init_app(app)
    app.cli.add_command(seed.seed)
    app.register_blueprint(entry_point.blueprint)
    app.register_blueprint(error_pages.blueprint, url_prefix="/errors")
    app.register_blueprint(api_description.blueprint)
    app.register_blueprint(oauth.blueprint)
    versions.init_app(app)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
    return app
