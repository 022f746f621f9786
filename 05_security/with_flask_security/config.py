"""Settings: where we differ from Flask-Security's defaults."""

import os

from cinema.data.kept_secrets import kept_secret

DEFAULTS = {
    "SQLALCHEMY_DATABASE_URI": "sqlite:///with_flask_security.db",
    "SESSION_COOKIE_NAME": "with_flask_security",  # cookies ignore ports
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SECURITY_CACHE_CONTROL": {"no-store": None},  # the default would be written no-store=True
    "SECURITY_API_ENABLED_METHODS": ["token"],  # the login's cookie is not accepted
    "WTF_CSRF_ENABLED": False,  # so CSRF is not possible
    "SECURITY_TOKEN_AUTHENTICATION_KEY": None,  # otherwise ?auth_token=… in a URL would work, too
    "SECURITY_RETURN_GENERIC_RESPONSES": True,  # the same for unknown user and wrong password
    "SECURITY_CHANGEABLE": True,  # /change is for passwords
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
}
SECRETS = {  # by setting: the file in the instance folder that the first start makes
    "SECRET_KEY": "with_flask_security_secret",
    "SECURITY_PASSWORD_SALT": "with_flask_security_salt",  # the same for all users
    "PASSWORD": "password",  # of the first users, as in the cinema
}


def init_app(app, settings):
    app.config.from_mapping(DEFAULTS)
    app.config["PASSWORD"] = os.environ.get("CINEMA_PASSWORD")
    app.config.from_mapping(settings)
    for setting, file in SECRETS.items():
        app.config[setting] = app.config.get(setting) or kept_secret(app, file)
