"""Remembers for a minute which Basic credentials were right.

Replaces: the slow check of `users/passwords.py`, by setting `g.login`, where the cinema keeps the
Login, just before its `check_credentials`. Without this, each request with a password costs a third
of a second.
Gives up: an attacker who reads this process's memory could guess passwords quickly. We store no
password, but an HMAC under a key that ends with the process. A new password is valid at once.
"""

import hashlib
import hmac
import secrets
import time

from cinema.users import failed_logins
from cinema.users.authentication import check_credentials
from cinema.users.authentication.basic import decode
from cinema.users.login import WrongCredentials, login_of
from cinema.users.user import User
from flask import g, request
from sqlalchemy import bindparam, select
from werkzeug.exceptions import TooManyRequests

from .common import execute

USER = select(User.__table__).where(User.name == bindparam("name"))
KEY = secrets.token_bytes(32)
SECONDS, MOST = 60, 1000
proven = {}  # a proof -> when it expires


def init_app(app):
    before = app.before_request_funcs[None]
    before.insert(before.index(check_credentials), recall)
    app.after_request(remember)


def recall():
    """Set `g.login` if these credentials were right within the last minute."""
    try:
        user, password = user_and_password()
        failed_logins.refuse_if_too_many(user.name)
    except (LookupError, WrongCredentials, TooManyRequests):
        return  # the plain check answers
    made = proof(user, password)
    if proven.get(made, 0) > time.monotonic():
        g.login = login_of(user)
    else:
        g.proof = made


def user_and_password():
    """Return the user whom Basic credentials name; raise LookupError if there is none."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise LookupError
    name, password = decode(encoded.strip())
    user = execute(USER, name=name).first()
    if user is None:
        raise LookupError
    return user, password


def proof(user, password):
    """Return an HMAC of the password and the user's stamp: a new password changes it."""
    words = f"{user.name}\0{user.stamp}\0{password}".encode("utf-8", "surrogatepass")
    return hmac.new(KEY, words, hashlib.sha256).hexdigest()


def remember(response):
    """Store the proof that was made before the check: it is useless if the stamp has changed."""
    if "proof" in g and g.get("login"):
        if len(proven) >= MOST:
            proven.clear()
        proven[g.proof] = time.monotonic() + SECONDS
    return response
