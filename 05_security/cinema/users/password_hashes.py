"""Hashes passwords with argon2id (RFC 9106); also checks chapter 4's hashes."""

import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from flask import current_app
from werkzeug import security

ARGON2ID = "$argon2id$"


def hash_password(password):
    """Return a hash as text with its scheme, parameters and salt."""
    return hasher().hash(composed(password))


def check_password_hash(known, password):
    """Tell whether a hash is of this password, of which every character counts."""
    if not known.startswith(ARGON2ID):
        return security.check_password_hash(known, composed(password))
    try:
        return hasher().verify(known, composed(password))
    except VerifyMismatchError:
        return False


def is_outdated(known):
    """Tell whether a hash is cheaper to attack than one made with today's settings."""
    if not known.startswith(ARGON2ID):
        return True
    then, now = extract_parameters(known), hasher()
    return then.memory_cost < now.memory_cost or then.time_cost < now.time_cost


def hash_of_nothing():
    """Return a hash that matches no password, but takes as long to check as any."""
    now = hasher()
    cost = f"m={now.memory_cost},t={now.time_cost},p={now.parallelism}"
    salt, result = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"{ARGON2ID}v=19${cost}${salt}${result}"


def hasher():
    return PasswordHasher(
        memory_cost=current_app.config["ARGON2_MEMORY_COST"],
        time_cost=current_app.config["ARGON2_TIME_COST"],
        parallelism=current_app.config["ARGON2_PARALLELISM"],
    )


def composed(password):
    """Normalize a password (NFC, RFC 8265), so that it does not matter how it was typed."""
    return unicodedata.normalize("NFC", password)
