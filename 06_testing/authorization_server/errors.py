"""Errors for clients: JSON, in the shape of RFC 6749, section 5.2."""

from authlib.oauth2 import OAuth2Error
from flask import jsonify
from werkzeug.exceptions import HTTPException

from .provider import provider


def init_app(app):
    app.register_error_handler(OAuth2Error, oauth_error)
    app.register_error_handler(HTTPException, http_error)


def oauth_error(error):
    return provider.handle_error_response(None, error)


def http_error(error):
    """Answer an HTTP error with the headers that it carries, Allow or Retry-After."""
    response = error.get_response()
    code = "server_error" if error.code >= 500 else "invalid_request"
    response.data = jsonify(error=code, error_description=error.description).data
    response.content_type = "application/json"
    return response
