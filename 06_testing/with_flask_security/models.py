"""The models: movies, and users with roles, whose columns come from Flask-Security."""

from flask_security import SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

db = SQLAlchemy()
fsqla_v3.FsModels.set_db_info(db)


class Role(db.Model, fsqla_v3.FsRoleMixin):
    """A name for permissions that belong together."""


class User(db.Model, fsqla_v3.FsUserMixin):
    """A user with a password, and an `fs_uniquifier` that is part of all their tokens."""


class Movie(db.Model):
    """A film, as small as it can be: this chapter's cinema has the real ones."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]


users = SQLAlchemyUserDatastore(db, User, Role)
