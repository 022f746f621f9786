"""Hashes passwords slowly and with salt, by argon2id (RFC 9106); knows chapter 4's hashes too."""

import secrets
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from flask import current_app
from werkzeug import security

ARGON2ID = "$argon2id$"


def hash_password(password):
    """Return a hash that says itself how it was made: scheme, parameters, salt, result."""
    return hasher().hash(composed(password))


def check_password_hash(known, password):
    """Tell whether a hash is of this password; all of it, down to the last of its characters."""
    if not known.startswith(ARGON2ID):
        return security.check_password_hash(known, composed(password))
    try:
        return hasher().verify(known, composed(password))
    except VerifyMismatchError:
        return False


def is_outdated(known):
    """Tell whether a hash costs an attacker less than one that we would make now."""
    if not known.startswith(ARGON2ID):
        return True
    then, now = extract_parameters(known), hasher()
    return then.memory_cost < now.memory_cost or then.time_cost < now.time_cost


def hash_of_nothing():
    """Return a hash that no password has, but that takes as long to compare with as any."""
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
    """Return the password as one sequence of code points, however it was typed (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
