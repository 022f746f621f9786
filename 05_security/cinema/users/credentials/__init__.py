"""The one way to what proves who a user is: a database of ours, or the service that has it."""

from flask import current_app

from . import auth_client, stored


def verify(name, password):
    """Tell whether this is the user's password, after the same work for who is no user."""
    return store().verify(name, password)


def set_password(name, password):
    """Give a user a password; the signing key that the old one has opened is gone."""
    store().set_password(name, password)


def signing_key(name):
    """Return the user's key to sign with, or None."""
    return store().signing_key(name)


def set_signing_key(name, key):
    """Give a user a key to sign with, or None."""
    store().set_signing_key(name, key)


def delete(name):
    """Forget a user."""
    store().delete(name)


def store():
    return auth_client if current_app.config["AUTH_SERVICE_URL"] else stored
