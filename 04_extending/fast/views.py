"""What the techniques that replace views have in common."""

from cinema.data.database import db
from cinema.data.finders import MovieNotFound
from cinema.data.models import Movie

COLUMNS = tuple(getattr(Movie, name) for name in ("id", *Movie.MEMBERS))


def replace(app, version, endpoint, view):
    """Let a view take the place of another wherever a version ("v": any) is registered."""
    for name in app.view_functions:
        if name.startswith(version) and name.endswith(f".{endpoint}"):
            app.view_functions[name] = view


def execute(statement, **values):
    """Execute a statement on the session's connection, but without the session's work."""
    return db.session.connection().execute(statement, values)


def as_dictionary(row):
    return {column.key: getattr(row, column.key) for column in COLUMNS}


def refuse_missing(row, movie_id):
    """Raise MovieNotFound, as the plain finders do, if there is no row."""
    if row is None:
        raise MovieNotFound(f"There is no movie {movie_id}.")
