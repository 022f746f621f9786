"""Users as OAuth sees them: resource owners, who can give to clients what they have themselves."""

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
        """Return what of a scope this user may do, and so may let a client do."""
        return common(scope, self.permissions)


def find_resource_owner(name, stamp):
    """Return the resource owner of this name; None if it is nobody's, or the stamp is another one.

    A password that is changed ends what its knower could have allowed (RFC 9700, section 4.14.2).
    """
    user = db.session.get(User, name)
    if user is None or user.stamp != stamp:
        return None
    return ResourceOwner(user.name, user.stamp, PERMISSIONS[user.role])
