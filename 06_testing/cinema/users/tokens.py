"""Tokens for users' programs: random, stored as a hash, with few scopes and a short life."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from ..data import validation
from ..data.database import db
from .sessions import hash_of, now
from .user import User

PREFIX = "cinema_"  # people, and programs that look for leaks, recognize it
MOST_DAYS = 365
MOST_TOKENS = 50  # of one user


class TooManyTokens(Exception):
    """The user already has the largest number of tokens."""


class ApiToken(validation.Checked, db.Model):
    """The record of a token: not the token itself, but a hash of it."""

    __table_args__ = {"sqlite_autoincrement": True}  # an id is never used again
    MEMBERS = ("name", "scopes", "days")
    DEFAULTS = {"days": 30}

    id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(ForeignKey("user.name", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    ending: Mapped[str]  # its owner recognizes it by this
    name: Mapped[str]
    scope: Mapped[str]  # separated by spaces, as in OAuth
    created: Mapped[datetime]
    expires: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")

    def __init__(self, login, values):
        """Set the values of a user's new token; raise Invalid if one is wrong."""
        self.user_name, self.grantable = login.name, sorted(login.permissions)
        self.created = now()
        self.fill(values)

    @validates("name")
    def check_name(self, _name, value):
        return validation.text(value, most=100)

    @property
    def scopes(self):
        return self.scope.split()

    @scopes.setter
    def scopes(self, words):
        """Set the scopes; each must be a permission of the owner."""
        if not isinstance(words, list) or not words or not all(w in self.grantable for w in words):
            raise ValueError(f"must be a list of some of {', '.join(self.grantable)}")
        self.scope = " ".join(sorted(set(words)))

    def live_for(self, days):
        self.expires = self.created + timedelta(validation.whole_number(days, 1, MOST_DAYS))

    days = property(fset=live_for)  # not stored: it sets `expires`


def make_token(login, values):
    """Return a new token and its record; raise Invalid or TooManyTokens."""
    known = ApiToken(login, values)
    token = PREFIX + secrets.token_urlsafe(32)  # 256 bits
    known.token_hash, known.ending = hash_of(token), token[-4:]
    db.session.execute(delete(ApiToken).where(ApiToken.expires <= now()))
    own = select(func.count()).where(ApiToken.user_name == login.name)
    if db.session.scalar(own) >= MOST_TOKENS:
        raise TooManyTokens(f"You have {MOST_TOKENS} tokens: revoke one that you do not need.")
    db.session.add(known)
    return token, known


def find_tokens(user_name):
    """Return the records of a user's tokens that have not expired."""
    return db.session.scalars(good(user_name).order_by(ApiToken.id)).all()


def find_token(user_name, token_id):
    """Return the record of this user's token with this id, or None."""
    return db.session.scalar(good(user_name).where(ApiToken.id == token_id))


def good(user_name):
    return select(ApiToken).where(ApiToken.user_name == user_name, ApiToken.expires > now())


def find_token_of_bearer(token):
    """Return a token's record, with its `user` loaded, or None."""
    known = select(ApiToken).where(ApiToken.expires > now())
    return db.session.scalar(known.filter_by(token_hash=hash_of(token)))


def revoke_token(token_id):
    db.session.execute(delete(ApiToken).where(ApiToken.id == token_id))


def revoke_tokens(user_name):
    """Revoke all of a user's tokens; a change of the password must call this, too."""
    db.session.execute(delete(ApiToken).where(ApiToken.user_name == user_name))
