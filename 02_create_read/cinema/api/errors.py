"""Every error leaves the API through this module, as problem details (RFC 9457)."""

from flask import jsonify
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import BadRequest, Conflict, HTTPException, NotFound

from ..data.finders import MovieNotFound
from ..data.validation import Invalid


def init_app(app):
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(MovieNotFound, not_found)
    app.register_error_handler(IntegrityError, taken)


def problem(error, **members):
    """Answer an HTTP error, with the headers that it carries, and with further members."""
    response = error.get_response()
    response.data = jsonify(
        status=error.code, title=error.name, detail=error.description, **members
    ).data
    response.content_type = "application/problem+json"
    return response


def invalid(error):
    return problem(BadRequest("Some values are wrong: see errors."), errors=error.reasons)


def not_found(error):
    return problem(NotFound(str(error)))


def taken(_error):
    return problem(Conflict("Another movie has this imdb_id."))
