"""5.e Migrations: chapter 4's database is upgraded, and nothing in it is lost."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase

import auth_service
import authorization_server
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cinema import create_app
from cinema.data.database import CREDENTIALS, db
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy import Engine, MetaData, Pool, event, text
from werkzeug.security import generate_password_hash

from . import PASSWORD, SETTINGS, all_at_once, basic
from .databases import about_sqlite
from .lesson import made_in

with made_in("5.e"):
    from cinema.data import database, schema

OLD_HASH = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")  # cheaper than chapter 4's
ROWS = {
    "user": [
        {"name": "alice", "role": "editor", "password_hash": OLD_HASH, "signing_key": b"\0key"},
        {"name": "bob", "role": "member", "password_hash": "bob's", "signing_key": None},
    ],
    "movie": [
        {
            "id": 7,
            "title": "Él",
            "director": "Luis Buñuel",
            "year": 1953,
            "runtime": 92,
            "imdb_id": None,
            "version": 3,
        }
    ],
    "watchlist": [
        {"name": "x", "title": "X", "private": True, "owner": "alice", "version": 2},
    ],
    "watchlist_item": [{"watchlist_name": "x", "position": 0, "movie_id": 7}],
    "login_session": [
        {"token_hash": "abc", "user_name": "bob", "expires": datetime(2026, 11, 25, 12)},
    ],
    "revision": [{"kind": "movie", "number": 3}, {"kind": "watchlist", "number": 2}],
    "oauth_client": [
        {"id": "robot", "secret_hash": "h", "redirect_uris": ["http://a"], "scope": "movies:write"},
    ],
    "oauth_consent": [
        {
            "id": 5,
            "client_id": "robot",
            "user_name": "bob",
            "scope": "watchlists:read",
            "expires_at": 2**33,
        }
    ],
}
CREDENTIALS_OF_THEM = [
    {"user_name": "alice", "password_hash": OLD_HASH, "signing_key": b"\0key"},
    {"user_name": "bob", "password_hash": "bob's", "signing_key": None},
]


class MigrationTestCase(TestCase):
    """A folder with databases, which a test may open several times."""

    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.main = f"sqlite:///{self.folder}/cinema.db"
        self.credentials = f"sqlite:///{self.folder}/credentials.db"
        connected = Pool, "connect", lambda connection, _: self.addCleanup(connection.close)
        event.listen(*connected)  # else one would stay open when an application does not start
        self.addCleanup(event.remove, *connected)

    def start(self, create_app=create_app, **settings):
        urls = {
            "SQLALCHEMY_DATABASE_URI": self.main,
            "CREDENTIALS_DATABASE_URL": self.credentials,
        }
        return self.closed_at_the_end(create_app(SETTINGS | urls | settings))

    def closed_at_the_end(self, app):
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        return app

    def start_without_schema(self):
        """Open the main database, and leave it as it is."""
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = self.main
        database.init_app(app)
        return self.closed_at_the_end(app)

    def make_chapter_4(self, rows=ROWS):
        """Make the tables of chapter 4, and put rows in; nothing says which revision this is."""
        app = self.start_without_schema()
        Migrate(app, db, schema.MIGRATIONS, render_as_batch=False)
        with app.app_context():
            upgrade(revision="0001")
            with db.engine.begin() as connection:
                connection.execute(text("DROP TABLE alembic_version"))
                tables = tables_of(connection)
                for name, values in rows.items():
                    connection.execute(tables[name].insert(), values)


def tables_of(connection):
    found = MetaData()
    found.reflect(connection)
    return found.tables


def rows_of(app, table, bind_key=None):
    with app.app_context(), db.engines[bind_key].connect() as connection:
        statement = tables_of(connection)[table].select()
        return [dict(row._mapping) for row in connection.execute(statement)]


class UpgradeTest(MigrationTestCase):
    def test_every_row_is_still_there(self):
        self.make_chapter_4()

        app = self.start(authorization_server.create_app)

        for table, before in ROWS.items():
            after = rows_of(app, table)
            self.assertEqual(len(after), len(before), table)
            for old, new in zip(before, after, strict=True):
                kept = {name: value for name, value in old.items() if name in new}
                self.assertEqual(new | kept, new, f"{table} should keep its values")
                gone = old.keys() - new.keys()
                self.assertLessEqual(gone, {"password_hash", "signing_key"})

    def test_passwords_and_keys_have_moved(self):
        self.make_chapter_4()

        app = self.start()

        self.assertEqual(rows_of(app, "credential", CREDENTIALS), CREDENTIALS_OF_THEM)
        self.assertEqual(set(rows_of(app, "user")[0]), {"name", "role", "stamp"})

    @about_sqlite
    def test_no_byte_of_a_password_stays_behind(self):
        """Without secure_delete, SQLite would only forget where the old bytes are.

        Some builds of SQLite have it on by default, and others not: here it is off.
        """
        off = (
            Pool,
            "connect",
            lambda connection, _: connection.execute("PRAGMA secure_delete = OFF"),
        )
        event.listen(*off)
        self.addCleanup(event.remove, *off)
        self.make_chapter_4()
        self.assertIn(OLD_HASH.encode(), self.bytes_at_rest(), "else we look wrongly")

        app = self.start()

        self.assertEqual(len(rows_of(app, "user")), 2)
        at_rest = self.bytes_at_rest()
        self.assertTrue("Buñuel".encode() in at_rest, "what is no secret should still be there")
        for secret in (OLD_HASH.encode(), OLD_HASH[-40:].encode(), b"\0key"):
            self.assertFalse(secret in at_rest, "chapter 4's secrets should be gone")

    def bytes_at_rest(self):
        """Return every byte of the main database: its file, and its log of writes."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.glob("cinema.db*")))

    def test_users_log_in_as_before(self):
        self.make_chapter_4()

        client = self.start().test_client()

        watchlist = client.get("/v1/watchlists/x", headers=basic("alice"))
        self.assertEqual(watchlist.status_code, 200)
        self.assertEqual(watchlist.json["movies"], [7])

    def test_each_user_has_another_stamp_and_each_session_another_login(self):
        self.make_chapter_4()

        app = self.start()

        stamps = {row["stamp"] for row in rows_of(app, "user")}
        sessions = rows_of(app, "login_session")
        self.assertEqual(len(stamps - {""}), 2, "each user should have a stamp of their own")
        self.assertEqual(len(sessions), 1, "the session should still be there")
        self.assertNotIn(sessions[0]["login"], (None, ""))
        self.assertEqual(sessions[0]["begun"], datetime(2026, 11, 25, 0))
        self.assertIs(sessions[0]["remembered"], False)

    def test_what_was_consented_to_goes_on_until_the_next_password(self):
        gone = ROWS["oauth_consent"][0] | {"id": 6, "user_name": "who is gone"}
        self.make_chapter_4(ROWS | {"oauth_consent": [*ROWS["oauth_consent"], gone]})

        app = self.start(authorization_server.create_app)

        stamps = {row["name"]: row["stamp"] for row in rows_of(app, "user")}
        of_bob, of_nobody = (row["stamp"] for row in rows_of(app, "oauth_consent"))
        self.assertEqual((of_bob, of_nobody), (stamps["bob"], ""))

    def test_authorization_server_that_was_never_started_is_not_missed(self):
        """In chapter 4, each of the two made the tables of its own."""
        self.make_chapter_4({"user": ROWS["user"]})
        with self.start_without_schema().app_context(), db.engine.begin() as connection:
            for table in ("access_token", "refresh_token", "code", "consent", "client"):
                connection.execute(text(f"DROP TABLE oauth_{table}"))

        app = self.start(authorization_server.create_app)

        self.assertEqual(len(rows_of(app, "user")), 2)
        self.assertEqual(rows_of(app, "oauth_consent"), [])

    def test_second_start_changes_nothing(self):
        self.make_chapter_4()
        users = rows_of(self.start(), "user")

        self.assertEqual(rows_of(self.start(), "user"), users)

    def test_servers_that_start_at_once_upgrade_once(self):
        self.make_chapter_4()

        apps = all_at_once([self.start] * 4)

        for app in apps:
            self.assertEqual(rows_of(app, "credential", CREDENTIALS), CREDENTIALS_OF_THEM)

    def test_upgrade_that_would_lose_the_passwords_is_refused(self):
        self.make_chapter_4()

        with self.assertRaises(SystemExit), self.assertLogs("flask_migrate", "ERROR") as logs:
            self.start(AUTH_SERVICE_URL="http://127.0.0.1:9", AUTH_SERVICE_SECRET="secret")

        self.assertIn("without AUTH_SERVICE_URL", "".join(logs.output), "say what to do")
        self.assertEqual(len(rows_of(self.start(), "credential", CREDENTIALS)), 2)

    def test_service_finds_the_passwords_where_they_have_moved(self):
        self.make_chapter_4()
        self.start()

        service = self.closed_at_the_end(
            auth_service.create_app(
                {"AUTH_SERVICE_DATABASE_URL": self.credentials, "AUTH_SERVICE_SECRET": "secret"}
            )
        )

        self.assertEqual(rows_of(service, "credential", CREDENTIALS), CREDENTIALS_OF_THEM)


