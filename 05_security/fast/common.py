"""Functions that several techniques use."""

from cinema.data.database import db
from cinema.data.finders import MovieNotFound
from cinema.data.models import Movie

COLUMNS = tuple(getattr(Movie, name) for name in ("id", *Movie.MEMBERS))


def sqlite_file(app):
    """Return the path of the application's database, or None if it is not an SQLite file."""
    with app.app_context():
        url = db.engine.url
    in_a_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return url.database if in_a_file else None


def replace(app, version, endpoint, view):
    """Replace an endpoint's view wherever a version ("v": any version) is registered."""
    for name in app.view_functions:
        if name.startswith(version) and name.endswith(f".{endpoint}"):
            app.view_functions[name] = view


def execute(statement, **values):
    """Execute a statement on the session's connection, without the session."""
    return db.session.connection().execute(statement, values)


def as_dictionary(row):
    return {column.key: getattr(row, column.key) for column in COLUMNS}


def refuse_missing(row, movie_id):
    """Raise MovieNotFound, as the plain finders do, if there is no row."""
    if row is None:
        raise MovieNotFound(f"There is no movie {movie_id}.")
