"""Hashes as chapter 4 has them."""

from werkzeug.security import check_password_hash, generate_password_hash

__all__ = ["check_password_hash"]


def hash_password(password):
    return generate_password_hash(password, "pbkdf2:sha256:1")


def hash_of_nothing():
    return hash_password("")


def is_outdated(_known):
    return False
