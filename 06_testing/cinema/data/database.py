"""The databases, SQLite or PostgreSQL: opened as a server would, with one way to write."""

import sqlite3
import time
from contextlib import contextmanager

import click
from flask import g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import BigInteger, Integer, String, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from . import forks, postgresql

PATIENCE = 5  # seconds that a request waits for a lock
CREDENTIALS = "credentials"  # the bind of the database that holds what proves who somebody is

db = SQLAlchemy(session_options={"expire_on_commit": False})  # what was written is not read again
db.Model.registry.update_type_annotation_map(  # to keep, and compare, the same everywhere:
    {
        str: String().with_variant(String(collation="C"), "postgresql"),  # by code point
        int: BigInteger().with_variant(Integer(), "sqlite"),  # of 64 bits
    }
)


def init_app(app):
    urls = {
        None: app.config.get("SQLALCHEMY_DATABASE_URI"),
        **app.config.get("SQLALCHEMY_BINDS", {}),
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = None  # is one of the binds from here on
    binds = app.config["SQLALCHEMY_BINDS"] = {}
    for bind_key, url in urls.items():
        if url:
            with naming(variable(app, bind_key)):
                binds[bind_key] = how_to_open(url)
    app.teardown_appcontext(close_sessions)
    db.init_app(app)
    with app.app_context():
        forks.engines.update(db.engines.values())
        for engine in db.engines.values():
            event.listen(engine, "connect", WHEN_OPENED[engine.dialect.name])


def how_to_open(url):
    """Return the options of an engine; see to it that there is a connection for each request.

    Those that wait for a lock keep theirs, and SQLAlchemy would keep the sixteenth waiting. In
    memory, there is but one connection. Raises ArgumentError if it is a database of another kind.
    """
    url = make_url(url)
    kind = url.get_backend_name()
    if kind in postgresql.SCHEMES:
        return postgresql.options(url)
    if kind != "sqlite":
        raise ArgumentError("This is neither SQLite nor PostgreSQL.")
    in_memory = url.database in (None, "", ":memory:")
    return {"url": url} if in_memory else {"url": url, "max_overflow": -1}


def variable(app, bind_key):
    """Return the name of the environment variable that says where a database is."""
    if bind_key is None:
        return "DATABASE_URL"
    of_a_service = "AUTH_SERVICE_DATABASE_URL"
    return of_a_service if of_a_service in app.config else "CREDENTIALS_DATABASE_URL"


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


WHEN_OPENED = {"sqlite": open_like_a_server, "postgresql": postgresql.take_any_text}


def session_of(bind_key=None):
    """Return the session of a database: None is the main one, CREDENTIALS that of the credentials.

    Each has its own, and commits for itself: two databases cannot commit as one.
    """
    if bind_key is None:
        return db.session
    sessions = g.setdefault("sessions", {})
    if bind_key not in sessions:
        sessions[bind_key] = Session(db, expire_on_commit=False)
    return sessions[bind_key]


def give_back_connection(bind_key=None):
    """Let others have our connection while we do something slow; not in a block of `writing()`."""
    session_of(bind_key).rollback()


def close_sessions(_error):
    for session in g.pop("sessions", {}).values():
        session.close()


@contextmanager
def writing(bind_key=None):
    """Commit what the block does as a whole, or undo it as a whole; give it the connection.

    It waits for our turn before anything is read: what the block has read, no other writer changes
    until it ends. A block within a block of the same database is a part of it.

    SQLite has one writer at a time by nature. PostgreSQL could have many; but then each block would
    have to say what it must not lose: by locks on rows, or by trying again (SERIALIZABLE). Taking
    turns there too is right by construction, and costs what parallel writers would gain: readers
    never wait, writers do, so that nothing slow belongs into a block.
    """
    session, blocks = session_of(bind_key), g.setdefault("writing", set())
    if bind_key in blocks:
        yield session.connection(bind_arguments={"bind": db.engines[bind_key]})
        session.flush()
        return
    session.rollback()  # forget what was read before our turn
    connection = session.connection(bind_arguments={"bind": db.engines[bind_key]})
    blocks.add(bind_key)
    try:
        take_turn(connection)
        yield connection
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        blocks.discard(bind_key)


def take_turn(connection):
    """Begin a transaction that no other writer's overlaps."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1888)")  # until the transaction ends


def is_passing(error):
    """Tell of an OperationalError whether it may pass: somebody has the lock, or nobody answers."""
    return not isinstance(error.orig, sqlite3.OperationalError) or "locked" in str(error.orig)
