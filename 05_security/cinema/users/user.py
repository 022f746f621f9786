"""The users of the cinema, and what each of them may do."""

import secrets

from sqlalchemy.orm import Mapped, mapped_column, validates

from ..data import validation
from ..data.database import db
from .roles import PERMISSIONS


def new_stamp():
    return secrets.token_hex(8)


class User(db.Model):
    """A user: a name and a role; the credentials are not in this database."""

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    stamp: Mapped[str] = mapped_column(default=new_stamp)  # each new password changes it

    @validates("name")
    def check_name(self, _name, value):
        return validation.slug(value)

    @validates("role")
    def check_role(self, _name, value):
        return validation.one_of(tuple(PERMISSIONS), value)


def find_user(name):
    """Return a user, or None."""
    return db.session.get(User, name)
