"""Logins that last: what the session cookie leads to, on our side."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..data.database import db, writing
from .user import User

LIFE = timedelta(hours=12)
REMEMBERED_LIFE = timedelta(days=30)
LONGEST = timedelta(days=90)  # then we ask for the password again, however often we were visited
OVERLAP = timedelta(minutes=1)  # for requests that are under way when their token is replaced


class LoginSession(db.Model):
    """A login; of its token we keep a hash only, so that a stolen database logs nobody in.

    A session that was renewed has two rows for a minute: of its new token, and of its old one.
    """

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(index=True)  # stays the same when the token is replaced
    user_name: Mapped[str] = mapped_column(ForeignKey("user.name", ondelete="CASCADE"), index=True)
    remembered: Mapped[bool]
    begun: Mapped[datetime]
    expires: Mapped[datetime]
    user: Mapped[User] = relationship(lazy="joined")


def begin_session(user_name, remembered):
    """Return the token of a new session; what has expired is cleared away."""
    db.session.execute(delete(LoginSession).where(LoginSession.expires <= now()))
    return add_token(secrets.token_urlsafe(16), user_name, remembered, begun=now())


def renew_session(token):
    """Return the token that replaces this one, or None if it needs no other, or has one already."""
    with writing():
        old = db.session.get(LoginSession, hash_of(token))
        if old is None or not is_due(old):
            return None
        new = add_token(old.login, old.user_name, old.remembered, old.begun)
        old.expires = now() + OVERLAP
    return new


def add_token(login, user_name, remembered, begun):
    """Give a session a token of its own, and a life that begins anew; return the token."""
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
    """Tell whether half of a session's life is over, and it may have another one."""
    left = session.expires - now()  # of a token that was replaced, no more than the overlap
    is_last = session.expires == session.begun + LONGEST
    return OVERLAP < left <= life(session.remembered) / 2 and not is_last


def life(remembered):
    return REMEMBERED_LIFE if remembered else LIFE


def end_session(token):
    """End the login that a token belongs to, with the token before or after it."""
    login = select(LoginSession.login).where(LoginSession.token_hash == hash_of(token))
    db.session.execute(delete(LoginSession).where(LoginSession.login.in_(login)))


def end_sessions_of(user_name, but):
    """End all logins of a user but one, or all of them if it is not theirs."""
    own = LoginSession.user_name == user_name
    db.session.execute(delete(LoginSession).where(own, LoginSession.login != but))


def find_session(token):
    """Return the session that a token belongs to, or None; its `user` is loaded with it."""
    known = select(LoginSession).where(LoginSession.expires > now())
    return db.session.scalar(known.filter_by(token_hash=hash_of(token)))


def hash_of(token):
    """A fast hash is enough for a token: unlike a password, it cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def now():
    return datetime.now(UTC).replace(tzinfo=None)  # SQLite keeps no time zone
