"""The database: SQLite, opened as a server would open it, with one way to write."""

import sqlite3
import time
from contextlib import contextmanager

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, make_url, text

PATIENCE = 5  # seconds that a request waits for a lock

db = SQLAlchemy(session_options={"expire_on_commit": False})  # what was written is not read again


def init_app(app):
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options(app.config["SQLALCHEMY_DATABASE_URI"])
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", open_like_a_server)
        with writing():  # two servers that start at once make the tables once
            db.metadata.create_all(db.session.connection())


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


def is_passing(error):
    """Tell of an OperationalError whether it may pass: another program has the lock."""
    return "locked" in str(error.orig)


@contextmanager
def writing():
    """Commit what the block does as a whole, or undo it as a whole.

    BEGIN IMMEDIATE waits for our turn before anything is read: what the block has read, no other
    writer changes until it ends.
    """
    db.session.execute(text("BEGIN IMMEDIATE"))
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
