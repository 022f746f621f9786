"""2.0 From one file to a package: the movies move into a database."""

import sqlite3
from contextlib import closing

from course.building.promise import HARDENED, Book
from course.building.wire import Broken
from promises.films import some_movies

book = Book("20")


@book.promise(
    "The movie becomes a table",
    "SQLAlchemy, ORM Quick Start",
    "The check says in the variable DATABASE_URL where the database must be.",
    'app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL")',
    "The films are loaded by a command of yours: check runs `seed` before it starts the API.",
    control=True,
    after=("lists",),
)
def in_the_database(api):
    """The movies are in the SQLite database that the variable DATABASE_URL names."""
    title = some_movies(api)[0]["title"]
    if not holds(api.control.database, title):
        table = f"a table of that database (DATABASE_URL: sqlite:/// and its path) with {title}"
        raise Broken(table, api.last.exchange)


@book.promise(
    "The movie becomes a table",
    "SQLite, Atomic Commit",
    "Where does a movie live while no program is running?",
    tier=HARDENED,
    control=True,
    after=("in_the_database",),
)
def still_there(api):
    """The movies are still there after the server was killed and started again."""
    before = some_movies(api)
    api.control.restart()
    answer = api.get("/v1/movies").must_be(200)
    answer.must(answer.object["movies"] == before, "the movies that were there before")


def holds(file, title):
    """Tell whether a table of an SQLite file has a row with this text in it."""
    if not file.exists():
        return False
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            quoted = table.replace('"', '""')
            if any(title in row for row in database.execute(f'SELECT * FROM "{quoted}"')):  # noqa: S608
                return True
    return False
