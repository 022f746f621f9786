"""Settings: defaults, then environment variables, then the `settings` of a test."""

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
    "HTTPS": True,  # False, as in chapter 4: for tests only
    "HTTPS_PORT": 443,  # where plain HTTP is redirected
    "HSTS_MAX_AGE": 365 * 24 * 60 * 60,  # seconds that a browser uses HTTPS only
    "TRUSTED_HOSTS": [".localhost", "127.0.0.1"],  # host names that we accept; None: any
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CREDENTIALS_DATABASE_URL": "sqlite:///credentials.db",  # never the main database
    "AUTH_SERVICE_URL": None,  # https://… of a service that stores the credentials
    "ARGON2_MEMORY_COST": 19_456,  # KiB; all three by OWASP's advice for argon2id
    "ARGON2_TIME_COST": 2,  # passes over the memory
    "ARGON2_PARALLELISM": 1,  # lanes
    "FAILED_LOGINS": "10 per minute",  # of one user from one address
    "RATE_LIMIT": "10000 per minute",  # requests from one address
    "AUTHORIZATION_SERVER_URL": "https://127.0.0.1:8205",  # issuer of the tokens that we accept
    "AUDIENCE": "https://127.0.0.1:8005",  # required audience of such a token: our URL
    "REQUIRE_IF_MATCH": False,  # True: a change without a condition is 428
    "PUBLIC_MAX_AGE": 5,  # seconds that caches may keep a public response
    "CACHE_URL": None,  # redis://… for a cache that several processes share
    "TRUSTED_PROXIES": 0,  # number of our own proxies in front of the API
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
)  # flags are 0 or 1


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
    for name in ("PASSWORD", "SECRET_KEY"):  # never in the code: the first start makes them
        app.config[name] = app.config.get(name) or kept_secret(app, name.lower())
    keep_credentials_apart(app)


def refuse_what_does_not_read(config):
    """Refuse invalid settings at the start, in one line, instead of failing at a request."""
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
    """Return the parts of a Redis URL; raise ValueError for any other URL."""
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("This is another scheme.")
    return parts, parts.port


def number(name):
    """Return the number in an environment variable; refuse anything else in one line."""
    text = os.environ[name]
    if not re.fullmatch("[0-9]{1,9}", text):
        raise click.ClickException(f"{name} is {text}: it must be a whole number, 0 or more.")
    return int(text)


def secrets_of(config):
    """Return the names of the secrets that must be set in production."""
    return [
        "CINEMA_PASSWORD",
        "SECRET_KEY",
        *(["AUTH_SERVICE_SECRET"] if config["AUTH_SERVICE_URL"] else []),
    ]


def keep_credentials_apart(app):
    """Configure a second database for the credentials, unless a service stores them."""
    if app.config["AUTH_SERVICE_URL"]:
        secret = app.config.get("AUTH_SERVICE_SECRET") or kept_secret(app, "auth_service_secret")
        app.config.from_mapping(SQLALCHEMY_BINDS={}, AUTH_SERVICE_SECRET=secret)
    else:
        app.config["SQLALCHEMY_BINDS"] = {"credentials": app.config["CREDENTIALS_DATABASE_URL"]}
