"""Tells schemathesis what no schema can say, so that what it still reports is a fault."""

import re
from itertools import count
from uuid import uuid4

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData

JUDGEMENTS = (AcceptedNegativeData, MissingHeaderNotRejected, RejectedPositiveData)
FILMS = 659  # that `seed` loads
MOVIE_OF_THE_EXAMPLES = 3

imdb_ids = map("tt{}".format, count(90_000_000))
films_to_delete = count(FILMS, -1)


@schemathesis.hook
def before_call(_context, case, **_):
    """Take away what would end most requests early, and keep as right or as wrong what is left."""
    if case.method == "DELETE" and case.path_parameters.get("movie_id") == MOVIE_OF_THE_EXAMPLES:
        case.path_parameters["movie_id"] = next(films_to_delete)
    body = case.body if isinstance(case.body, dict) else {}
    if re.fullmatch("tt[0-9]{7,8}", str(body.get("imdb_id"))):
        body["imdb_id"] = next(imdb_ids)
    if case.meta.generation.mode.is_positive:
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = f'"{uuid4()}"'
        if isinstance(body.get("movies"), list):
            movies = (1 + int(movie_id) % FILMS for movie_id in body["movies"])
            body["movies"] = list(dict.fromkeys(movies))


@schemathesis.hook
def filter_failure(_context, failure, case, response):
    """Drop a wrong judgement on a status that has a reason which only words can give."""
    judged = isinstance(failure, JUDGEMENTS)
    return not (judged and any(reason(case, response) for reason in REASONS))


def condition_does_not_hold(_case, response):
    """A condition is looked at before the body is (RFC 9110, section 13.2.1)."""
    return response.status_code == 412


def number_has_a_decimal_point(case, response):
    """In JSON Schema 1927.0 is an integer. Here it is not, nor in many a client's language."""
    return response.status_code == 400 and has_float(case.body)


def movie_is_not_there(_case, response):
    """Which movies a watchlist may hold, only the database knows."""
    return "there is no movie" in errors(response).get("movies", "")


def cursor_is_made_up(_case, response):
    """A cursor is given by the API, and is for the order that it was given in."""
    return list(errors(response)) == ["cursor"]


def nobody_is_logged_in(case, response):
    """Without a session, no csrf_token is missed."""
    return case.path.endswith("/session") and response.status_code == 404


def password_is_another(case, response):
    """What a user's password is, or which ones are guessed first, no schema tells."""
    reasons = errors(response)
    return (
        case.path.endswith("/password") and bool(reasons) and reasons.keys() <= {"current", "new"}
    )


REASONS = (
    condition_does_not_hold,
    number_has_a_decimal_point,
    movie_is_not_there,
    cursor_is_made_up,
    nobody_is_logged_in,
    password_is_another,
)


def errors(response):
    return response.json().get("errors", {}) if response.status_code == 400 else {}


def has_float(value):
    if isinstance(value, dict):
        return any(map(has_float, value.values()))
    return isinstance(value, float) or (isinstance(value, list) and any(map(has_float, value)))
