"""Writes movies as rows, past the session's bookkeeping; the checks are still the model's."""

from functools import cache

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm.exc import StaleDataError

from .finders import no_movie
from .models import Movie
from .revisions import next_revision

TABLE = Movie.__table__
INSERT = insert(TABLE).values({name: bindparam(name) for name in (*Movie.MEMBERS, "version")})
SELECT = select(TABLE).where(TABLE.c.id == bindparam("id"))


def insert_movie(connection, movie):
    """Keep a new movie, and give it its id and version; the connection is that of `writing()`."""
    movie.version = next_revision(connection, Movie)
    row = movie.members() | {"version": movie.version}
    movie.id = connection.execute(INSERT, row).inserted_primary_key.id


def find_row(connection, movie_id):
    """Return the movie as a row; raise MovieNotFound if there is none with this id."""
    return connection.execute(SELECT, {"id": movie_id}).first() or no_movie(movie_id)


def update_movie(connection, movie, known):
    """Keep a movie in the place of the row that was known; if it says the same, nothing is done.

    Raises StaleDataError if the row has another version by now.
    """
    movie.id, movie.version = known.id, known.version
    members = movie.members().items()
    changes = {name: value for name, value in members if getattr(known, name) != value}
    if not changes:
        return
    movie.version = next_revision(connection, Movie)
    place = {"its_id": known.id, "known_version": known.version}
    row = changes | {"version": movie.version}
    if not connection.execute(update_of(*row), row | place).rowcount:
        raise StaleDataError(f"Movie {known.id} is not in version {known.version} any more.")


@cache
def update_of(*names):
    """Return the statement that writes these columns; the indexes of others stay as they are."""
    place = (TABLE.c.id == bindparam("its_id"), TABLE.c.version == bindparam("known_version"))
    return update(TABLE).where(*place).values({name: bindparam(name) for name in names})
