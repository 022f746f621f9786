"""Reads a movie as a row, with one statement that is built when the program starts.

Replaces: the view of one movie, through `app.view_functions`. The plain one asks twice, for the
version and for the movie; it builds each `select()` anew, and the ORM makes an entity.
Gives up: there is one more view to keep in step with the plain one.
"""

from cinema.api.list_query import asked, read_serialize
from cinema.api.representation import as_text, represent_movie
from cinema.data.finders import find_movie
from cinema.data.models import Movie
from cinema.http.caching import cached
from cinema.http.conditional import versioned
from cinema.http.negotiation import TEXT
from flask import g
from sqlalchemy import bindparam, select

from .common import COLUMNS, as_dictionary, execute, refuse_missing, replace

MOVIE = select(*COLUMNS, Movie.version).where(Movie.id == bindparam("id"))


def init_app(app):
    replace(app, "v", "movies.get_movie", get_movie)


def find_version(movie_id):
    g.row = execute(MOVIE, id=movie_id).first()
    refuse_missing(g.row, movie_id)
    return g.row.version


@asked(read_serialize)
@versioned(find_version)
@cached
def get_movie(serialize, movie_id):
    if serialize and g.media_type != TEXT:
        return represent_movie(as_dictionary(g.row))
    return as_text([find_movie(movie_id, serialize=False)])
