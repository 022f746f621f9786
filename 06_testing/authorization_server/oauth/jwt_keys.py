"""The key pair of our tokens: with one half we sign them, with the other anyone checks them."""

from flask import current_app
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"


def init_app(app):
    """Make the key that follows from our secret: after every start the same."""
    key = ECKey.derive_key(
        app.config["AUTHORIZATION_SERVER_SECRET"],
        parameters={"use": "sig", "alg": ALGORITHM},
        auto_kid=True,
    )
    app.extensions["token_keys"] = KeySet([key])


def token_keys():
    return current_app.extensions["token_keys"]
