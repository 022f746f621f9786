"""The SQLite database: set up for concurrent requests, with one way to write."""

import sqlite3
import time
from contextlib import contextmanager

import click
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

PATIENCE = 5  # seconds that a request waits for a lock

db = SQLAlchemy(session_options={"expire_on_commit": False})  # no reload after a commit


def init_app(app):
    with naming("DATABASE_URL"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options(app.config["SQLALCHEMY_DATABASE_URI"])
        db.init_app(app)
        with app.app_context():
            event.listen(db.engine, "connect", open_like_a_server)
            db.engine.connect().close()
    with app.app_context(), writing():  # only one of two servers makes the tables
        db.metadata.create_all(db.session.connection())


@contextmanager
def naming(variable):
    """Turn the errors of a database that does not open into one line that names its variable."""
    try:
        yield
    except (ImportError, ValueError, SQLAlchemyError) as error:
        raise click.ClickException(
            f"{variable}, or its default, names no database that opens: {reason(error)}."
        ) from error


def reason(error):
    """Return an error's reason without the URL, which may contain a password."""
    if isinstance(error, (ValueError, ArgumentError)):
        return "it should be like sqlite:///cinema.db"
    return str(getattr(error, "orig", error)).partition("\n")[0]


def options(url):
    """Return engine options that allow a connection for each request, even while others wait.

    By default, SQLAlchemy allows 15. A database in memory has one connection only.
    """
    in_memory = make_url(url).database in (None, "", ":memory:")
    return {} if in_memory else {"max_overflow": -1}


def open_like_a_server(connection, _record):
    """Let readers work beside one writer; let other writers wait, for PATIENCE seconds at most.

    Another program, such as a database browser, may keep its lock for hours. With
    `synchronous = NORMAL`, a crash of the program loses no committed data; a power cut may lose the
    last moments, but never leaves a broken file (sqlite.org/wal.html).
    """
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")  # milliseconds
    turn_on_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def turn_on_wal(connection):
    """Retry for PATIENCE seconds: SQLite does not wait for a lock with this statement."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def is_passing(error):
    """Tell whether an OperationalError is temporary: another program has the lock."""
    return "locked" in str(error.orig)


@contextmanager
def writing():
    """Run the block in a transaction: commit it, or roll it back if it raises.

    BEGIN IMMEDIATE takes the write lock before the block reads anything, so no other writer can
    change what it has read until it ends.
    """
    db.session.execute(text("BEGIN IMMEDIATE"))
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
