"""Errors as problem details (RFC 9457) that never repeat the request, or its password."""

from cinema.data.database import is_passing
from cinema.data.validation import Invalid
from flask import jsonify
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import BadRequest, HTTPException, ServiceUnavailable


def init_app(app):
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(OperationalError, busy)


def problem(error, **members):
    """Return an HTTP error as problem details, with its headers and with more members."""
    response = error.get_response()
    response.data = jsonify(
        status=error.code, title=error.name, detail=error.description, **members
    ).data
    response.content_type = "application/problem+json"
    return response


def invalid(error):
    return problem(BadRequest("Some values are wrong: see errors."), errors=error.reasons)


def busy(error):
    """Answer 503 if a retry may help; any other database error stays a 500."""
    if not is_passing(error):
        raise error
    return problem(ServiceUnavailable("The database is busy.", retry_after=1))
