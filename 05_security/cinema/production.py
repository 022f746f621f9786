"""Refuses to start in production (CINEMA_ENV=production) with settings made for lessons."""

import os

import click
from flask.helpers import get_debug_flag

KINDS = ("development", "production")
SHORTEST_SECRET = 32  # characters
LEAST_COSTS = {"ARGON2_MEMORY_COST": 19_456, "ARGON2_TIME_COST": 2}  # OWASP's advice for argon2id


class Unsafe(click.ClickException):
    """The unsafe settings, one per line."""


def refuse_what_is_unsafe(config, *secrets):
    """Raise Unsafe for settings that are unfit for production, or an unknown CINEMA_ENV.

    `secrets` are the names of variables that must be set: a generated secret would be in a file, in
    a backup, and different on each machine.
    """
    kind = os.environ.get("CINEMA_ENV", "development")
    if kind not in KINDS:
        raise Unsafe(f"CINEMA_ENV is {kind}: it must be one of {', '.join(KINDS)}.")
    if kind == "production" and (found := [*unsafe_secrets(secrets), *unsafe_settings(config)]):
        raise Unsafe("This is not safe in production:\n" + "\n".join(f"  {line}" for line in found))


def unsafe_secrets(names):
    for name in names:
        secret = os.environ.get(name, "")
        if not secret:
            yield f"{name} is not set: there is no secret that everybody could use."
        elif len(secret) < SHORTEST_SECRET:
            yield f"{name} is shorter than {SHORTEST_SECRET} characters: it could be guessed."


def unsafe_settings(config):
    if get_debug_flag() or config["DEBUG"]:
        yield "FLASK_DEBUG is on: it shows our code, and runs that of strangers."
    for name, least in LEAST_COSTS.items():
        if config[name] < least:
            yield f"{name} is below {least}: passwords could be found by guessing."
    if "HTTPS" in config:  # the app is public
        yield from unsafe_for_strangers(config)


def unsafe_for_strangers(config):
    if not config["HTTPS"]:
        yield "HTTPS is off: passwords and cookies would travel in the clear."
    if not config["SESSION_COOKIE_HTTPONLY"]:
        yield "SESSION_COOKIE_HTTPONLY is off: scripts could read the cookie."
    if config["SESSION_COOKIE_SAMESITE"] not in ("Lax", "Strict"):
        yield "SESSION_COOKIE_SAMESITE is neither Lax nor Strict: other sites could use the cookie."
    if not config["TRUSTED_HOSTS"]:
        yield "TRUSTED_HOSTS is empty: whatever a stranger calls us would be in our links."
