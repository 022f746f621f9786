"""Checks passwords, slowly: so guessing is slow too."""

import secrets
import unicodedata
from threading import Lock

from flask import current_app
from werkzeug.security import check_password_hash, generate_password_hash

from . import failed_logins
from .login import login_of
from .user import find_user

one_at_a_time = Lock()  # a check takes 128 MiB


class WrongPassword(Exception):
    """There is no such user, or this is not their password; nobody is told which."""


def hash_password(password):
    return generate_password_hash(composed(password), current_app.config["PASSWORD_METHOD"])


def check_password(name, password):
    """Return the Login of the user whose name and password these are.

    Raises WrongPassword, after the same time whether there is such a user or not; or
    TooManyRequests, when this address has failed with this name too often.
    """
    user = find_user(name)
    known = user.password_hash if user else hash_of_nothing()
    with one_at_a_time:
        failed_logins.refuse_if_too_many(name)
        right = check_password_hash(known, composed(password))
        if not (user and right):
            failed_logins.count(name)
            raise WrongPassword
    return login_of(user)


def hash_of_nothing():
    """Return a hash that no password has, but that takes as long to compare with as any."""
    return f"{current_app.config['PASSWORD_METHOD']}${secrets.token_hex(8)}${secrets.token_hex(64)}"


def composed(password):
    """Return the password as one sequence of code points, however it was typed (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
