"""Copies the write-ahead log into the database ten times less often.

Replaces: a setting of SQLite, through SQLAlchemy's `connect` event. A commit appends pages to the
log; every 1,000 pages, SQLite copies them into the database, and waits for the disk. Pages that
changed several times meanwhile, such as those of an index, are copied once.
Gives up: disk space for a log of 40 MB. It is for SQLite in a file.
"""

from cinema.data.database import db
from sqlalchemy import event

from .common import sqlite_file

PAGES = 10_000  # of 4 KiB


def init_app(app):
    if sqlite_file(app):
        with app.app_context():
            event.listen(db.engine, "connect", checkpoint_seldom)
            db.engine.dispose()  # connections from before the setting


def checkpoint_seldom(connection, _record):
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES}")
