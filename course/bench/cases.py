"""What is measured: the questions of the chapter, each put to two contenders."""

import re
from itertools import count, cycle

from course.bench.contract import FILM
from course.bench.messages import Request, ask, get
from course.bench.rounds import AS_LONG, AS_MANY, Case, Contender

MOVIES = "/v1/movies"
IDS = range(1, 101)
PAGES = range(1, 34)
NEXT_PAGE = re.compile(r'<([^>]*)>; rel="next"')


def reads(ours, plain):
    """Yield the questions what it takes to read."""
    for title, promise, requests, status in (
        ("A list of 20 movies", "at least 2", pages, 200),
        ("A list of 20 movies, by a URL that is new", "at least 2", new_urls, 200),
        ("One movie", "at least 1.7", each_movie, 200),
        ("One movie that the client has already", "at least 1.7", known_movies, 304),
    ):
        contenders = (
            Contender("chapter 4", ours, requests(ours), status),
            Contender("plain", plain, requests(plain), status),
        )
        yield Case(title, *contenders, AS_MANY, promise)


def reads_without_limits(ours, unlimited):
    """Yield the same for a plain API that counts no requests, which is another contract."""
    for title, requests, status in (
        ("One movie; nobody counts plain's requests", each_movie, 200),
        ("One movie that the client has; as before", known_movies, 304),
    ):
        contenders = (
            Contender("chapter 4", ours, requests(ours), status),
            Contender("plain", unlimited, requests(unlimited), status),
        )
        yield Case(title, *contenders, AS_MANY)


def writes(ours, plain, editor):
    """Yield the questions what it takes to write."""
    yield Case(
        "PUT: a movie changed",
        Contender("chapter 4", ours, changes(editor)),
        Contender("plain", plain, changes(editor)),
        AS_MANY,
        "at least 3",
    )
    yield Case(
        "POST: a movie created",
        Contender("chapter 4", ours, creations(editor), 201),
        Contender("plain", plain, creations(editor), 201),
        AS_MANY,
        "at least 3",
    )


def among_readers(ours, editor):
    """Yield the question what it costs to say who one is."""
    yield Case(
        "One movie, for a reader with a password",
        Contender("alice", ours, each_movie(ours, editor)),
        Contender("anybody", ours, each_movie(ours)),
        AS_LONG,
        "at most 1.3",
    )


def among_pages(deep, rows):
    """Yield the questions how far down a long list the cost of a page goes."""
    first, last = "/v2/movies?per_page=20", last_page(deep)
    by_number = f"/v1/movies?page={rows // 20}"
    yield Case(
        f"v2: the last page of {rows:,} movies",
        Contender("last page", deep, new_urls(deep, last)),
        Contender("first page", deep, new_urls(deep, first)),
        AS_LONG,
        "at most 1.2",
    )
    yield Case(
        "v1: the same page by its number",
        Contender("by number", deep, new_urls(deep, by_number)),
        Contender("by cursor", deep, new_urls(deep, last)),
        AS_LONG,
    )


def among_caches(ours, gateways, bare):
    """Yield the questions how near an answer that is kept comes to no work at all."""
    for gateway in gateways:
        yield Case(
            "A list of 20 movies that the gateway has kept",
            Contender("nginx", gateway, one_url(gateway)),
            Contender("bare", bare, one_url(bare)),
            AS_MANY,
            "at least 0.8",
        )
    yield Case(
        "A list of 20 movies that the application has kept",
        Contender("chapter 4", ours, one_url(ours)),
        Contender("bare", bare, one_url(bare)),
        AS_MANY,
    )


def one_url(_server):
    return cycle([get(MOVIES).wire])


def pages(_server):
    return cycle([get(f"{MOVIES}?page={number}").wire for number in PAGES])


def new_urls(_server, path=f"{MOVIES}?page=2"):
    """Yield requests for one page, each by another URL, so that no cache has the answer."""
    return (get(f"{path}&unknown={number}").wire for number in count())


def each_movie(_server, headers=None):
    return cycle([Request("GET", f"{MOVIES}/{number}", headers or {}).wire for number in IDS])


def known_movies(server):
    """Return requests for movies with the ETags that this server gives them."""
    paths = [f"{MOVIES}/{number}" for number in IDS]
    etags = [ask(server, get(path)).headers["ETag"] for path in paths]
    known = zip(paths, etags, strict=True)
    return cycle([get(path, If_None_Match=etag).wire for path, etag in known])


def changes(editor):
    for number in count():
        film = FILM | {"title": f"Ran, take {number}"}
        yield Request("PUT", f"{MOVIES}/{number % 100 + 1}", editor, film).wire


def creations(editor):
    return cycle([Request("POST", MOVIES, editor, FILM).wire])


def last_page(server):
    """Return the URL of the last page of 20, which only its links lead to: in long steps first."""
    near = walk_on(server, "/v2/movies?per_page=100")
    return walk_on(server, near.replace("per_page=100", "per_page=20"))


def walk_on(server, path):
    """Follow the links to the next page for as long as there is one, and return the last URL."""
    while link := NEXT_PAGE.search(", ".join(ask(server, get(path)).headers.get_all("Link", []))):
        path = link[1]
    return path
