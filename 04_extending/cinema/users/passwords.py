"""Checks passwords, slowly, so that guessing is slow too."""

import secrets
import unicodedata
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from flask import current_app
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.security import check_password_hash, generate_password_hash

from ..data.database import give_back_connection
from . import failed_logins
from .login import login_of
from .user import find_user

one_at_a_time = Lock()  # a check takes 128 MiB
line = BoundedSemaphore(16)  # checks, one in progress and the others waiting


class WrongPassword(Exception):
    """Unknown user, or wrong password; the client is not told which."""


def hash_password(password):
    return generate_password_hash(composed(password), current_app.config["PASSWORD_METHOD"])


def check_password(name, password):
    """Return the Login of the user with this name and password.

    Raises WrongPassword, as late for an unknown user as for a known one, or TooManyRequests if
    this address has failed with this name too often.
    """
    user = find_user(name)
    known = user.password_hash if user else hash_of_nothing()
    login = login_of(user) if user else None
    with in_turn():
        failed_logins.refuse_if_too_many(name)
        right = check_password_hash(known, composed(password))
        if not (login and right):
            failed_logins.count(name)
            raise WrongPassword
    return login


@contextmanager
def in_turn():
    """Wait for our turn to check a password, without a connection to the database.

    Raises ServiceUnavailable if too many wait already. The server must have more threads than may
    wait here: the others answer requests without a password.
    """
    give_back_connection()
    if not line.acquire(blocking=False):
        raise ServiceUnavailable("Too many passwords are being checked.", retry_after=2)
    try:
        with one_at_a_time:
            yield
    finally:
        line.release()


def hash_of_nothing():
    """Return a hash that matches no password, but takes as long to check as any."""
    return f"{current_app.config['PASSWORD_METHOD']}${secrets.token_hex(8)}${secrets.token_hex(64)}"


def composed(password):
    """Normalize a password (NFC, RFC 8265), so that it does not matter how it was typed."""
    return unicodedata.normalize("NFC", password)
