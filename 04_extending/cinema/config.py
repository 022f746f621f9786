"""Settings: defaults, then environment variables, then the `settings` of a test."""

import os
import re
from urllib.parse import urlsplit

import click
from limits import parse

from .data.kept_secrets import kept_secret

DEFAULTS = {
    "SQLALCHEMY_DATABASE_URI": "sqlite:///cinema.db",
    "MAX_CONTENT_LENGTH": 64 * 1024,  # bytes
    "SESSION_COOKIE_SAMESITE": "Lax",
    "PASSWORD_METHOD": "scrypt:131072:8:1",  # OWASP's advice for scrypt: 128 MiB, about 0.3 s
    "FAILED_LOGINS": "10 per minute",  # of one user from one address
    "RATE_LIMIT": "10000 per minute",  # requests from one address
    "AUTHORIZATION_SERVER_URL": "http://127.0.0.1:8104",  # issuer of the tokens that we accept
    "AUDIENCE": "http://127.0.0.1:8004",  # required audience of such a token: our URL
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
    **{name: name for name in ("AUTHORIZATION_SERVER_URL", "CACHE_URL", "PASSWORD_METHOD")},
}
NUMBERS = (
    "PUBLIC_MAX_AGE",
    "TRUSTED_PROXIES",
    "REQUIRE_IF_MATCH",
)  # flags are 0 or 1


def init_app(app, settings):
    app.config.from_mapping(DEFAULTS)
    environment = {
        setting: os.environ[name] for name, setting in ENVIRONMENT.items() if os.environ.get(name)
    }
    numbers = {name: number(name) for name in NUMBERS if os.environ.get(name)}
    app.config.from_mapping(environment | numbers)
    app.config.from_mapping(settings)
    refuse_what_does_not_read(app.config)
    for name in ("PASSWORD", "SECRET_KEY"):  # never in the code: the first start makes them
        app.config[name] = app.config.get(name) or kept_secret(app, name.lower())


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
