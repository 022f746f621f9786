"""5.d2 Credentials: a database of their own, so that the main one is not worth stealing."""

import base64
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Event, Thread, current_thread
from time import time
from unittest.mock import patch

from cinema import create_app
from cinema.http.signatures.message import sign
from cinema.users.commands import add_first_users
from cinema.users.passwords import change_password
from cinema.users.user import User
from click import ClickException
from sqlalchemy import inspect

from tests import PASSWORD, SETTINGS, ServerTestCase, all_at_once, basic
from tests.databases import about_sqlite
from tests.lesson import made_in

with made_in("5.d2"):
    from cinema.data.database import CREDENTIALS, db, writing
    from cinema.users.credentials import stored

NEW = "a sled named Rosebud"
WORDLIST = ("letmein", "sunshine", "dragonfly", "rosebud1941", "trustno1", "whatever")
GUESSABLE = "rosebud1941"


class CredentialsTestCase(ServerTestCase):
    """An application with two databases, both of them files."""

    def setUp(self):
        super().setUp()
        self.client = self.app.test_client()

    def start(self, name):
        folder = Path(self.folder)
        app = create_app(
            SETTINGS
            | {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / name}",
                "CREDENTIALS_DATABASE_URL": f"sqlite:///{folder / 'credentials.db'}",
            }
        )
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
            with writing():
                add_first_users()
        return app

    def bytes_of(self, name):
        """Return every byte of a database: its file, its log of writes, and their index."""
        files = sorted(Path(self.folder).glob(f"{name}*"))
        return b"".join(file.read_bytes() for file in files)

    def use_it_all(self):
        """Log in, sign, change the password, fail: whatever has to do with a password or a key."""
        self.client.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        made = self.client.post("/v1/signing-key", headers=basic("alice"))
        self.assertEqual(made.status_code, 201, "POST /v1/signing-key should make a key")
        self.client.get("/v1/movies", headers=basic("alice", "a wrong guess"))
        with self.app.app_context():
            change_password("bob", NEW)
        self.client.get("/v1/movies", headers=basic("bob", NEW))
        return base64.b64decode(made.json["key"])


class TwoDatabasesTest(CredentialsTestCase):
    @about_sqlite
    def test_no_byte_of_the_main_database_is_of_a_password_or_a_key(self):
        key = self.use_it_all()

        with self.app.app_context():
            known = [stored.find(name).password_hash for name in ("alice", "bob")]
        main, separate = self.bytes_of("cinema.db"), self.bytes_of("credentials.db")
        hashes = [part.encode() for each in known for part in each.split("$")[-2:]]
        for secret in (PASSWORD.encode(), NEW.encode(), b"argon2", b"a wrong guess", key, *hashes):
            with self.subTest(secret=secret[:12]):
                self.assertNotIn(secret, main)
        missing = [part for part in (key, *hashes) if part not in separate]
        self.assertEqual(missing, [], "else we look wrongly")

    def test_main_database_has_no_column_for_them(self):
        self.assertEqual(secret_columns(self.app, None), set())
        self.assertNotEqual(secret_columns(self.app, CREDENTIALS), set(), "they should be here")

    def test_databases_have_no_table_in_common(self):
        with self.app.app_context():
            main, theirs = (
                set(inspect(db.engines[bind_key]).get_table_names())
                for bind_key in (None, CREDENTIALS)
            )

        self.assertLessEqual(main & theirs, {"alembic_version"}, "each should have what is its own")
        self.assertIn("movie", main)
        self.assertNotIn("movie", theirs)

    @about_sqlite
    def test_stolen_database_with_fast_hashes_is_cracked_and_ours_is_not(self):
        with self.app.app_context():
            change_password("bob", GUESSABLE)
        naive = Path(self.folder, "naive.db")
        with closing(sqlite3.connect(naive)) as database, database:
            database.execute("CREATE TABLE user (name TEXT, password_hash TEXT)")
            fast = hashlib.sha256(GUESSABLE.encode()).hexdigest()
            database.execute("INSERT INTO user VALUES ('bob', ?)", (fast,))

        def crack(file):
            """Try a wordlist on all that a stolen file holds, in the fast hashes that there are."""
            stolen = file.read_bytes()
            return [
                word
                for word in WORDLIST
                for fast in (hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512)
                if fast(word.encode()).hexdigest().encode() in stolen
            ]

        self.assertEqual(crack(naive), [GUESSABLE])
        self.assertEqual(crack(Path(self.folder, "cinema.db")), [], "there is nothing to crack")
        self.assertEqual(crack(Path(self.folder, "credentials.db")), [], "nor a fast hash here")

    def test_neither_database_alone_lets_anybody_in(self):
        with self.app.app_context():
            stored.delete("alice")

        response = self.client.get("/v1/movies", headers=basic("alice"))

        self.assertEqual(response.status_code, 401)

    def test_signed_request_finds_its_key_there(self):
        key = self.use_it_all()
        url = "http://localhost/v1/movies"

        def ask(key, nonce):
            headers = sign(key, "alice", "GET", url, {}, b"", int(time()), nonce)
            return self.client.get("/v1/movies", headers=headers).status_code

        self.assertEqual(ask(key, "1"), 200)
        self.assertEqual(ask(b"another key" * 3, "2"), 401)
        with self.app.app_context():
            stored.set_signing_key("alice", None)
        self.assertEqual(ask(key, "3"), 401)

    def test_key_of_nobody_is_kept_nowhere(self):
        with self.app.app_context():
            stored.set_signing_key("nobody", b"a key")

            self.assertIsNone(stored.signing_key("nobody"), "there is nobody to have a key")

    def test_main_block_that_fails_does_not_commit_because_of_the_other_database(self):
        class Halfway(Exception):
            pass

        with self.app.app_context(), self.assertRaises(Halfway), writing():
            db.session.add(User(name="carol", role="member"))
            stored.set_password("carol", NEW)  # is committed, in the other database
            raise Halfway

        response = self.client.get("/v1/movies", headers=basic("carol", NEW))
        self.assertEqual(response.status_code, 401, "carol was never committed")

    def test_parallel_logins_and_changes_end_with_one_password(self):
        def change(number):
            with self.app.app_context():
                change_password("alice", f"the password {number}")

        def log_in():
            return self.app.test_client().get("/v1/movies", headers=basic("alice")).status_code

        all_at_once([lambda number=number: change(number) for number in range(4)] + [log_in] * 4)

        with self.app.app_context():
            right = [n for n in range(4) if stored.verify("alice", f"the password {n}")]
        self.assertEqual(len(right), 1, "one of the four should have had the last word")
        self.assertEqual(log_in(), 401)


