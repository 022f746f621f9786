"""The users of the cinema, and what each of them may do."""

from sqlalchemy.orm import Mapped, mapped_column, validates

from ..data import validation
from ..data.database import db
from .roles import PERMISSIONS


class User(db.Model):
    """A user: a name, a role, and a slow, salted hash of the password."""

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    signing_key: Mapped[bytes | None]  # not hashed: to verify, both sides need the key itself

    @validates("name")
    def check_name(self, _name, value):
        return validation.slug(value)

    @validates("role")
    def check_role(self, _name, value):
        return validation.one_of(tuple(PERMISSIONS), value)


def find_user(name):
    """Return a user, or None."""
    return db.session.get(User, name)
