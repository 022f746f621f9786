"""What all authentication mechanisms use: the Login that they return, and their errors."""

from dataclasses import dataclass

from .roles import PERMISSIONS


@dataclass(frozen=True)
class Login:
    """The name of the authenticated user, and what these credentials permit."""

    name: str
    permissions: frozenset
    delegated: bool = False  # a program acts for the user (OAuth)
    stamp: str = ""  # of the user at login; a new password changes it


class NotAuthenticated(Exception):
    """The request is not authenticated."""


class WrongCredentials(NotAuthenticated):
    """The credentials in the request are wrong."""


class InvalidToken(WrongCredentials):
    """The bearer token is malformed, forged, expired, or meant for somebody else."""


def login_of(user):
    """Return the Login of a user."""
    return Login(user.name, PERMISSIONS[user.role], stamp=user.stamp)
