"""The cinema's authorization server (OAuth 2): here, users let clients act for them."""

from cinema.data import database
from cinema.http import rate_limits
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
    database.init_app(app)
    rate_limits.init_app(app)
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
    proxies = app.config["TRUSTED_PROXIES"]
    app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, x_prefix=0)
    return app
