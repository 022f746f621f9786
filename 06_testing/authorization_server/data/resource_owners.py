"""Users in the terms of OAuth: resource owners, who give clients their own permissions."""

from dataclasses import dataclass

from cinema.data.database import db
from cinema.users.roles import PERMISSIONS
from cinema.users.user import User

from .scopes import common


@dataclass(frozen=True)
class ResourceOwner:
    """A user of the cinema."""

    name: str
    stamp: str  # each new password changes it
    permissions: frozenset

    def get_user_id(self):
        return self.name

    def can_give(self, scope):
        """Return the part of a scope that the user has, and so can give to a client."""
        return common(scope, self.permissions)


def find_resource_owner(name, stamp):
    """Return the resource owner with this name and stamp, or None.

    A new password changes the stamp, and so ends earlier consents (RFC 9700, section 4.14.2).
    """
    user = db.session.get(User, name)
    if user is None or user.stamp != stamp:
        return None
    return ResourceOwner(user.name, user.stamp, PERMISSIONS[user.role])
