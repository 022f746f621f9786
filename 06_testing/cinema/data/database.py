"""The databases, SQLite or PostgreSQL: set up for concurrent requests, with one way to write."""

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
CREDENTIALS = "credentials"  # the bind key of the database with the credentials

db = SQLAlchemy(session_options={"expire_on_commit": False})  # no reload after a commit
db.Model.registry.update_type_annotation_map(  # the same in both databases:
    {
        str: String().with_variant(String(collation="C"), "postgresql"),  # sorted by code point
        int: BigInteger().with_variant(Integer(), "sqlite"),  # 64 bits
    }
)


def init_app(app):
    urls = {
        None: app.config.get("SQLALCHEMY_DATABASE_URI"),
        **app.config.get("SQLALCHEMY_BINDS", {}),
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = None  # now one of the binds
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
    """Return engine options that allow a connection for each request, even while others wait.

    By default, SQLAlchemy allows 15. A database in memory has one connection only. Raises
    ArgumentError for any other kind of database.
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
    """Return the name of the environment variable with a database's URL."""
    if bind_key is None:
        return "DATABASE_URL"
    of_a_service = "AUTH_SERVICE_DATABASE_URL"
    return of_a_service if of_a_service in app.config else "CREDENTIALS_DATABASE_URL"


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


WHEN_OPENED = {"sqlite": open_like_a_server, "postgresql": postgresql.take_any_text}


def session_of(bind_key=None):
    """Return the session of the main database (None), or of the one with the CREDENTIALS.

    Each commits on its own: two databases cannot commit as one.
    """
    if bind_key is None:
        return db.session
    sessions = g.setdefault("sessions", {})
    if bind_key not in sessions:
        sessions[bind_key] = Session(db, expire_on_commit=False)
    return sessions[bind_key]


def give_back_connection(bind_key=None):
    """Release our connection before something slow; never call it in a `writing()` block."""
    session_of(bind_key).rollback()


def close_sessions(_error):
    for session in g.pop("sessions", {}).values():
        session.close()


@contextmanager
def writing(bind_key=None):
    """Run the block in a transaction and yield its connection; roll it back if the block raises.

    It takes the write lock before the block reads anything, so no other writer can change what it
    has read until it ends. A nested block on the same database is part of the outer one.

    SQLite allows one writer at a time. PostgreSQL allows many, but then each block would have to
    lock rows, or be repeated after a conflict (SERIALIZABLE). One at a time is always correct, and
    costs only the speed of parallel writes. Readers never wait, but writers do: so do nothing slow
    in a block.
    """
    session, blocks = session_of(bind_key), g.setdefault("writing", set())
    if bind_key in blocks:
        yield session.connection(bind_arguments={"bind": db.engines[bind_key]})
        session.flush()
        return
    session.rollback()  # forget what was read before the lock
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
    """Begin a transaction that does not overlap with another writer's."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1888)")  # until the transaction ends


def is_passing(error):
    """Tell whether an OperationalError is temporary: a lock, or a server that does not answer."""
    return not isinstance(error.orig, sqlite3.OperationalError) or "locked" in str(error.orig)
