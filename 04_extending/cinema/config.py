"""Where settings come from: defaults, then the environment, then what a test hands in."""

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
    "PASSWORD_METHOD": "scrypt:131072:8:1",  # what OWASP asks of scrypt: 128 MiB, about 0.3 s
    "FAILED_LOGINS": "10 per minute",  # of one user from one address
    "RATE_LIMIT": "10000 per minute",  # requests from one address
    "AUTHORIZATION_SERVER_URL": "http://127.0.0.1:8104",  # who issues the tokens that we take
    "AUDIENCE": "http://127.0.0.1:8004",  # whom such a token must be for: our URL
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
    **{name: name for name in ("AUTHORIZATION_SERVER_URL", "CACHE_URL", "PASSWORD_METHOD")},
}
NUMBERS = (
    "PUBLIC_MAX_AGE",
    "TRUSTED_PROXIES",
    "REQUIRE_IF_MATCH",
)  # of these, 0 is no and 1 is yes


def init_app(app, settings):
    app.config.from_mapping(DEFAULTS)
    environment = {
        setting: os.environ[name] for name, setting in ENVIRONMENT.items() if os.environ.get(name)
    }
    numbers = {name: number(name) for name in NUMBERS if os.environ.get(name)}
    app.config.from_mapping(environment | numbers)
    app.config.from_mapping(settings)
    refuse_what_does_not_read(app.config)
    for name in ("PASSWORD", "SECRET_KEY"):  # none is in the code: the first start makes them
        app.config[name] = app.config.get(name) or kept_secret(app, name.lower())


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