class KeyRaceTest(CredentialsTestCase):
    """Looks inside: two threads, held at the seams `set_password` and `set_signing_key`."""

    def test_key_that_is_written_while_a_change_ends_is_taken_away(self):
        """The thief's request is let in by the old password, and writes after keys were deleted."""
        let_in, deleted, written = Event(), Event(), Event()
        keep_password, keep_key, answers = stored.set_password, stored.set_signing_key, []

        def ask_for_a_key():
            client = self.app.test_client()
            answers.append(client.post("/v1/signing-key", headers=basic("alice")))

        thief = Thread(target=ask_for_a_key)

        def set_password(name, password):
            thief.start()
            let_in.wait(10)
            keep_password(name, password)

        def set_signing_key(name, key):
            if current_thread() is thief and key:
                let_in.set()
                deleted.wait(10)
            keep_key(name, key)
            if current_thread() is thief:
                written.set()
            else:
                deleted.set()
                written.wait(10)
                thief.join(0.2)  # were it not to wait for the change, it would be through by now

        with (
            patch.object(stored, "set_password", set_password),
            patch.object(stored, "set_signing_key", set_signing_key),
            self.app.app_context(),
        ):
            change_password("alice", NEW)
            thief.join()

        with self.app.app_context():
            self.assertIsNone(stored.signing_key("alice"), "the thief could go on with this key")
        self.assertIn(answers[0].status_code, (201, 401))


class ConfigurationTest(CredentialsTestCase):
    def test_credentials_may_be_on_another_server(self):
        elsewhere = f"sqlite:///{self.folder}/elsewhere.db"
        with patch.dict("os.environ", CREDENTIALS_DATABASE_URL=elsewhere):
            app = create_app(
                {name: SETTINGS[name] for name in SETTINGS if name != "CREDENTIALS_DATABASE_URL"}
                | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/main.db"}
            )

        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        self.assertNotEqual(secret_columns(app, CREDENTIALS), set(), "they should be here")
        self.assertEqual(secret_columns(app, None), set())
        self.assert_kept_elsewhere(app)

    def test_database_that_does_not_open_is_told_in_one_line_that_names_the_variable(self):
        settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "CREDENTIALS_DATABASE_URL": "nonsense"}

        with self.assertRaises(ClickException) as refused:
            create_app(SETTINGS | settings)

        self.assertRegex(refused.exception.format_message(), "^CREDENTIALS_DATABASE_URL.*$")

    def assert_kept_elsewhere(self, app):
        """Check that what the setting names is what was opened."""
        with app.app_context():
            names = {key: engine.url.database for key, engine in db.engines.items()}
        self.assertNotEqual(names[CREDENTIALS], names[None])
        self.assertRegex(names[CREDENTIALS], "elsewhere|^test_", "as the setting says")

    def test_api_that_asks_a_service_opens_no_database_of_credentials(self):
        app = create_app(
            SETTINGS
            | {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/main.db",
                "AUTH_SERVICE_URL": "http://127.0.0.1:9",
                "AUTH_SERVICE_SECRET": "the secret between the two",
            }
        )

        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
            self.assertEqual(list(db.engines), [None])


def secret_columns(app, bind_key):
    """Return the columns of a database in which passwords or keys are kept."""
    with app.app_context():
        tables = inspect(db.engines[bind_key])
    names = {
        column["name"] for table in tables.get_table_names() for column in tables.get_columns(table)
    }
    return {name for name in names if "password" in name or "signing" in name}
