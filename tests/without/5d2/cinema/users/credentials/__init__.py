"""Credentials in the one database that there is."""

from sqlalchemy.orm import Mapped, mapped_column

from ...data.database import db, writing
from ..password_hashes import check_password_hash, hash_of_nothing, hash_password, is_outdated


class Credential(db.Model):
    user_name: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    signing_key: Mapped[bytes | None]


def verify(name, password):
    known = find(name)
    if known is None:
        return check_password_hash(hash_of_nothing(), password)
    old = known.password_hash
    right = check_password_hash(old, password)
    if right and is_outdated(old):
        new = hash_password(password)
        with writing():
            known = find(name)
            if known and known.password_hash == old:
                known.password_hash = new
    return right


def set_password(name, password):
    new = hash_password(password)
    with writing():
        db.session.merge(Credential(user_name=name, password_hash=new, signing_key=None))


def signing_key(name):
    known = find(name)
    return known and known.signing_key


def set_signing_key(name, key):
    with writing():
        if known := find(name):
            known.signing_key = key


def delete(name):
    with writing():
        if known := find(name):
            db.session.delete(known)


def find(name):
    return db.session.get(Credential, name)
