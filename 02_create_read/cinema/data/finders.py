"""Finds movies, as dictionaries for responses or as instances."""

from dataclasses import dataclass

from sqlalchemy import func, select

from .database import db
from .models import Movie


class MovieNotFound(LookupError):
    """The cinema has no such movie."""


@dataclass
class Page:
    """One page of the results; `total` counts all of them."""

    items: list
    total: int


def find_movie(movie_id, serialize=True):
    """Return one movie; raise MovieNotFound if there is none with this id."""
    movie = db.session.get(Movie, movie_id)
    if movie is None:
        raise MovieNotFound(f"There is no movie {movie_id}.")
    return movie.serialize() if serialize else movie


def find_movies(query, serialize=True):
    """Return the Page that a MovieQuery asks for."""
    return find_page(matching(query).order_by(*order(query.sort)), query, serialize)


def find_page(found, query, serialize):
    entities = db.session.scalars(found.limit(query.per_page).offset(query.offset)).all()
    return Page(
        items=[entity.serialize() for entity in entities] if serialize else entities,
        total=count(found, query, len(entities)),
    )


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
