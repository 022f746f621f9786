"""Sessions: the logins to which session cookies belong."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..data.database import db, writing
from .user import User

LIFE = timedelta(hours=12)
REMEMBERED_LIFE = timedelta(days=30)
LONGEST = timedelta(days=90)  # then the user must log in again, in any case
OVERLAP = timedelta(minutes=1)  # for requests in progress when their token is replaced


class LoginSession(db.Model):
    """A login; we store only a hash of its token, so that a stolen database logs nobody in.

    For a minute after a renewal, a session has two rows: one for each token.
    """

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(index=True)  # stays the same when the token is replaced
    user_name: Mapped[str] = mapped_column(ForeignKey("user.name", ondelete="CASCADE"), index=True)
    remembered: Mapped[bool]
    begun: Mapped[datetime]
    expires: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")


def begin_session(user_name, remembered):
    """Return the token of a new session; delete expired sessions."""
    db.session.execute(delete(LoginSession).where(LoginSession.expires <= now()))
    return add_token(secrets.token_urlsafe(16), user_name, remembered, begun=now())


def renew_session(token):
    """Return a new token for a session, or None if it is not due, or has been replaced."""
    with writing():
        old = db.session.get(LoginSession, hash_of(token))
        if old is None or not is_due(old):
            return None
        new = add_token(old.login, old.user_name, old.remembered, old.begun)
        old.expires = now() + OVERLAP
    return new


def add_token(login, user_name, remembered, begun):
    """Add a token to a session, with a new lifetime; return the token."""
    token = secrets.token_urlsafe(32)  # 256 bits
    db.session.add(
        LoginSession(
            token_hash=hash_of(token),
            login=login,
            user_name=user_name,
            remembered=remembered,
            begun=begun,
            expires=min(now() + life(remembered), begun + LONGEST),
        )
    )
    return token


def is_due(session):
    """Tell whether half of a session's lifetime is over, and it may be renewed."""
    left = session.expires - now()  # for a replaced token, at most OVERLAP
    is_last = session.expires == session.begun + LONGEST
    return OVERLAP < left <= life(session.remembered) / 2 and not is_last


def life(remembered):
    return REMEMBERED_LIFE if remembered else LIFE


def end_session(token):
    """End the session that a token belongs to, with all its tokens."""
    login = select(LoginSession.login).where(LoginSession.token_hash == hash_of(token))
    db.session.execute(delete(LoginSession).where(LoginSession.login.in_(login)))


def end_sessions_of(user_name, but):
    """End all sessions of a user, except the one whose `login` is `but`."""
    own = LoginSession.user_name == user_name
    db.session.execute(delete(LoginSession).where(own, LoginSession.login != but))


def find_session(token):
    """Return a token's session, with its `user` loaded, or None."""
    known = select(LoginSession).where(LoginSession.expires > now())
    return db.session.scalar(known.filter_by(token_hash=hash_of(token)))


def hash_of(token):
    """Return a token's hash; a fast one is enough, as nobody can guess a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def now():
    return datetime.now(UTC).replace(tzinfo=None)  # SQLite keeps no time zone
