"""Turns exceptions into problem details (RFC 9457), each with our own error code."""

from urllib.parse import quote

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    HTTPException,
    NotFound,
    PreconditionFailed,
    ServiceUnavailable,
    Unauthorized,
    UnprocessableEntity,
)

from ..data.database import is_passing
from ..data.finders import MovieNotFound, WatchlistNotFound
from ..data.validation import Invalid
from ..http.idempotency import InFlight, KeyReused
from ..http.problems import problem
from ..http.request_id import request_id
from ..http.tls.https import SentInTheClear
from ..users.authentication.challenges import insufficient_scope_headers, unauthorized_headers
from ..users.login import InvalidToken, NotAuthenticated, WrongCredentials
from ..users.permissions import NotPermitted
from .error_codes import ErrorCode, code_of_status
from .error_pages import error_page_url

READABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")  # ASCII that a header may contain


def init_app(app):
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(MovieNotFound, not_found(ErrorCode.MOVIE_NOT_FOUND))
    app.register_error_handler(WatchlistNotFound, not_found(ErrorCode.WATCHLIST_NOT_FOUND))
    app.register_error_handler(NotAuthenticated, not_authenticated)
    app.register_error_handler(NotPermitted, not_permitted)
    app.register_error_handler(SentInTheClear, sent_in_the_clear)
    app.register_error_handler(IntegrityError, taken)
    app.register_error_handler(StaleDataError, overtaken)
    app.register_error_handler(OperationalError, busy)
    app.register_error_handler(NoConnectionLeft, patience)
    app.register_error_handler(InFlight, in_flight)
    app.register_error_handler(KeyReused, key_reused)


def answer(error, code=None, headers=(), **members):
    """Return an HTTP error as problem details, with extra headers and members.

    `code` is an ErrorCode; by default, the general one of the error's status.
    """
    code = code or code_of_status(error.code)
    if code is ErrorCode.INTERNAL_ERROR:
        members["instance"] = f"urn:uuid:{request_id()}"
    response = problem(error, type=error_page_url(code), code=code, **members)
    response.headers.extend(headers)
    response.headers["X-MyAPI-Error-Code"] = str(code.value)
    response.headers["X-MyAPI-Error-Message"] = quote(error.description, safe=READABLE)
    return response


def invalid(error):
    wrong = BadRequest("Some values are wrong: see errors.")
    return answer(wrong, ErrorCode.INVALID_VALUES, errors=error.reasons)


def not_found(code):
    return lambda error: answer(NotFound(str(error)), code)


def not_authenticated(error):
    codes = {InvalidToken: ErrorCode.INVALID_TOKEN, WrongCredentials: ErrorCode.WRONG_CREDENTIALS}
    return answer(Unauthorized(str(error)), codes.get(type(error)), unauthorized_headers(error))


def not_permitted(error):
    headers = insufficient_scope_headers(error.permission)
    return answer(Forbidden(str(error)), ErrorCode.NOT_PERMITTED, headers)


def sent_in_the_clear(error):
    return answer(error, ErrorCode.HTTPS_REQUIRED)


def taken(error):
    """Answer 409 if an imdb_id is taken; any other IntegrityError stays a 500.

    A foreign key fails if the user or movie was deleted a moment ago: that is a 412.
    """
    if "foreign key" in str(error.orig).lower():
        return overtaken(error)
    if "imdb_id" not in str(error.orig):
        raise error
    return answer(Conflict("Another movie has this imdb_id."))


def overtaken(_error):
    return answer(PreconditionFailed("Somebody else was faster: read it again."))


def busy(error):
    """Answer 503 if a retry may help; any other database error stays a 500."""
    if not is_passing(error):
        raise error
    return patience(error)


def patience(_error):
    return answer(ServiceUnavailable("The database is busy.", retry_after=1))


def in_flight(error):
    return answer(Conflict(str(error)), ErrorCode.IN_FLIGHT)


def key_reused(error):
    return answer(UnprocessableEntity(str(error)), ErrorCode.KEY_REUSED)
