"""Sessions: the logins to which session cookies belong."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..data.database import db
from .user import User

LIFE = timedelta(hours=12)


class LoginSession(db.Model):
    """A login; we store only a hash of its token, so that a stolen database logs nobody in."""

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_name: Mapped[str] = mapped_column(ForeignKey("user.name", ondelete="CASCADE"), index=True)
    expires: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")


def begin_session(user_name):
    """Return the token of a new session; delete expired sessions."""
    token = secrets.token_urlsafe(32)  # 256 bits
    db.session.execute(delete(LoginSession).where(LoginSession.expires <= now()))
    db.session.add(
        LoginSession(token_hash=hash_of(token), user_name=user_name, expires=now() + LIFE)
    )
    return token


def end_session(token):
    db.session.execute(delete(LoginSession).where(LoginSession.token_hash == hash_of(token)))


def find_session(token):
    """Return a token's session, with its `user` loaded, or None."""
    known = select(LoginSession).where(LoginSession.expires > now())
    return db.session.scalar(known.filter_by(token_hash=hash_of(token)))


def hash_of(token):
    """Return a token's hash; a fast one is enough, as nobody can guess a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def now():
    return datetime.now(UTC).replace(tzinfo=None)  # SQLite keeps no time zone
