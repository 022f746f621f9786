"""Random secrets, of which we store only a hash."""

import hashlib
import secrets


def new_secret(**_):
    """Return 256 random bits as text; Authlib's arguments make no difference."""
    return secrets.token_urlsafe(32)


def digest(secret):
    """Return a secret's hash; a fast one is enough, as nobody can guess 256 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
