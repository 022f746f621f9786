"""One database, of SQLite."""

from cinema.data.database import db


def Databases():  # noqa: N802 (where there are several, it is a class)
    return db.engine.raw_connection().driver_connection


def about_sqlite(test):
    return test
