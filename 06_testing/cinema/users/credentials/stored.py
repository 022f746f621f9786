"""Credentials in a database of their own, on another server if you like; slow hashes inside."""

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Mapped, mapped_column

from ...data.database import CREDENTIALS, db, read_one, writing
from ..password_hashes import check_password_hash, hash_of_nothing, hash_password, is_outdated


class Credential(db.Model):
    """What proves who a user is: of the password a slow, salted hash, and a key to sign with."""

    __bind_key__ = CREDENTIALS

    user_name: Mapped[str] = mapped_column(primary_key=True)  # the users are in another database
    password_hash: Mapped[str]
    signing_key: Mapped[bytes | None]  # both sides need it as it is, so it cannot be hashed


ONE = select(Credential.__table__).where(Credential.user_name == bindparam("name"))
SET_PASSWORD = text(
    "INSERT INTO credential (user_name, password_hash) VALUES (:name, :new)"
    " ON CONFLICT (user_name) DO UPDATE SET password_hash = :new, signing_key = NULL"
)
REHASH = text(
    "UPDATE credential SET password_hash = :new WHERE user_name = :name AND password_hash = :old"
)
SET_SIGNING_KEY = text("UPDATE credential SET signing_key = :key WHERE user_name = :name")
DELETE = text("DELETE FROM credential WHERE user_name = :name")


def verify(name, password):
    """Tell whether this is the user's password, after the same work for who is no user.

    A hash that is weaker than today's is replaced: only now do we know the password.
    """
    known = find(name)
    if known is None:
        return check_password_hash(hash_of_nothing(), password)
    right = check_password_hash(known.password_hash, password)
    if right and is_outdated(known.password_hash):
        write(REHASH, name=name, old=known.password_hash, new=hash_password(password))
    return right


def set_password(name, password):
    """Give a user a password; the signing key that the old one has opened is gone."""
    write(SET_PASSWORD, name=name, new=hash_password(password))


def signing_key(name):
    """Return the user's key to sign with, or None."""
    known = find(name)
    return known and known.signing_key


def set_signing_key(name, key):
    """Give a user a key to sign with, or None."""
    write(SET_SIGNING_KEY, name=name, key=key)


def delete(name):
    """Forget a user."""
    write(DELETE, name=name)


def find(name):
    return read_one(ONE, CREDENTIALS, name=name)


def write(statement, **values):
    with writing(CREDENTIALS) as connection:
        connection.execute(statement, values)
