"""The way from chapter 4 to chapter 5 with all that its own code has written."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from course.spine import find_chapter

pytestmark = pytest.mark.slow

PASSWORD = "the password of the tests"
FILL = """
from authorization_server import create_app as create_authorization_server
from cinema import create_app

create_authorization_server().test_cli_runner().invoke(args=["seed"])
app = create_app()
app.test_cli_runner().invoke(args=["seed"])
client = app.test_client()
alice, bob = ("alice", PASSWORD), ("bob", PASSWORD)
answers = [
    client.post("/v1/signing-key", auth=alice),
    client.put(
        "/v1/watchlists/x", auth=bob, json={"title": "Él", "movies": [3, 1], "private": True}
    ),
    client.patch("/v1/movies/3", auth=alice, json={"runtime": 131}),
    client.post("/v1/session", json={"name": "alice", "password": PASSWORD}),
]
assert all(answer.status_code < 300 for answer in answers), answers
"""
READ = """
import json
from cinema import create_app

app = create_app({"HTTPS": False, "TRUSTED_HOSTS": None})
client = app.test_client()
bob = ("bob", PASSWORD)
print(json.dumps([
    client.get("/v1/movies").json["total"],
    client.get("/v1/movies/3").json["runtime"],
    client.get("/v1/watchlists/x", auth=bob).json["movies"],
    client.get("/v1/signing-key", auth=("alice", PASSWORD)).status_code,
]))
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with the database that chapter 4's code has made."""
    run("4", FILL, tmp_path)
    return tmp_path


def run(chapter, program, folder):
    """Run a program in a chapter, whose databases are in the folder; return what it prints."""
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/cinema.db",
        "CREDENTIALS_DATABASE_URL": f"sqlite:///{folder}/credentials.db",
        "CINEMA_PASSWORD": PASSWORD,
        **{name: name for name in ("SECRET_KEY", "AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET")},
    }
    done = subprocess.run(
        [sys.executable, "-c", f"PASSWORD = {PASSWORD!r}\n{program}"],
        cwd=find_chapter(chapter).folder,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def rows_in(file):
    """Return all rows of all tables of a SQLite file: dictionaries."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        tables = [
            name
            for (name,) in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        return {
            table: sorted(
                (dict(row) for row in database.execute(f'SELECT * FROM "{table}"')),  # noqa: S608
                key=lambda row: list(row.values())[:2],
            )
            for table in tables
        }


def test_every_row_is_still_there_and_every_password_has_moved(folder):
    before = rows_in(folder / "cinema.db")

    told = json.loads(run("5", READ, folder))

    after, credentials = (rows_in(folder / name) for name in ("cinema.db", "credentials.db"))
    assert told == [659, 131, [3, 1], 200]
    assert len(before["movie"]) == 659
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for old, new in zip(rows, after[table], strict=True):
            gone = old.keys() - new.keys()
            assert gone == ({"password_hash", "signing_key"} if table == "user" else set())
            assert {name: new[name] for name in old.keys() - gone} == {
                name: old[name] for name in old.keys() - gone
            }
    names = {row["user_name"] for row in credentials["credential"]}
    assert names == {row["name"] for row in before["user"]} == {"alice", "bob"}
    keys = {row["user_name"]: row["signing_key"] for row in credentials["credential"]}
    assert keys == {row["name"]: row["signing_key"] for row in before["user"]}


def test_first_revision_is_what_chapter_4_makes(folder, tmp_path_factory):
    made = tables_in(folder / "cinema.db")
    other = tmp_path_factory.mktemp("migrated")

    run("5", FROM_THE_FIRST_REVISION, other)

    assert tables_in(other / "cinema.db") == made


FROM_THE_FIRST_REVISION = """
import os
from cinema.data import database, schema
from flask import Flask
from flask_migrate import Migrate, upgrade

app = Flask("cinema")
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
database.init_app(app)
Migrate(app, database.db, schema.MIGRATIONS)
with app.app_context():
    upgrade(revision="0001")
"""


def tables_in(file):
    """Return columns, references and indexes of each table, as SQLite tells them."""
    with closing(sqlite3.connect(file)) as database:
        names = [
            name
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in ("alembic_version", "sqlite_sequence")
        ]
        return {
            name: {
                question: sorted(
                    str(row[1:]) for row in database.execute(f'PRAGMA {question}("{name}")')
                )
                for question in ("table_info", "foreign_key_list", "index_list")
            }
            for name in names
        }
