"""Checks passwords, slowly, so that guessing is slow too; and changes them."""

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

NOBODY = ""  # has no password, but takes as long to check
one_at_a_time = Lock()  # so that all parallel guesses are counted
line = BoundedSemaphore(16)  # checks, one in progress and the others waiting


class WrongPassword(Exception):
    """Unknown user, or wrong password; the client is not told which."""


def check_password(name, password):
    """Return the Login of the user with this name and password.

    Raises WrongPassword, as late for an unknown user as for a known one, or TooManyRequests if
    this address has failed with this name too often.
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


def is_current(login):
    """Tell whether the user's password is the same as at login; call it in `writing()`."""
    user = find_user(login.name)
    return user is not None and user.stamp == login.stamp


def change_password(name, password, but=""):
    """Set a user's new password, and end all logins by the old one, except for one session.

    Two databases cannot commit as one. So we end the logins before the change, and again after it:
    after a crash in between, the old password is still valid, but nobody is logged in with it.
    """
    end_logins(name, but)
    credentials.set_password(name, password)
    with writing():
        credentials.set_signing_key(name, None)  # made meanwhile with the old password
        end_logins(name, but)


def end_logins(name, but):
    """End a user's sessions and tokens; a new stamp ends all that keeps the old stamp."""
    with writing():
        db.session.execute(update(User).where(User.name == name).values(stamp=new_stamp()))
        end_sessions_of(name, but)
        revoke_tokens(name)
