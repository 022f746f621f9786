"""Finds movies and watchlists, as dictionaries for responses or as instances."""

import operator
from dataclasses import dataclass

from sqlalchemy import bindparam, func, or_, select, union_all
from sqlalchemy.orm import selectinload

from .cursor import Cursor
from .database import db
from .models import Movie, Watchlist

VERSION_OF_MOVIE = select(Movie.version).where(Movie.id == bindparam("id"))  # built once


class MovieNotFound(LookupError):
    """The cinema has no such movie."""


class WatchlistNotFound(LookupError):
    """There is no such watchlist, or its reader may not see it."""


@dataclass
class Page:
    """One page of the results; `total` counts all of them."""

    items: list
    total: int


@dataclass
class PageFrom:
    """One page of the results; `following` is the cursor of the next page, or None."""

    items: list
    following: Cursor | None
    total: None = None  # not counted


def find_movie(movie_id, serialize=True):
    """Return one movie; raise MovieNotFound if there is none with this id."""
    movie = db.session.get(Movie, movie_id)
    if movie is None:
        raise MovieNotFound(f"There is no movie {movie_id}.")
    return movie.serialize() if serialize else movie


def find_movie_version(movie_id):
    """Return a movie's version without loading the movie; raise MovieNotFound."""
    version = db.session.scalar(VERSION_OF_MOVIE, {"id": movie_id})
    if version is None:
        raise MovieNotFound(f"There is no movie {movie_id}.")
    return version


def find_movies(query, serialize=True):
    """Return the Page that a MovieQuery asks for."""
    return find_page(matching(query).order_by(*order(query.sort)), query, serialize)


def find_movies_from(query, serialize=True):
    """Return the PageFrom that a MovieCursorQuery asks for."""
    column = getattr(Movie, query.sort.removeprefix("-"))
    return find_page_from(matching(query), (column, Movie.id), query, serialize)


def find_watchlist(name, reader, serialize=True):
    """Return one watchlist; raise WatchlistNotFound if there is none that this reader may see."""
    watchlist = db.session.get(Watchlist, name)
    refuse_if_hidden(watchlist, name, reader)
    return watchlist.serialize() if serialize else watchlist


def find_watchlist_version(name, reader):
    """Return a watchlist's version without loading its movies; raise WatchlistNotFound."""
    columns = select(Watchlist.version, Watchlist.owner, Watchlist.private)
    watchlist = db.session.execute(columns.filter_by(name=name)).first()
    refuse_if_hidden(watchlist, name, reader)
    return watchlist.version


def refuse_if_hidden(watchlist, name, reader):
    """Raise the same WatchlistNotFound for a hidden watchlist as for a missing one."""
    if watchlist is None or (watchlist.private and watchlist.owner != reader):
        raise WatchlistNotFound(f"There is no watchlist {name:.64}.")  # no name is longer


def find_watchlists(query, reader, serialize=True):
    """Return the Page that a PageQuery asks for, of what this reader may see."""
    return find_page(visible_to(reader).order_by(Watchlist.name), query, serialize)


def find_watchlists_from(query, reader, serialize=True):
    """Return the PageFrom that a CursorQuery asks for, of what this reader may see."""
    return find_page_from(visible_to(reader), (Watchlist.name, Watchlist.name), query, serialize)


def visible_to(reader):
    visible = or_(Watchlist.private.is_(False), Watchlist.owner == reader)
    return select(Watchlist).options(selectinload(Watchlist.items)).where(visible)


def find_page(found, query, serialize):
    entities = db.session.scalars(found.limit(query.per_page).offset(query.offset)).all()
    return Page(
        items=[entity.serialize() for entity in entities] if serialize else entities,
        total=count(found, query, len(entities)),
    )


def find_page_from(found, columns, query, serialize):
    """Return the PageFrom after the query's cursor, sorted by a column and a key.

    It reads one row more than it returns, to know whether there is a next page.
    """
    down = query.sort.startswith("-")
    order = [column.desc() if down else column for column in columns]
    rest = after(query.cursor, found, columns, down) if query.cursor else found
    page = rest.order_by(*order).limit(query.per_page + 1)
    entities = db.session.scalars(found.from_statement(page)).all()
    shown = entities[: query.per_page]
    return PageFrom(
        items=[entity.serialize() for entity in shown] if serialize else shown,
        following=query.cursor_at(shown[-1], columns) if len(entities) > len(shown) else None,
    )


def after(cursor, found, columns, down):
    """Select the rows after a cursor; with an index on the column, equally fast at any depth.

    Two parts: rows with the same value and a later key, then rows with a later value. For
    `(column, key) > (value, key)`, which means the same, SQLite would read all equal values.
    """
    later = operator.lt if down else operator.gt
    column, key = columns
    equals = found.where(column == cursor.value, later(key, cursor.key))
    return union_all(equals, found.where(later(column, cursor.value)))


def matching(query):
    movies = select(Movie)
    if query.director is not None:
        movies = movies.where(Movie.director == query.director)
    if query.year is not None:
        movies = movies.where(Movie.year == query.year)
    if query.q is not None:
        movies = movies.where(Movie.title.icontains(query.q, autoescape=True))
    return movies


def order(sort):
    """Return the columns to sort by; the id breaks ties, so that no movie is on two pages."""
    column = getattr(Movie, sort.removeprefix("-"))
    return (column.desc() if sort.startswith("-") else column), Movie.id


def count(found, query, shown):
    """Count all results; query the database only if the page is not enough to tell."""
    if shown < query.per_page and (shown or query.page == 1):
        return query.offset + shown
    return db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
