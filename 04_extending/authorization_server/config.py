"""Settings: those of the cinema, and a few of our own."""

import os

import click
from authlib.common.security import is_secure_transport
from cinema import config
from cinema.data.kept_secrets import kept_secret

OWN_SECRETS = ("AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET")


def init_app(app, settings):
    app.config["SESSION_COOKIE_NAME"] = "authorization_session"  # cookies ignore ports
    app.config.from_mapping({name: os.environ.get(name) for name in OWN_SECRETS})
    config.init_app(app, settings)
    for name in OWN_SECRETS:
        app.config[name] = app.config[name] or kept_secret(app, name.lower())
    # A key of our own: nobody can log in here, or make a token, with the API's key.
    app.config["SECRET_KEY"] = app.config["AUTHORIZATION_SERVER_SECRET"]
    issuer = app.config["AUTHORIZATION_SERVER_URL"]
    check_issuer(issuer)
    app.config["SESSION_COOKIE_SECURE"] = issuer.startswith("https://")


def check_issuer(url):
    """Refuse http:// on another machine: we receive passwords, codes and tokens (RFC 8252)."""
    if not is_secure_transport(url):
        raise click.ClickException(
            f"AUTHORIZATION_SERVER_URL is {url}: it must be https://, or http://127.0.0.1."
        )
