"""Who may ask: the API, which knows the secret that we share. Everybody else hears nothing."""

import hmac

from flask import current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

OPEN = "health.tell_health"  # to those who watch whether we are well


def init_app(app):
    app.before_request(refuse_strangers)


def refuse_strangers():
    """Compare in constant time; for a URL that is not there too, so that nobody explores ours."""
    sent = request.headers.get("Authorization", "").encode()
    known = f"Bearer {current_app.config['AUTH_SERVICE_SECRET']}".encode()
    if request.endpoint != OPEN and not hmac.compare_digest(sent, known):
        challenge = WWWAuthenticate("bearer", {"realm": "the authentication service"})
        raise Unauthorized("Only the API may ask.", www_authenticate=challenge)
