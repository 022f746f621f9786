"""Correctness first: that two servers answer the same is seen before either is timed."""

import json
import re

from course.bench.messages import Request, ask, basic, get
from course.errors import CourseError

FILM = {"title": "Ran", "director": "Akira Kurosawa", "year": 1985, "runtime": 162}
LISTS = (
    "/v1/movies",
    "/v1/movies?page=2",
    "/v1/movies?page=33",
    "/v1/movies?page=1000",
    "/v1/movies?per_page=5&page=3",
    "/v1/movies?director=Alfred%20Hitchcock",
    "/v1/movies?year=1940&sort=-title",
    "/v1/movies?q=THE&per_page=100",
)
PAGE_LINK = re.compile(r'<([^>]*)>; rel="(first|prev|next|last)"')


def check_same(servers, editor):
    """Raise CourseError unless all servers, by name, answer as the first one does.

    Alike is the status; and of what went well the JSON, with its members in the same order, the
    Location, and the links to other pages. All are asked the same in turn, since some of it changes
    what they have.
    """
    for request in requests(editor):
        expect_same(request, {name: ask(server, request) for name, server in servers.items()})
    for conditional in (unchanged, overtaken):
        asked = {name: conditional(server, editor) for name, server in servers.items()}
        answers = {name: ask(servers[name], request) for name, request in asked.items()}
        expect_same(next(iter(asked.values())), answers)


def requests(editor):
    """Yield what both are asked, in this order."""
    stranger = basic("alice", "not her password")
    for path in (*LISTS, "/v1/movies/3", "/v1/movies/99999"):
        yield get(path)
    for headers in ({}, stranger):
        yield Request("POST", "/v1/movies", headers, FILM)
    for body in (FILM, FILM | {"imdb_id": "tt0032976"}, FILM | {"year": "1985"}, {"title": "Ran"}):
        yield Request("POST", "/v1/movies", editor, body)
    for path in ("/v1/movies/660", "/v1/movies/99999"):
        yield Request("PUT", path, editor, FILM | {"runtime": 160})
        yield get(path)
    for _ in range(2):
        yield Request("DELETE", "/v1/movies/660", editor)


def unchanged(server, _editor):
    """Return a request for a movie that the client has already."""
    return get("/v1/movies/3", If_None_Match=ask(server, get("/v1/movies/3")).headers["ETag"])


def overtaken(server, editor):
    """Change a movie, and return a change to it by somebody who has not seen that."""
    etag = ask(server, get("/v1/movies/3")).headers["ETag"]
    change = Request("PUT", "/v1/movies/3", editor | {"If-Match": etag}, FILM)
    ask(server, change)
    return change


def expect_same(request, answers):
    """Raise CourseError unless these answers to a request, by name, are like the first one."""
    first, *others = answers
    expected = essence(answers[first])
    for name in others:
        got = essence(answers[name])
        if got != expected:
            raise CourseError(
                f"Nothing was measured: two APIs differ at {request}.\n"
                f"{first}: {expected}\n{name}: {got}"
            )


def essence(answer):
    """Return what of an answer has to be the same."""
    if answer.status >= 300:
        return (answer.status,)
    links = ", ".join(answer.headers.get_all("Link", []))
    return (
        answer.status,
        json.loads(answer.content, object_pairs_hook=list) if answer.content else None,
        answer.headers["Location"],
        sorted(PAGE_LINK.findall(links)),
    )
