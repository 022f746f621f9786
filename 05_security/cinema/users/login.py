"""What the mechanisms of authentication have in common: the login that they return or refuse."""

from dataclasses import dataclass

from .roles import PERMISSIONS


@dataclass(frozen=True)
class Login:
    """Who is asking, by name, and what they may do with the credentials that they used."""

    name: str
    permissions: frozenset
    delegated: bool = False  # the credentials are a program's that somebody has let in
    stamp: str = ""  # of the user when we looked: it is another one once the password is changed


class NotAuthenticated(Exception):
    """We do not know who is asking."""


class WrongCredentials(NotAuthenticated):
    """What was sent does not prove who has sent it."""


class InvalidToken(WrongCredentials):
    """The bearer token is malformed, forged, expired, or meant for somebody else."""


def login_of(user):
    """Return the Login of a user."""
    return Login(user.name, PERMISSIONS[user.role], stamp=user.stamp)
