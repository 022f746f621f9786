"""Turns exceptions into error responses."""

from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import BadRequest, Conflict, NotFound, ServiceUnavailable

from ..data.database import is_passing
from ..data.finders import MovieNotFound
from ..data.validation import Invalid
from ..http.problems import problem


def init_app(app):
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(MovieNotFound, not_found)
    app.register_error_handler(IntegrityError, taken)
    app.register_error_handler(OperationalError, busy)


def invalid(error):
    return problem(BadRequest("Some values are wrong: see errors."), errors=error.reasons)


def not_found(error):
    return problem(NotFound(str(error)))


def taken(_error):
    return problem(Conflict("Another movie has this imdb_id."))


def busy(error):
    """Answer 503 if a retry may help; any other database error stays a 500."""
    if not is_passing(error):
        raise error
    return problem(ServiceUnavailable("The database is busy.", retry_after=1))