class PowerFailureTest(MigrationTestCase):
    """Looks inside: power fails between two commits; the seam is SQLAlchemy's event "commit"."""

    def test_upgrade_that_fails_in_between_is_done_by_the_next(self):
        """One database has committed, and the other has not."""
        self.make_chapter_4()
        commits = []

        def fail_at_the_second(_connection):
            if commits:
                raise InterruptedError
            commits.append("one")

        event.listen(Engine, "commit", fail_at_the_second)
        try:
            self.assertRaises(InterruptedError, self.start)
        finally:
            event.remove(Engine, "commit", fail_at_the_second)

        app = self.start()

        self.assertEqual(rows_of(app, "credential", CREDENTIALS), CREDENTIALS_OF_THEM)
        self.assertEqual(set(rows_of(app, "user")[0]), {"name", "role", "stamp"})


class SchemaTest(MigrationTestCase):
    def differences(self, app, bind_key):
        with app.app_context(), db.engines[bind_key].connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            return compare_metadata(context, db.metadatas[bind_key])

    def test_migrations_and_models_make_the_same_tables(self):
        self.make_chapter_4(rows={})

        app = self.start(authorization_server.create_app)

        for bind_key in (None, CREDENTIALS):
            self.assertEqual(self.differences(app, bind_key), [])

    def test_comparison_would_find_a_column_that_no_migration_makes(self):
        app = self.start()
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text('ALTER TABLE "user" DROP COLUMN stamp'))

        self.assertNotEqual(self.differences(app, None), [], "else it compares nothing")

    def test_new_database_is_at_the_newest_revision(self):
        app = self.start()

        newest = ScriptDirectory(schema.MIGRATIONS).get_current_head()
        for bind_key in (None, CREDENTIALS):
            rows = rows_of(app, "alembic_version", bind_key)
            self.assertEqual(rows, [{"version_num": newest}])
        self.assertEqual(schema.NEWEST, newest)

    def test_app_beside_another_finds_its_tables(self):
        """The API has made the database first, and knows nothing of clients and consents."""
        self.start()

        beside = self.start(authorization_server.create_app)

        self.assertEqual(rows_of(beside, "oauth_client"), [])


