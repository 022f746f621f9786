"""The tables: movies are known by UUIDs, and each movie of a watchlist has its place."""

import re
from datetime import UTC, datetime
from uuid import uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.orderinglist import ordering_list

db = SQLAlchemy()
TEXT = "a text of 1 to 300 characters that is not blank"


def uuid():
    return str(uuid4())


def now():
    return datetime.now(UTC).isoformat()


class Movie(db.Model):
    id = db.Column(db.String, primary_key=True, default=uuid)
    title = db.Column(db.String, nullable=False)
    director = db.Column(db.String, nullable=False)
    year = db.Column(db.Integer, nullable=False)
    runtime = db.Column(db.Integer, nullable=False)
    imdb_id = db.Column(db.String, unique=True)
    updated = db.Column(db.String, nullable=False, default=now)
    revision = db.Column(db.Integer, nullable=False)
    places = db.relationship("Place", back_populates="movie", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": revision}


class Place(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    number = db.Column(db.Integer)
    list_name = db.Column(db.ForeignKey("watchlist.name"), nullable=False)
    movie_id = db.Column(db.ForeignKey("movie.id"), nullable=False)
    movie = db.relationship(Movie, back_populates="places")


class Watchlist(db.Model):
    name = db.Column(db.String, primary_key=True)
    title = db.Column(db.String, nullable=False)
    places = db.relationship(
        Place,
        order_by=Place.number,
        collection_class=ordering_list("number"),
        cascade="all, delete-orphan",
    )
    movie_ids = association_proxy("places", "movie_id", creator=lambda key: Place(movie_id=key))


def is_text(value):
    return isinstance(value, str) and bool(value.strip()) and len(value) <= 300


def between(least, most):
    return lambda value: type(value) is int and least <= value <= most


def is_imdb_id(value):
    return value is None or (isinstance(value, str) and re.fullmatch(r"tt\d{7,8}", value))


RULES = {
    "title": (is_text, TEXT),
    "director": (is_text, TEXT),
    "year": (between(1888, 2100), "a whole number from 1888 to 2100"),
    "runtime": (between(1, 100_000), "a whole number from 1 to 100000"),
    "imdb_id": (is_imdb_id, "tt and seven or eight digits"),
}


def wrong_members(values, read_only=()):
    """Return what is wrong with the members of a movie: pairs of a JSON Pointer and a reason."""
    wrong = [
        (f"#/{name}", f"should be {rule}")
        for name, (good, rule) in RULES.items()
        if not good(values.get(name))
    ]
    known = dict(read_only)
    for name in values.keys() - RULES:
        if name not in known or known[name] != values[name]:
            wrong.append((f"#/{name}", "cannot be set"))
    return wrong


def wrong_list(name, values):
    wrong = []
    if not re.fullmatch(r"(?=.{1,64}$)[a-z0-9]+(-[a-z0-9]+)*", name):
        wrong.append(("#/name", "small letters, digits, and single hyphens between them"))
    if not is_text(values.get("title")):
        wrong.append(("#/title", f"should be {TEXT}"))
    movies = values.get("movies", [])
    if not isinstance(movies, list):
        return [*wrong, ("#/movies", "should be a list of ids")]
    for place, key in enumerate(movies):
        if key in movies[:place] or not (isinstance(key, str) and db.session.get(Movie, key)):
            wrong.append((f"#/movies/{place}", "should be the id of a movie, once"))
    return wrong
