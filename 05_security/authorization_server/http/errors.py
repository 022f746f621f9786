"""Errors for clients: JSON, in the shape of RFC 6749, section 5.2."""

import json

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError
from cinema.data.database import is_passing
from flask import Response, jsonify
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, ServiceUnavailable


class ClientRefused(InvalidClientError):
    """Unknown client, or wrong secret; the response does not say which."""

    description = "There is no such client, or this is not its secret."
    status_code = 401

    def get_headers(self):
        return [*default_json_headers, ("WWW-Authenticate", 'Basic realm="clients"')]


def init_app(app):
    app.register_error_handler(OAuth2Error, oauth_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, busy)


def oauth_error(error):
    status, body, headers = error()
    return Response(json.dumps(body), status, headers)


def http_error(error):
    """Return an HTTP error as JSON, with its headers, such as Allow or Retry-After."""
    response = error.get_response()
    code = "server_error" if error.code >= 500 else "invalid_request"
    response.data = jsonify(error=code, error_description=error.description).data
    response.content_type = "application/json"
    return response


def busy(error):
    """Answer 503 if a retry may help; any other database error stays a 500."""
    if not is_passing(error):
        raise error
    return http_error(ServiceUnavailable("The database is busy.", retry_after=1))
