"""The database: SQLite, opened as a server would open it, with one way to write."""

import sqlite3
import time
from contextlib import contextmanager

import click
from flask import g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

PATIENCE = 5  # seconds that a request waits for a lock

db = SQLAlchemy(session_options={"expire_on_commit": False})  # what was written is not read again


def init_app(app):
    with naming("DATABASE_URL"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options(app.config["SQLALCHEMY_DATABASE_URI"])
        db.init_app(app)
        with app.app_context():
            event.listen(db.engine, "connect", open_like_a_server)
            db.engine.connect().close()
    with app.app_context(), writing():  # two servers that start at once make the tables once
        db.metadata.create_all(db.session.connection())


@contextmanager
def naming(variable):
    """Say in one line that the database does not open which an environment variable names."""
    try:
        yield
    except (ImportError, ValueError, SQLAlchemyError) as error:
        raise click.ClickException(
            f"{variable}, or its default, names no database that opens: {reason(error)}."
        ) from error


def reason(error):
    """Return why not, without the URL: there may be a password in it."""
    if isinstance(error, (ValueError, ArgumentError)):
        return "it should be like sqlite:///cinema.db"
    return str(getattr(error, "orig", error)).partition("\n")[0]


def options(url):
    """Let there be a connection for each request: those that wait for a lock keep theirs.

    SQLAlchemy would keep the sixteenth waiting. In memory, there is but one connection.
    """
    in_memory = make_url(url).database in (None, "", ":memory:")
    return {} if in_memory else {"max_overflow": -1}


def open_like_a_server(connection, _record):
    """Let readers and one writer work at the same time, and let writers wait for each other.

    They do not wait long: another program, such as a database browser, may keep its lock for hours.
    With `synchronous = NORMAL` a crash of the program loses nothing that was committed; a power
    cut may lose the last moments, but never leaves a broken file (sqlite.org/wal.html).
    """
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")  # milliseconds
    turn_on_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def turn_on_wal(connection):
    """Try as long as that: alone among its statements, SQLite does not wait for its turn here."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def give_back_connection():
    """Let others have our connection while we do something slow; not in a block of `writing()`."""
    db.session.rollback()


def is_passing(error):
    """Tell of an OperationalError whether it may pass: another program has the lock."""
    return "locked" in str(error.orig)


@contextmanager
def writing():
    """Commit what the block does as a whole, or undo it as a whole.

    BEGIN IMMEDIATE waits for our turn before anything is read: what the block has read, no other
    writer changes until it ends. A block within a block is a part of it.
    """
    if "writing" in g:
        yield
        db.session.flush()
        return
    db.session.rollback()  # forget what was read before our turn
    db.session.execute(text("BEGIN IMMEDIATE"))
    g.writing = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        del g.writing
