"""Copies of databases, so that each test begins with the same; and all tests on PostgreSQL.

`TEST_DATABASE_URL=postgresql://… python -m unittest` makes a database of a server of every SQLite
database that a test asks for; TEST_CREDENTIALS_DATABASE_URL may name another server for those of
the credentials. Their user must be allowed to make databases.
"""

import atexit
import os
import weakref
from hashlib import sha256
from unittest import skipIf

import psycopg
from cinema.data.database import CREDENTIALS, db, how_to_open
from psycopg import sql
from sqlalchemy import MetaData, Table, event, inspect, make_url

RUN = os.urandom(8).hex()  # and what we make is gone when it ends
SERVERS = {None: os.environ.get("TEST_DATABASE_URL")}
SERVERS[CREDENTIALS] = os.environ.get("TEST_CREDENTIALS_DATABASE_URL", SERVERS[None])

NO_TABLE = "no such table|relation .* does not exist"  # as the one and the other say it
about_sqlite = skipIf(SERVERS[None], "this is about SQLite itself")
about_postgresql = skipIf(not SERVERS[None], "this needs TEST_DATABASE_URL, of PostgreSQL")


class Snapshot(bytes):
    """What was in several places, one after the other: to be compared, searched, and put back."""

    def __new__(cls, parts):
        parts = list(parts)
        snapshot = super().__new__(cls, b"".join(parts))
        snapshot.parts = parts
        return snapshot


class Databases:
    """All databases of an application, in its context; what else it is asked is the main one's."""

    def __init__(self):
        self.all = [database_of(bind_key) for bind_key in db.engines]

    def serialize(self):
        return Snapshot(database.serialize() for database in self.all)

    def deserialize(self, snapshot):
        for database, part in zip(self.all, snapshot.parts, strict=True):
            database.deserialize(part)

    def __getattr__(self, name):
        return getattr(self.all[0], name)


def database_of(bind_key):
    engine = db.engines[bind_key]
    if engine.dialect.name == "sqlite":  # whose own connection can do all that
        return engine.raw_connection().driver_connection
    return PostgreSQL(engine, db.metadatas[bind_key])


class PostgreSQL:
    """A database of PostgreSQL, which is copied and restored as one of SQLite in memory is."""

    def __init__(self, engine, metadata):
        self.engine, self.metadata = engine, metadata
        self.connection = connect(engine.url)
        atexit.register(self.connection.close)
        self.execute = self.connection.execute
        self.revisions = Table("alembic_version", MetaData(), autoload_with=engine)
        self.tables, self.numbered = [], []  # those with a row first that others refer to
        found = inspect(engine)
        for table, _ in found.get_sorted_table_and_fkc_names()[:-1]:
            self.tables.append(sql.Identifier(table))
            if any("nextval" in str(column["default"]) for column in found.get_columns(table)):
                self.numbered.append(table)

    def serialize(self):
        return Snapshot(map(self.rows, self.tables))

    def rows(self, table):
        """Return a line for each row, sorted: VACUUM may have moved where a row is put next."""
        statement = sql.SQL("COPY {} TO STDOUT").format(table)
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            return b"".join(sorted(b"".join(map(bytes, copy)).splitlines(keepends=True)))

    def deserialize(self, snapshot):
        """Put rows and numbers back, and before them the tables, if a test has taken one away."""
        names = {table.as_string() for table in self.tables}
        if names - {f'"{name}"' for name in inspect(self.engine).get_table_names()}:
            self.make_tables_anew()
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for table in reversed(self.tables):
                cursor.execute(sql.SQL("DELETE FROM {}").format(table))
            for table, rows in zip(self.tables, snapshot.parts, strict=True):
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                    copy.write(rows)
            for table in self.numbered:
                self.number_from_the_highest(cursor, table)

    def make_tables_anew(self):
        with self.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
            self.metadata.create_all(connection)
            self.revisions.create(connection)

    def number_from_the_highest(self, cursor, table):
        cursor.execute(
            sql.SQL(
                "SELECT setval(pg_get_serial_sequence({name}, 'id'), coalesce(max(id), 0) + 1,"
                " false) FROM {table}"
            ).format(table=sql.Identifier(table), name=sql.Literal(f'"{table}"'))
        )


def connect(url):
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def on_postgresql(bind_key, options):
    """Return the options of an engine for a database of PostgreSQL in the place of SQLite's."""
    url, server = make_url(options["url"]), make_url(SERVERS[bind_key])
    if url.get_backend_name() != "sqlite":
        return options
    place = url.database or os.urandom(8).hex()  # two in memory are two, two of one file are one
    name = "test_" + sha256(f"{RUN} {place}".encode()).hexdigest()[:16]
    with connect(server) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone():
            make_database(connection, server, name)
    return how_to_open(server.set(database=name))


def make_database(connection, server, name):
    identifier = sql.Identifier(name)
    try:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateDatabase):
        return  # another thread was faster
    atexit.register(drop_database, server, identifier)


def drop_database(server, identifier):
    with connect(server) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def closing_with(engine):
    """Close connections when nobody knows their engine any more: many tests don't dispose of it."""

    def close_at_the_end(connection, _record):
        weakref.finalize(known, connection.close)

    known = engine.pool
    return close_at_the_end


def use_postgresql():
    """Let every application of the tests find its databases there."""
    init_app = db.init_app

    def elsewhere(app):
        binds = app.config["SQLALCHEMY_BINDS"]
        app.config["SQLALCHEMY_BINDS"] = {key: on_postgresql(key, binds[key]) for key in binds}
        init_app(app)
        with app.app_context():
            for engine in db.engines.values():
                event.listen(engine, "connect", closing_with(engine))

    db.init_app = elsewhere


if SERVERS[None]:
    use_postgresql()
