"""What the request form of each chapter's page begins with, and the examples to click."""

import json
from dataclasses import asdict, dataclass, field

from course.browser.links import NOT_RUN

KEY = "Authorization: Bearer $KEY"
ALICE, BOB = (f"Authorization: Basic {name}:$PASSWORD" for name in ("alice", "bob"))
JSON = "Content-Type: application/json"
MERGE_PATCH = "Content-Type: application/merge-patch+json"
METROPOLIS = {"title": "Metropolis", "director": "Fritz Lang", "year": 1927, "runtime": 153}
FRIDAY = {"title": "Friday night", "movies": [3, 10]}
BOB_LOGS_IN = {"name": "bob", "password": "$PASSWORD"}
CREDENTIALS = {1: "", 2: KEY, 3: KEY, 4: ALICE}  # the headers that stand in the form
ABOUT_THE_KEY = "<code>$KEY</code> stands for the key of this API."
NOTES = {  # below the headers: what stands for what
    1: "",
    2: ABOUT_THE_KEY,
    3: ABOUT_THE_KEY,
    4: "<code>$PASSWORD</code> stands for the password of alice, an editor, and of bob, a member. "
    "This page encodes <code>Basic name:password</code> with Base64. <code>$CSRF</code> stands for "
    "the last <code>csrf_token</code>.",
}
LIMITS = {  # what does not work here, and why
    4: "Access tokens (OAuth 2, section 4.a4) do not work here. The authorization server does not "
    "run in a browser: it signs tokens with the package <code>cryptography</code>, which is not "
    "pure Python. A request with a token gets 503, and the promises about tokens are not asked. "
    "The faster parts of 4.e need a compiled package, too.",
}


@dataclass
class Example:
    """A request to click, and the status that it gets from an API that has just started."""

    label: str
    status: int
    path: str
    method: str = "GET"
    headers: list = field(default_factory=list)
    body: str = ""


def sends(label, status, method, path, headers, body=None):
    text = json.dumps(body, ensure_ascii=False) if isinstance(body, (dict, list)) else body or ""
    return Example(label, status, path, method, list(headers), text)


EXAMPLES = {
    1: (
        Example("One movie", 200, "/v1/movies/3"),
        Example("All movies", 200, "/v1/movies"),
        Example("A movie that is not there", 404, "/v1/movies/999"),
        sends("A method that is not allowed", 405, "DELETE", "/v1/movies/3", []),
        Example("The front door", 200, "/"),
    ),
    2: (
        Example(
            "The films of a director, newest first",
            200,
            "/v1/movies?director=Fritz%20Lang&sort=-year",
        ),
        sends("Create a movie", 201, "POST", "/v1/movies", [KEY, JSON], METROPOLIS),
        sends("… without the key", 401, "POST", "/v1/movies", [JSON], METROPOLIS),
        sends(
            *("… with wrong values", 400, "POST", "/v1/movies", [KEY, JSON]),
            {"title": "", "year": "soon", "runtime": -1},
        ),
        sends(
            "… that is not JSON",
            415,
            "POST",
            "/v1/movies",
            [KEY, "Content-Type: text/plain"],
            "Metropolis",
        ),
    ),
    3: (
        sends("Put a watchlist", 201, "PUT", "/v1/watchlists/friday-night", [KEY, JSON], FRIDAY),
        sends("Patch a movie", 200, "PATCH", "/v1/movies/3", [KEY, MERGE_PATCH], {"runtime": 130}),
        sends("Delete a movie", 204, "DELETE", "/v1/movies/4", [KEY]),
        Example("Read JSON-LD", 200, "/v1/movies/3", headers=["Accept: application/ld+json"]),
        sends(
            "Put a movie that is not there", 404, "PUT", "/v1/movies/999", [KEY, JSON], METROPOLIS
        ),
    ),
    4: (
        sends("Create a movie as alice", 201, "POST", "/v1/movies", [ALICE, JSON], METROPOLIS),
        sends("Delete one as bob", 403, "DELETE", "/v1/movies/4", [BOB]),
        Example(
            "A wrong password", 401, "/v1/movies/3", headers=["Authorization: Basic bob:guessed"]
        ),
        Example("Ask whether it changed", 304, "/v1/movies/3", headers=['If-None-Match: "1-json"']),
        sends(
            *("Change what is out of date", 412, "PATCH", "/v1/movies/3"),
            *([ALICE, MERGE_PATCH, 'If-Match: "0-json"'], {"runtime": 130}),
        ),
        Example("Version 2", 200, "/v2/movies?per_page=2"),
        sends("Log in with a cookie", 201, "POST", "/v1/session", [JSON], BOB_LOGS_IN),
        sends("Change by cookie", 403, "PUT", "/v1/watchlists/friday-night", [JSON], FRIDAY),
        sends(
            *("… with the CSRF token", 201, "PUT", "/v1/watchlists/friday-night"),
            *(["X-CSRF-Token: $CSRF", JSON], FRIDAY),
        ),
    ),
}


def about(number):
    """Return what the page of a chapter must know of its form."""
    return {
        "credentials": CREDENTIALS[number],
        "examples": [asdict(example) for example in EXAMPLES[number]],
        "notRun": NOT_RUN.get(number, ()),
    }
