"""Credentials in a database of their own, with slow password hashes."""

from sqlalchemy.orm import Mapped, mapped_column

from ...data.database import CREDENTIALS, db, give_back_connection, session_of, writing
from ..password_hashes import check_password_hash, hash_of_nothing, hash_password, is_outdated


class Credential(db.Model):
    """A user's credentials: a slow, salted hash of the password, and a signing key."""

    __bind_key__ = CREDENTIALS

    user_name: Mapped[str] = mapped_column(primary_key=True)  # the users are in another database
    password_hash: Mapped[str]
    signing_key: Mapped[bytes | None]  # not hashed: to verify, both sides need the key itself


def verify(name, password):
    """Tell whether this is the user's password; an unknown user takes as long.

    It replaces a hash that is weaker than today's: only now do we know the password.
    """
    known = find(name)
    known_hash = known.password_hash if known else hash_of_nothing()
    give_back_connection(CREDENTIALS)
    right = check_password_hash(known_hash, password)
    if right and is_outdated(known_hash):
        rehash(name, known_hash, password)
    return right


def rehash(name, old, password):
    """Replace a hash, unless the password was changed meanwhile."""
    new = hash_password(password)
    with writing(CREDENTIALS):
        known = find(name)
        if known and known.password_hash == old:
            known.password_hash = new


def set_password(name, password):
    """Set a user's password, and delete their signing key."""
    new = hash_password(password)
    with writing(CREDENTIALS):
        known = find(name) or Credential(user_name=name)
        known.password_hash, known.signing_key = new, None
        session_of(CREDENTIALS).add(known)


def signing_key(name):
    """Return the user's signing key, or None."""
    known = find(name)
    return known and known.signing_key


def set_signing_key(name, key):
    """Set the user's signing key; None deletes it."""
    with writing(CREDENTIALS):
        if known := find(name):
            known.signing_key = key


def delete(name):
    """Delete a user's credentials."""
    with writing(CREDENTIALS):
        if known := find(name):
            session_of(CREDENTIALS).delete(known)


def find(name):
    return session_of(CREDENTIALS).get(Credential, name)
