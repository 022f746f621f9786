"""The key pair of our tokens: the private key signs them, the public key checks them."""

from flask import current_app
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"


def init_app(app):
    """Derive the key from our secret, so that it is the same after every start."""
    key = ECKey.derive_key(
        app.config["AUTHORIZATION_SERVER_SECRET"],
        parameters={"use": "sig", "alg": ALGORITHM},
        auto_kid=True,
    )
    app.extensions["token_keys"] = KeySet([key])


def token_keys():
    return current_app.extensions["token_keys"]
