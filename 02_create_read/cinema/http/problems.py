"""Errors as problem details: one shape for all of them (RFC 9457)."""

from flask import jsonify
from werkzeug.exceptions import HTTPException


def init_app(app):
    app.register_error_handler(HTTPException, problem)


def problem(error, **members):
    """Return an HTTP error as problem details, with its headers and with more members."""
    response = error.get_response()
    response.data = jsonify(
        status=error.code, title=error.name, detail=error.description, **members
    ).data
    response.content_type = "application/problem+json"
    return response
