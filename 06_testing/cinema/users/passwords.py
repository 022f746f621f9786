"""Checks passwords: slowly, so that guessing is slow, but not twice for who sends them again."""

import hashlib
import hmac
import secrets
from threading import Lock

from cachelib import SimpleCache
from flask import request
from sqlalchemy import update

from ..data.database import writing
from ..http.rate_limits import Limit
from . import credentials
from .sessions import end_sessions_of
from .tokens import revoke_tokens
from .user import User, find_user, new_stamp

PROCESS_KEY = secrets.token_bytes(32)  # what we remember is of no use outside this process
NOBODY = ""  # has no password, but is as much work

remembered = SimpleCache(threshold=1000, default_timeout=60)  # seconds
failed_logins = Limit("FAILED_LOGINS")
one_at_a_time = Lock()  # who waits is spared the work of who went first


class WrongPassword(Exception):
    """There is no such user, or this is not their password; nobody is told which."""


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
    right = credentials.verify(user.name if user else NOBODY, password)
    if right:
        remembered.set(proof(user, password), True)
    return right


def is_remembered(user, password):
    return remembered.get(proof(user, password)) is True


def proof(user, password):
    """Return what only this password of this user gives, and no longer once it is changed."""
    known = f"{user.name}\0{user.stamp}\0{password}".encode("utf-8", "surrogatepass")
    return hmac.new(PROCESS_KEY, known, hashlib.sha256).hexdigest()


def is_current(user):
    """Tell whether a user whose password was checked still has it; to be asked while writing."""
    now = find_user(user.name)
    return now is not None and now.stamp == user.stamp


def change_password(name, password, but=""):
    """Give a user a new password, and end all that the old one has opened, but for one session.

    Two databases cannot commit as one. So we end it all before, and again after: should we be
    killed between, the old password still counts, but nobody is logged in by it.
    """
    end_logins(name, but)
    credentials.set_password(name, password)
    with writing():
        credentials.set_signing_key(name, None)  # that the old password has opened meanwhile
        end_logins(name, but)


def end_logins(name, but):
    """End sessions, tokens and, by another stamp, all that has kept the one of before."""
    with writing() as connection:
        connection.execute(update(User).where(User.name == name).values(stamp=new_stamp()))
        end_sessions_of(name, but)
        revoke_tokens(name)
