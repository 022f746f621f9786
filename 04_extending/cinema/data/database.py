"""The database: SQLite, opened as a server would open it, with one way to write."""

import sqlite3
import time
from contextlib import contextmanager

from flask import g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import event


class OneConnection(Session):
    """A session that shares the connection of those who need no session."""

    def get_bind(self, *_args, **_kwargs):
        return own_connection()


db = SQLAlchemy(
    session_options={
        "class_": OneConnection,
        "expire_on_commit": False,  # what was written is not read again
    }
)


def init_app(app):
    app.teardown_appcontext(give_back_connection)  # the first, and so the last to be called
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", open_like_a_server)
        with writing() as connection:  # two servers that start at once make the tables once
            db.metadata.create_all(connection)


def open_like_a_server(connection, _record):
    """Let readers and one writer work at the same time, and let writers wait for each other.

    With `synchronous = NORMAL` a crash of the program loses nothing that was committed; a power
    cut may lose the last moments, but never leaves a broken file (sqlite.org/wal.html).
    """
    connection.execute("PRAGMA busy_timeout = 30000")  # milliseconds
    turn_on_wal(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def turn_on_wal(connection):
    """Try for five seconds: alone among its statements, SQLite does not wait for its turn here."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def own_connection():
    """Return the connection that a request has for all that it reads and writes."""
    if "connection" not in g:
        g.connection = db.engine.connect()
    return g.connection


def give_back_connection(_error):
    if "connection" in g:
        g.pop("connection").close()


def read_one(statement, **values):
    """Return the first row, or None; a statement that is built once costs a fourth of an entity."""
    return own_connection().execute(statement, values).first()


def read_all(statement, **values):
    """Return all rows."""
    return own_connection().execute(statement, values).all()


@contextmanager
def writing():
    """Commit what the block does as a whole, or undo it as a whole; give it the connection.

    BEGIN IMMEDIATE waits for our turn before anything is read: what the block has read, no other
    writer changes until it ends. A block within a block is a part of it.
    """
    connection = own_connection()
    if "writing" in g:
        yield connection
        db.session.flush()
        return
    commit_session()  # what it has read so far was not our turn
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    g.writing = True
    try:
        yield connection
        commit_session()
        connection.commit()
    except BaseException:
        db.session.rollback()
        connection.rollback()
        raise
    finally:
        del g.writing


def commit_session():
    """Let the session write what it holds, if there is one."""
    if db.session.registry.has():
        db.session.commit()
