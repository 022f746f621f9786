"""CSRF protection: our forms contain a token that other sites cannot know."""

import hmac
import secrets

from flask import request, session
from werkzeug.exceptions import BadRequest


def csrf_token():
    """Return the CSRF token of the browser's session, for a form."""
    return session.setdefault("csrf_token", secrets.token_urlsafe(32))


def check_csrf_token():
    sent, known = request.form.get("csrf_token", ""), session.get("csrf_token", "")
    if not known or not hmac.compare_digest(sent, known):
        raise BadRequest("This form does not come from our page, or is too old. Start again.")