class CommandTest(MigrationTestCase):
    """`flask --app cinema db`."""

    def run_command(self, *words):
        return self.start().test_cli_runner().invoke(args=["db", *words])

    def test_upgrade_of_what_is_new_does_nothing(self):
        result = self.run_command("upgrade")

        self.assertEqual(result.exit_code, 0, result.output)

    def test_check_finds_that_no_migration_is_missing(self):
        self.start(authorization_server.create_app)

        result = self.run_command("check")

        self.assertEqual(result.exit_code, 0, result.output)

    def test_check_finds_what_a_database_of_before_does_not_have(self):
        """A database that is made after the model has changed has the new column already."""
        app = self.start(authorization_server.create_app)
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE watchlist DROP COLUMN private"))

        with self.assertLogs("flask_migrate", "ERROR") as logs:
            result = self.run_command("check")

        self.assertEqual(result.exit_code, 1)
        self.assertRegex(logs.output[0], "add_column.*watchlist.*private", "it is not there")

    def test_the_way_back_is_refused_in_one_line(self):
        with self.assertLogs("flask_migrate", "ERROR") as logs:
            result = self.run_command("downgrade")

        self.assertEqual(result.exit_code, 1)
        messages = [record.getMessage() for record in logs.records]
        self.assertEqual(len(messages), 1, "one line should say it")
        self.assertRegex(messages[0], "(?i)error: .*copy", "say how to go back")
