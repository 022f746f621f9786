"""Checks passwords: slowly, so that guessing is slow, but not twice for who sends them again."""

import hashlib
import hmac
import secrets
import unicodedata
from threading import Lock

from cachelib import SimpleCache
from flask import current_app, request
from werkzeug.security import check_password_hash, generate_password_hash

from ..http.rate_limits import Limit
from .user import find_user

PROCESS_KEY = secrets.token_bytes(32)  # what we remember is of no use outside this process

remembered = SimpleCache(threshold=1000, default_timeout=60)  # seconds
failed_logins = Limit("FAILED_LOGINS")
one_at_a_time = Lock()  # a check takes 128 MiB


class WrongPassword(Exception):
    """There is no such user, or this is not their password; nobody is told which."""


def hash_password(password):
    return generate_password_hash(composed(password), current_app.config["PASSWORD_METHOD"])


def check_password(name, password):
    """Return the row of the user whose name and password these are.

    Raises WrongPassword, after the same time whether there is such a user or not; or
    TooManyRequests, when this address has failed with this name too often.
    """
    user = find_user(name)
    if user and is_remembered(user, password):
        return user
    with one_at_a_time:
        failed_logins.refuse_if_exhausted(name, request.remote_addr)
        if not is_right(user, password):
            failed_logins.count(name, request.remote_addr)
            raise WrongPassword
    return user


def is_right(user, password):
    """Pay for the slow hash, unless another request has done so while we waited."""
    if user and is_remembered(user, password):
        return True
    known = user.password_hash if user else hash_of_nothing()
    right = check_password_hash(known, composed(password)) and user is not None
    if right:
        remembered.set(proof(user, password), True)
    return right


def is_remembered(user, password):
    return remembered.get(proof(user, password)) is True


def proof(user, password):
    """Return what only this password of this user gives, and no longer once it is changed."""
    known = f"{user.password_hash}\0{password}".encode("utf-8", "surrogatepass")
    return hmac.new(PROCESS_KEY, known, hashlib.sha256).hexdigest()


def hash_of_nothing():
    """Return a hash that no password has, but that takes as long to compare with as any."""
    return f"{current_app.config['PASSWORD_METHOD']}${secrets.token_hex(8)}${secrets.token_hex(64)}"


def composed(password):
    """Return the password as one sequence of code points, however it was typed (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
