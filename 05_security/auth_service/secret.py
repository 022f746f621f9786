"""Access control: only the API, which knows the shared secret, gets an answer."""

import hmac

from flask import current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

OPEN = "health.tell_health"  # for monitoring


def init_app(app):
    app.before_request(refuse_strangers)


def refuse_strangers():
    """Raise Unauthorized without the secret, even for unknown URLs, so that nobody finds ours."""
    sent = request.headers.get("Authorization", "").encode()
    known = f"Bearer {current_app.config['AUTH_SERVICE_SECRET']}".encode()
    if request.endpoint != OPEN and not hmac.compare_digest(sent, known):
        challenge = WWWAuthenticate("bearer", {"realm": "the authentication service"})
        raise Unauthorized("Only the API may ask.", www_authenticate=challenge)
