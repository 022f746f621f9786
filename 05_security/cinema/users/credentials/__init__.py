"""The credentials of users: in our own database, or in the authentication service."""

from flask import current_app

from . import auth_client, stored


def verify(name, password):
    """Tell whether this is the user's password; an unknown user takes as long."""
    return store().verify(name, password)


def set_password(name, password):
    """Set a user's password, and delete their signing key."""
    store().set_password(name, password)


def signing_key(name):
    """Return the user's signing key, or None."""
    return store().signing_key(name)


def set_signing_key(name, key):
    """Set the user's signing key; None deletes it."""
    store().set_signing_key(name, key)


def delete(name):
    """Delete a user's credentials."""
    store().delete(name)


def store():
    return auth_client if current_app.config["AUTH_SERVICE_URL"] else stored
