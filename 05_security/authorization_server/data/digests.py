"""Random secrets, of which the database holds nothing but a hash."""

import hashlib
import secrets


def new_secret(**_):
    """Return 256 random bits, as text; Authlib says what they are for, which changes nothing."""
    return secrets.token_urlsafe(32)


def digest(secret):
    """Return the hash under which a secret is kept; nobody guesses 256 bits, so it may be fast."""
    return hashlib.sha256(secret.encode()).hexdigest()
