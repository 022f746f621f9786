"""A small cinema in which Flask-Security handles logins and tokens."""

from flask import Flask
from flask_security import Security

from . import config, errors, movies, own_tokens
from .first_users import add_first_users
from .models import db, users


def create_app(settings=None):
    """Create the application; `settings` override environment variables."""
    app = Flask(__name__)
    config.init_app(app, settings)
    db.init_app(app)
    security = Security(app, users)  # brings /login, /logout, /change and more
    app.json.sort_keys = False  # Flask-Security has replaced `app.json`
    security.want_json(lambda _request: True)  # otherwise a 401 is a redirect to an HTML form
    errors.init_app(app)
    app.register_blueprint(movies.blueprint, url_prefix="/movies")
    app.register_blueprint(own_tokens.blueprint, url_prefix="/tokens")
    with app.app_context():
        db.create_all()
        add_first_users()
    return app
