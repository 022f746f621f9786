"""Finds movies and watchlists: as dictionaries for the wire, or as instances for Python."""

import operator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import bindparam, func, or_, select, union_all
from sqlalchemy.orm import selectinload

from .cursor import Cursor
from .database import db, read_all, read_one
from .models import Movie, Watchlist


class MovieNotFound(LookupError):
    """The cinema has no such movie."""


class WatchlistNotFound(LookupError):
    """The cinema has no such watchlist, or none that its reader may see."""


@dataclass
class Page:
    """Some of what was found; `total` counts all of it."""

    items: list
    total: int


@dataclass
class PageFrom:
    """Some of what was found, from a place on; `following` is where the next page begins."""

    items: list
    following: Cursor | None
    total: None = None  # nobody has counted


MOVIE_NAMES = ("id", *Movie.MEMBERS)
MOVIE_COLUMNS = [getattr(Movie, name) for name in MOVIE_NAMES]
ONE_MOVIE = select(*MOVIE_COLUMNS).where(Movie.id == bindparam("id"))
MOVIE_VERSION = select(Movie.version).where(Movie.id == bindparam("id"))
CONDITIONS = {
    "director": Movie.director == bindparam("director"),
    "year": Movie.year == bindparam("year"),
    "q": Movie.title.icontains(bindparam("q"), escape="/"),
}
WATCHLIST_VERSION = select(Watchlist.version, Watchlist.owner, Watchlist.private).where(
    Watchlist.name == bindparam("name")
)


def find_movie(movie_id, serialize=True):
    """Return one movie; raise MovieNotFound if there is none with this id.

    Whoever wants a dictionary needs no entity: neither the session nor the checks of the model.
    """
    if serialize:
        row = read_one(ONE_MOVIE, id=movie_id)
        return dict(row._mapping) if row else no_movie(movie_id)
    return db.session.get(Movie, movie_id) or no_movie(movie_id)


def find_movie_version(movie_id):
    """Return a movie's version, and nothing else of it; raise MovieNotFound if there is none."""
    row = read_one(MOVIE_VERSION, id=movie_id)
    return row.version if row else no_movie(movie_id)


def no_movie(movie_id):
    raise MovieNotFound(f"There is no movie {movie_id}.")


def count_movies(filters):
    return read_one(number_of_movies(frozenset(filters)), **filters).number


@cache
def number_of_movies(filters):
    conditions = (CONDITIONS[name] for name in filters)
    return select(func.count().label("number")).select_from(Movie).where(*conditions)


def find_movies(query, serialize=True, count=count_movies):
    """Return the Page that a MovieQuery asks for."""
    filters = query.filters()
    statement = page_of_movies(frozenset(filters), query.sort, serialize)
    items = run(statement, serialize, limit=query.per_page, offset=query.offset, **filters)
    return Page(items, query.total(items, count=lambda: count(filters)))


def find_movies_from(query, serialize=True):
    """Return the PageFrom that a MovieCursorQuery asks for."""
    filters = query.filters()
    statement = movies_from(frozenset(filters), query.sort, query.cursor is None, serialize)
    items = run(statement, serialize, limit=query.per_page + 1, **query.start(), **filters)
    return page_from(items, query, Movie.id.key)


def run(statement, serialize, **values):
    """Return what a statement finds: dictionaries, or entities of the session."""
    if serialize:
        return [dict(zip(MOVIE_NAMES, row, strict=True)) for row in read_all(statement, **values)]
    return db.session.scalars(statement, values).all()


@cache
def page_of_movies(filters, sort, serialize):
    """Build the statement for a page; once for all requests, which differ in values only."""
    ordered = matching(filters, serialize).order_by(*order(sort))
    return ordered.limit(bindparam("limit")).offset(bindparam("offset"))


@cache
def movies_from(filters, sort, begins, serialize):
    """Build the statement for a page from the beginning, or from a cursor on; once, too."""
    column = getattr(Movie, sort.removeprefix("-"))
    return beginning(matching(filters, serialize), (column, Movie.id), sort, begins)


def matching(filters, serialize):
    movies = select(*MOVIE_COLUMNS) if serialize else select(Movie)
    return movies.where(*(CONDITIONS[name] for name in filters))


def order(sort):
    """Sort as asked; the id decides between equals, so that no page repeats another's movie."""
    column = getattr(Movie, sort.removeprefix("-"))
    return (column.desc() if sort.startswith("-") else column), Movie.id


def find_watchlist(name, reader, serialize=True):
    """Return one watchlist; raise WatchlistNotFound if there is none that this reader may see."""
    watchlist = db.session.get(Watchlist, name)
    refuse_if_hidden(watchlist, name, reader)
    return watchlist.serialize() if serialize else watchlist


def find_watchlist_version(name, reader):
    """Return a watchlist's version, and nothing else of it; raise as find_watchlist does."""
    row = read_one(WATCHLIST_VERSION, name=name)
    refuse_if_hidden(row, name, reader)
    return row.version


def refuse_if_hidden(watchlist, name, reader):
    """Say of a private watchlist just what we say of one that is not there."""
    if watchlist is None or (watchlist.private and watchlist.owner != reader):
        raise WatchlistNotFound(f"There is no watchlist {name:.64}.")  # no name is longer


def find_watchlists(query, reader, serialize=True):
    """Return the Page that a PageQuery asks for, of what this reader may see."""
    found = visible_to(reader)
    ordered = found.order_by(Watchlist.name).limit(query.per_page).offset(query.offset)
    watchlists = db.session.scalars(ordered).all()
    number = select(func.count()).select_from(found.subquery())
    total = query.total(watchlists, count=lambda: db.session.scalar(number))
    return Page(serialized(watchlists) if serialize else watchlists, total)


def find_watchlists_from(query, reader, serialize=True):
    """Return the PageFrom that a CursorQuery asks for, of what this reader may see."""
    names = Watchlist.name, Watchlist.name
    statement = beginning(visible_to(reader), names, query.sort, query.cursor is None)
    values = {"limit": query.per_page + 1} | query.start()
    watchlists = db.session.scalars(statement, values).all()
    return page_from(serialized(watchlists) if serialize else watchlists, query, Watchlist.name.key)


def serialized(entities):
    return [entity.serialize() for entity in entities]


def visible_to(reader):
    visible = or_(Watchlist.private.is_(False), Watchlist.owner == reader)
    return select(Watchlist).options(selectinload(Watchlist.items)).where(visible)


def beginning(found, columns, sort, begins):
    """Begin at the start, or after a place: with an index on the column, as quick at any depth.

    The place is said in two steps: its equals with a later key, then all that is beyond.
    `(column, key) > (value, key)` says the same; but for that, SQLite passes over all the equals.
    """
    down = sort.startswith("-")
    later = operator.lt if down else operator.gt
    column, key = columns
    equals = found.where(column == bindparam("value"), later(key, bindparam("key")))
    beyond = found.where(later(column, bindparam("value")))
    ordered = (found if begins else union_all(equals, beyond)).order_by(
        *(each.desc() if down else each for each in columns)
    )
    page = ordered.limit(bindparam("limit"))
    return page if begins else found.from_statement(page)


def page_from(items, query, key):
    """Return the page; one more was read than is shown, to know whether there is a next page."""
    shown = items[: query.per_page]
    following = query.cursor_after(shown[-1], key) if len(items) > len(shown) else None
    return PageFrom(shown, following)
