"""The users of the cinema, and what each of them may do."""

from sqlalchemy.orm import Mapped, mapped_column, validates

from ..data import validation
from ..data.database import db
from .roles import PERMISSIONS


class User(db.Model):
    """Somebody with a name and a password, of which we keep nothing but a slow, salted hash."""

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    signing_key: Mapped[bytes | None]  # both sides need it as it is, so it cannot be hashed

    @validates("name")
    def check_name(self, _name, value):
        return validation.slug(value)

    @validates("role")
    def check_role(self, _name, value):
        return validation.one_of(tuple(PERMISSIONS), value)


def find_user(name):
    """Return a user, or None."""
    return db.session.get(User, name)
