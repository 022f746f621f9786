"""Where settings come from: defaults, then the environment, then what a test hands in."""

import os
import re
from urllib.parse import urlsplit

import click
from limits import parse

from . import production
from .data.kept_secrets import kept_secret

DEFAULTS = {
    "SQLALCHEMY_DATABASE_URI": "sqlite:///cinema.db",
    "MAX_CONTENT_LENGTH": 64 * 1024,  # bytes
    "HTTPS": True,  # False: as in chapter 4, for tests and for nobody else
    "HTTPS_PORT": 443,  # where plain HTTP is led
    "HSTS_MAX_AGE": 365 * 24 * 60 * 60,  # seconds for which a browser asks us by HTTPS only
    "TRUSTED_HOSTS": [".localhost", "127.0.0.1"],  # what we may be called; None: anything
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CREDENTIALS_DATABASE_URL": "sqlite:///credentials.db",  # never that of the main database
    "AUTH_SERVICE_URL": None,  # https://… for a service that has the credentials instead of us
    "ARGON2_MEMORY_COST": 19_456,  # KiB; these three are what OWASP asks of argon2id
    "ARGON2_TIME_COST": 2,  # passes over the memory
    "ARGON2_PARALLELISM": 1,  # lanes
    "FAILED_LOGINS": "10 per minute",  # of one user from one address
    "RATE_LIMIT": "10000 per minute",  # requests from one address
    "AUTHORIZATION_SERVER_URL": "https://127.0.0.1:8205",  # who issues the tokens that we take
    "AUDIENCE": "https://127.0.0.1:8005",  # whom such a token must be for: our URL
    "REQUIRE_IF_MATCH": False,  # True: nobody changes what they have not read
    "PUBLIC_MAX_AGE": 5,  # seconds for which anybody may keep a public answer
    "CACHE_URL": None,  # redis://… for a cache that several processes share
    "TRUSTED_PROXIES": 0,  # how many proxies of ours stand before us
}
ENVIRONMENT = {
    "DATABASE_URL": "SQLALCHEMY_DATABASE_URI",
    "CINEMA_PASSWORD": "PASSWORD",
    "CINEMA_URL": "AUDIENCE",
    **{name: name for name in ("SECRET_KEY", "SERVER_NAME", "FAILED_LOGINS", "RATE_LIMIT")},
    **{name: name for name in ("AUTHORIZATION_SERVER_URL", "CACHE_URL")},
    **{name: name for name in ("AUTH_SERVICE_URL", "AUTH_SERVICE_SECRET")},
    "CREDENTIALS_DATABASE_URL": "CREDENTIALS_DATABASE_URL",
}
NUMBERS = (
    "HTTPS",
    "HTTPS_PORT",
    "HSTS_MAX_AGE",
    "PUBLIC_MAX_AGE",
    "TRUSTED_PROXIES",
    "REQUIRE_IF_MATCH",
    "ARGON2_MEMORY_COST",
    "ARGON2_TIME_COST",
    "ARGON2_PARALLELISM",
)  # of these, 0 is no and 1 is yes


def init_app(app, settings, other_secrets=()):
    app.config.from_mapping(DEFAULTS)
    environment = {
        setting: os.environ[name] for name, setting in ENVIRONMENT.items() if os.environ.get(name)
    }
    numbers = {name: number(name) for name in NUMBERS if os.environ.get(name)}
    app.config.from_mapping(environment | numbers)
    if names := os.environ.get("TRUSTED_HOSTS"):
        app.config["TRUSTED_HOSTS"] = names.split(",")
    app.config.from_mapping(settings)
    refuse_what_does_not_read(app.config)
    if (own_name := app.config.get("SERVER_NAME")) and app.config["TRUSTED_HOSTS"]:
        app.config["TRUSTED_HOSTS"] = [*app.config["TRUSTED_HOSTS"], f".{own_name}"]
    production.refuse_what_is_unsafe(app.config, *secrets_of(app.config), *other_secrets)
    for name in ("PASSWORD", "SECRET_KEY"):  # none is in the code: the first start makes them
        app.config[name] = app.config.get(name) or kept_secret(app, name.lower())
    keep_credentials_apart(app)


def refuse_what_does_not_read(config):
    """Refuse in one line, when we start, what no request could be answered with."""
    for name, example, read in (
        ("FAILED_LOGINS", "10 per minute", parse),
        ("RATE_LIMIT", "10 per minute", parse),
        ("CACHE_URL", "redis://127.0.0.1:6379", redis_url),
    ):
        try:
            read(config[name] or example)
        except ValueError:
            raise click.ClickException(f"{name} must be like {example}.") from None


def redis_url(text):
    """Return the parts of a URL of Redis; raise ValueError if it is none."""
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("This is another scheme.")
    return parts, parts.port


def number(name):
    """Return the number that an environment variable says; refuse, in one line, what is none."""
    text = os.environ[name]
    if not re.fullmatch("[0-9]{1,9}", text):
        raise click.ClickException(f"{name} is {text}: it must be a whole number, 0 or more.")
    return int(text)


def secrets_of(config):
    """Return the names of the secrets that we need from outside, were this production."""
    return [
        "CINEMA_PASSWORD",
        "SECRET_KEY",
        *(["AUTH_SERVICE_SECRET"] if config["AUTH_SERVICE_URL"] else []),
    ]


def keep_credentials_apart(app):
    """Open a second database for the credentials, unless a service has them: then, none at all."""
    if app.config["AUTH_SERVICE_URL"]:
        secret = app.config.get("AUTH_SERVICE_SECRET") or kept_secret(app, "auth_service_secret")
        app.config.from_mapping(SQLALCHEMY_BINDS={}, AUTH_SERVICE_SECRET=secret)
    else:
        app.config["SQLALCHEMY_BINDS"] = {"credentials": app.config["CREDENTIALS_DATABASE_URL"]}
