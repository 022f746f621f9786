"""Checks passwords, slowly: so guessing is slow too. And changes them."""

from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from sqlalchemy import update
from werkzeug.exceptions import ServiceUnavailable

from ..data.database import db, give_back_connection, writing
from . import credentials, failed_logins
from .login import login_of
from .sessions import end_sessions_of
from .tokens import revoke_tokens
from .user import User, find_user, new_stamp

NOBODY = ""  # has no password, but is as much work
one_at_a_time = Lock()  # else guesses that come at once would not count for each other
line = BoundedSemaphore(16)  # of whoever is checked now, and those who wait for it


class WrongPassword(Exception):
    """There is no such user, or this is not their password; nobody is told which."""


def check_password(name, password):
    """Return the Login of the user whose name and password these are.

    Raises WrongPassword, after the same time whether there is such a user or not; or
    TooManyRequests, when this address has failed with this name too often.
    """
    user = find_user(name)
    login = login_of(user) if user else None
    with in_turn():
        failed_logins.refuse_if_too_many(name)
        if not credentials.verify(name if user else NOBODY, password):
            failed_logins.count(name)
            raise WrongPassword
    return login


@contextmanager
def in_turn():
    """Wait for our turn to check slowly, and leave the database to others meanwhile.

    Raises ServiceUnavailable if so many wait already that it would take seconds. The server must
    have more threads than may wait here: the others answer those who bring no password.
    """
    give_back_connection()
    if not line.acquire(blocking=False):
        raise ServiceUnavailable("Too many passwords are being checked.", retry_after=2)
    try:
        with one_at_a_time:
            yield
    finally:
        line.release()


def is_current(login):
    """Tell whether a user whose password was checked still has it; to be asked while writing."""
    user = find_user(login.name)
    return user is not None and user.stamp == login.stamp


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
    with writing():
        db.session.execute(update(User).where(User.name == name).values(stamp=new_stamp()))
        end_sessions_of(name, but)
        revoke_tokens(name)
