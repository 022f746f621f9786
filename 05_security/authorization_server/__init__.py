"""The cinema's authorization server (OAuth 2): here, users let clients act for them."""

from urllib.parse import urlsplit

from cinema.data import database, schema
from cinema.http import rate_limits
from cinema.http.tls import https
from cinema.users.credentials import auth_client
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import commands, config
from .endpoints import authorize, introspection, metadata, revocation, token
from .http import errors, headers, parameters
from .oauth import jwt_keys, provider


def create_app(settings=None):
    """Create the application; `settings` override environment variables."""
    app = Flask(__name__, static_folder="pages/static", template_folder="pages/templates")
    app.json.sort_keys = False
    config.init_app(app, settings)
    https.init_app(app, port=urlsplit(app.config["AUTHORIZATION_SERVER_URL"]).port)
    database.init_app(app)
    schema.init_app(app)
    auth_client.init_app(app)
    rate_limits.init_app(app)
    https.insist(app)
    jwt_keys.init_app(app)
    provider.init_app(app)
    parameters.init_app(app)
    errors.init_app(app)
    headers.init_app(app)
    commands.init_app(app)
    app.register_blueprint(authorize.blueprint)
    app.register_blueprint(token.blueprint)
    revocation.init_app(app)
    introspection.init_app(app)
    app.register_blueprint(metadata.blueprint)
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
    return app
