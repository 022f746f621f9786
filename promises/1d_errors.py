"""1.d Error handlers."""

from course.building.promise import HARDENED, Book
from promises.films import MOVIES

book = Book("1d")
NOBODYS = f"{MOVIES}/987654321"  # an id that no movie has


@book.promise(
    "One shape for all errors",
    "RFC 9110, 15.5.5",
    "What does the view return, or raise, when it finds nothing?",
    "find_movie raises MovieNotFound; a handler turns that into a 404.",
    "app.register_error_handler(MovieNotFound, ...)",
)
def missing_movie(api):
    """A movie that does not exist is 404, as problem details (RFC 9457): status, title, detail."""
    api.get(NOBODYS).must_be_problem(404)


@book.promise(
    "One shape for all errors",
    "RFC 9457, section 3",
    "Flask has a page of its own for URLs without a route: its error is an HTTPException.",
    "Register a handler for HTTPException: it answers all of them.",
)
def unknown_url(api):
    """A URL that does not exist at all is a 404 of the same shape."""
    api.get("/v1/nothing-is-here").must_be_problem(404)


@book.promise(
    "One shape for all errors",
    "RFC 9110, 15.5.6",
    "Begin with the response that the error brings: error.get_response().",
    "Replace its body and its content type, and leave its other headers as they are.",
)
def wrong_method(api):
    """A method that a URL does not support is 405, and `Allow` names those that it supports."""
    answer = api.send("POST", NOBODYS, who="nobody", json={}).must_be_problem(405)
    answer.must_have("Allow")
    answer.must({"GET", "HEAD"} <= answer.allowed, "Allow with GET and HEAD in it", "(?i)^Allow:")


@book.promise(
    "An error of your own",
    "RFC 9110, 15.5.5",
    "Ids in a URL are text. What if int(...) gets something that is not a number?",
    'int("x") raises ValueError, and nobody catches it.',
)
def id_that_is_none(api):
    """An id that is not a number is 404 too: there is no such movie."""
    for word in ("rebecca", "0", "-1", "1.5"):
        api.get(f"{MOVIES}/{word}").must_be_problem(404, 400, 422)


@book.promise(
    "Try to break it",
    "RFC 9110, 15.5.5",
    "int() accepts more than we write in our URLs: 007, a three in Arabic, 5,000 digits.",
    tier=HARDENED,
)
def other_writings_of_an_id(api):
    """A movie has only one URL: 007, +3 and a three in another script are 404."""
    for word in ("003", "+3", "%D9%A3", "3%20", "9" * 5000):
        api.get(f"{MOVIES}/{word}").must_be_problem(404, 400, 414, 422)
