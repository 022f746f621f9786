"""Creates the tables: from the models in an empty database, else by migrations."""

import time
from contextlib import ExitStack
from pathlib import Path

from alembic.migration import MigrationContext
from flask_migrate import Migrate
from flask_migrate import upgrade as run_migrations
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from .database import db, is_passing, naming, variable, writing

MIGRATIONS = Path(__file__).parents[2] / "migrations"
CHAPTER_4, NEWEST = "0001", "0002"  # revisions: the files in migrations/versions
KEEP_REVISION = (
    text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) PRIMARY KEY)"),
    text("DELETE FROM alembic_version"),
    text("INSERT INTO alembic_version VALUES (:revision)"),
)


def init_app(app):
    """Create or upgrade the tables; if two servers start at once, only the first does."""
    Migrate(app, db, MIGRATIONS, render_as_batch=False)
    with app.app_context():
        for bind_key, engine in db.engines.items():
            with naming(variable(app, bind_key)):
                wait_for(engine)
    with app.app_context(), writing_everywhere() as connections:
        if any(is_of_chapter_4(connection) for connection in connections.values()):
            keep_revision(connections[None], CHAPTER_4)
        else:
            for connection in filter(is_empty, connections.values()):
                keep_revision(connection, NEWEST)
        upgrading = any(revision_of(each) != NEWEST for each in connections.values())
        if upgrading:
            run_migrations()
        for bind_key, connection in connections.items():  # also those of a second app in it
            db.metadatas[bind_key].create_all(connection)
    if upgrading:
        tidy_up(app)


def wait_for(engine):
    """Wait up to ten seconds for a server that is starting, or recovering from a crash."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return engine.connect().close()
        except OperationalError as error:
            if not is_passing(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class writing_everywhere(ExitStack):  # noqa: N801 (it is used as `writing` is)
    """Write in all databases; the main one, with the revision of all, commits last."""

    def __enter__(self):
        super().__enter__()
        return {
            bind_key: self.enter_context(writing(bind_key))
            for bind_key in sorted(db.engines, key=lambda bind_key: bind_key or "")
        }


def tidy_up(app):
    """Remove the copies of moved rows from SQLite's write-ahead log."""
    with app.app_context():
        for engine in filter(is_sqlite, db.engines.values()):
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def is_sqlite(engine):
    return engine.dialect.name == "sqlite"


def is_empty(connection):
    return not inspect(connection).get_table_names()


def is_of_chapter_4(connection):
    """Tell whether a database is from chapter 4, which had no migrations."""
    tables = inspect(connection).get_table_names()
    return "movie" in tables and "alembic_version" not in tables


def revision_of(connection):
    """Return the revision that a database is at, or None."""
    return MigrationContext.configure(connection).get_current_revision()


def keep_revision(connection, revision):
    *statements, insert = KEEP_REVISION
    for statement in statements:
        connection.execute(statement)
    connection.execute(insert, {"revision": revision})
