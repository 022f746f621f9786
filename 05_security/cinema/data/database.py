"""The databases, SQLite or PostgreSQL: opened as a server would, with one way to write."""

import os
import sqlite3
import time
from contextlib import contextmanager
from weakref import WeakSet

from flask import g
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from psycopg.types.string import StrDumper
from sqlalchemy import BigInteger, Integer, String, event, make_url


class OneConnection(Session):
    """A session that shares the connection of those who need no session."""

    def get_bind(self, *args, **kwargs):
        return connection_to(super().get_bind(*args, **kwargs))


CREDENTIALS = "credentials"  # the bind of the database that holds what proves who somebody is

db = SQLAlchemy(
    session_options={
        "class_": OneConnection,
        "expire_on_commit": False,  # what was written is not read again
    },
)
db.Model.registry.update_type_annotation_map(  # to keep, and compare, the same everywhere:
    {
        str: String().with_variant(String(collation="C"), "postgresql"),  # by code point
        int: BigInteger().with_variant(Integer(), "sqlite"),  # of 64 bits
    }
)
engines = WeakSet()  # all of this process
PATIENCE = "-c lock_timeout=30s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
POSTGRESQL = {
    "pool_pre_ping": True,  # a connection that was lost while nobody used it is made anew
    "connect_args": {"connect_timeout": 5, "options": PATIENCE},  # seconds
}


def init_app(app):
    app.teardown_appcontext(give_back_connections)  # the first, and so the last to be called
    urls = {
        None: app.config.get("SQLALCHEMY_DATABASE_URI"),
        **app.config.get("SQLALCHEMY_BINDS", {}),
    }
    app.config["SQLALCHEMY_DATABASE_URI"] = None  # is one of the binds from here on
    app.config["SQLALCHEMY_BINDS"] = {key: how_to_open(url) for key, url in urls.items() if url}
    db.init_app(app)
    with app.app_context():
        engines.update(db.engines.values())
        for engine in db.engines.values():
            event.listen(engine, "connect", WHEN_OPENED[engine.dialect.name])


def how_to_open(url):
    """Return the options of an engine; `postgres://` and `postgresql://` are the same."""
    url = make_url(url)
    if url.get_backend_name() in ("postgres", "postgresql"):
        return {"url": url.set(drivername="postgresql+psycopg"), **POSTGRESQL}
    return {"url": url}


def leave_connections_to_the_parent():
    """Begin anew after a fork: two processes can't speak by the same connection."""
    for engine in engines:
        engine.dispose(close=False)


at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows knows no fork
at_fork(after_in_child=leave_connections_to_the_parent)


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


class AnyText(StrDumper):
    """Text as a value for PostgreSQL, which knows no U+0000: who looks for it finds nothing.

    To be kept, text with U+0000 is refused long before.
    """

    def dump(self, text):
        return super().dump(text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def take_any_text(connection, _record):
    connection.adapters.register_dumper(str, AnyText)


WHEN_OPENED = {"sqlite": open_like_a_server, "postgresql": take_any_text}


def own_connection(bind_key=None):
    """Return the connection that a request has for all that it reads and writes in a database.

    `bind_key` names the database: None is the main one, CREDENTIALS that of the credentials.
    """
    return connection_to(db.engines[bind_key])


def connection_to(engine):
    connections = g.setdefault("connections", {})
    if engine not in connections:
        connections[engine] = engine.connect()
    return connections[engine]


def give_back_connections(_error):
    for connection in g.pop("connections", {}).values():
        connection.close()


def read_one(statement, bind_key=None, **values):
    """Return the first row, or None; a statement that is built once costs a fourth of an entity."""
    return own_connection(bind_key).execute(statement, values).first()


def read_all(statement, **values):
    """Return all rows."""
    return own_connection().execute(statement, values).all()


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
    connection = own_connection(bind_key)
    blocks = g.setdefault("writing", set())
    if bind_key in blocks:
        yield connection
        db.session.flush()
        return
    commit_session()  # what it has read so far was not our turn
    try:
        take_turn(connection)
        blocks.add(bind_key)
        yield connection
        commit_session()
        connection.commit()
    except BaseException:
        db.session.rollback()
        connection.rollback()
        raise
    finally:
        blocks.discard(bind_key)


def take_turn(connection):
    """Begin a transaction that no other writer's overlaps."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    connection.rollback()  # what was read so far was not our turn
    connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1888)")  # until the transaction ends


def is_passing(error):
    """Tell of an OperationalError whether it may pass: somebody has the lock, or nobody answers."""
    return not isinstance(error.orig, sqlite3.OperationalError) or "locked" in str(error.orig)


def commit_session():
    """Let the session write what it holds, if there is one."""
    if db.session.registry.has():
        db.session.commit()
