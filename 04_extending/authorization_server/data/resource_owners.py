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
    permissions: frozenset

    def get_user_id(self):
        return self.name

    def can_give(self, scope):
        """Return the part of a scope that the user has, and so can give to a client."""
        return common(scope, self.permissions)


def find_resource_owner(name):
    """Return the resource owner of this name, or None."""
    user = db.session.get(User, name)
    return ResourceOwner(user.name, PERMISSIONS[user.role]) if user else None
