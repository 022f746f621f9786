"""What is measured: for each row the requests that one server is sent."""

import re
from itertools import count, cycle

from course.bench.contract import FILM
from course.bench.messages import Request, ask, get

MOVIES = "/v1/movies"
IDS = PAGES = range(1, 21)  # as many as all have answered when they have warmed up
NEXT_PAGE = re.compile(r'<([^>]*)>; rel="next"')


def pages(_server, _editor):
    return cycle([get(f"{MOVIES}?page={number}").wire for number in PAGES])


def new_urls(_server, _editor, path=f"{MOVIES}?page=2"):
    """Yield requests for one page, each by another URL, so that no cache has the answer."""
    return (get(f"{path}&unknown={number}").wire for number in count())


def each_movie(_server, _editor):
    return cycle([get(f"{MOVIES}/{number}").wire for number in IDS])


def known_movies(server, _editor):
    """Return requests for movies with the ETags that this server gives them."""
    paths = [f"{MOVIES}/{number}" for number in IDS]
    etags = [ask(server, get(path)).headers["ETag"] for path in paths]
    known = zip(paths, etags, strict=True)
    return cycle([get(path, If_None_Match=etag).wire for path, etag in known])


def creations(_server, editor):
    return cycle([Request("POST", MOVIES, editor, FILM).wire])


def changes(_server, editor):
    for number in count():
        film = FILM | {"title": f"Ran, take {number}"}
        yield Request("PUT", f"{MOVIES}/{number % 100 + 1}", editor, film).wire


ROWS = (  # title, requests, status; writes come last, since they make the tables grow
    ("list", pages, 200),
    ("list, a new URL", new_urls, 200),
    ("one movie", each_movie, 200),
    ("304", known_movies, 304),
    ("PUT", changes, 200),
    ("POST", creations, 201),
)


def first_page(server, editor):
    return new_urls(server, editor, "/v2/movies?per_page=20")


def last_page(server, editor):
    """Return requests for the last page of 20, which only links lead to: in long steps first."""
    near = walk_on(server, "/v2/movies?per_page=100")
    return new_urls(server, editor, walk_on(server, near.replace("per_page=100", "per_page=20")))


def walk_on(server, path):
    """Follow the links to the next page for as long as there is one, and return the last URL."""
    while link := NEXT_PAGE.search(", ".join(ask(server, get(path)).headers.get_all("Link", []))):
        path = link[1]
    return path
