"""5.e PostgreSQL: another database, and the same promises; what needs a server says so."""

import gc
import os
from contextlib import suppress
from multiprocessing import get_all_start_methods, get_context
from unittest import TestCase, skipUnless
from unittest.mock import Mock, patch

import psycopg
from cinema import create_app
from cinema.data.models import Movie
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from . import ALICE, KITTY_FOYLE, METROPOLIS, SETTINGS, ApiTestCase, ServerTestCase, all_at_once
from .databases import about_postgresql
from .lesson import made_in

with made_in("5.e"):
    from cinema.data import forks
    from cinema.data.database import db, how_to_open, take_turn, writing
    from cinema.data.postgresql import AnyText, take_any_text
    from cinema.data.schema import wait_for


AS_BEFORE = {"url": "sqlite:///cinema.db", "max_overflow": "-1"}


class UrlTest(TestCase):
    """Looks inside: at the seam `how_to_open`, which knows the databases by their URLs."""

    def test_both_names_of_the_scheme_are_understood(self):
        for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
            with self.subTest(scheme=scheme):
                options = how_to_open(f"{scheme}://cinema:p%40ss@db.example:5433/cinema")

                url = options["url"]
                self.assertEqual(url.drivername, "postgresql+psycopg")
                self.assertEqual((url.password, url.port), ("p@ss", 5433))
                self.assertTrue(options["pool_pre_ping"], "a connection may be lost meanwhile")

    def test_sqlite_is_opened_as_before(self):
        options = how_to_open("sqlite:///cinema.db")

        self.assertEqual({name: str(options[name]) for name in options}, AS_BEFORE)


class WithoutServerTest(ApiTestCase):
    """Looks inside: what we say to PostgreSQL can be heard without one.

    The seams are the names of data/postgresql.py, data/forks.py, and `take_turn` and `wait_for`.
    """

    def test_writers_take_turns_and_begin_with_what_is_true_then(self):
        connection = Mock()
        connection.dialect.name = "postgresql"

        take_turn(connection)

        self.assertIn("pg_advisory_xact_lock", str(connection.method_calls))

    def test_text_with_u0000_is_looked_for_and_not_found(self):
        connection = Mock()

        take_any_text(connection, None)

        connection.adapters.register_dumper.assert_called_once_with(str, AnyText)
        self.assertEqual(bytes(AnyText(str).dump("a\0b")), "a\N{REPLACEMENT CHARACTER}b".encode())

    def test_what_may_pass_is_503(self):
        for error in (
            OperationalError("SELECT", {}, psycopg.errors.LockNotAvailable("lock timeout")),
            OperationalError("SELECT", {}, psycopg.errors.AdminShutdown("server is shut down")),
            OperationalError("SELECT", {}, psycopg.OperationalError("connection refused")),
            NoConnectionLeft("QueuePool limit reached"),
        ):
            with self.subTest(error=error):
                response = self.get_while_the_database_raises(error)

                self.assert_problem(response, 503, "Service Unavailable")
                self.assertEqual(response.headers.get("Retry-After"), "1")
                self.assertNotRegex(response.text, "lock|refused|limit|shut")

    def get_while_the_database_raises(self, error):
        def fail(*_):
            raise error

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", fail)
        try:
            return self.client.get("/v1/movies")
        finally:
            event.remove(engine, "before_cursor_execute", fail)

    def test_imdb_id_that_is_taken_is_409_as_postgresql_says_it(self):
        self.assert_problem(self.create_movie(imdb_id=KITTY_FOYLE["imdb_id"]), 409, "Conflict")

    def test_server_that_has_just_started_is_waited_for(self):
        refused = OperationalError("", {}, psycopg.OperationalError("is starting up"))
        engine = Mock()
        engine.connect.side_effect = [refused, refused, Mock()]

        with patch("cinema.data.schema.time.sleep") as sleep:
            wait_for(engine)

        self.assertEqual(sleep.call_count, 2)

    def test_server_that_is_not_there_is_not_waited_for_without_end(self):
        engine = Mock()
        engine.connect.side_effect = OperationalError("", {}, psycopg.OperationalError("no"))

        with patch("cinema.data.schema.time.monotonic", side_effect=[0, 11]):
            self.assertRaises(OperationalError, wait_for, engine)

    def test_child_of_a_fork_leaves_the_parents_connections_alone(self):
        engine = Mock()

        with patch.object(forks, "engines", [engine]):
            forks.leave_connections_to_the_parent()

        engine.dispose.assert_called_once_with(close=False)


class ForkTest(ServerTestCase):
    @skipUnless("fork" in get_all_start_methods(), "Windows starts its processes another way")
    def test_parent_and_children_read_at_once(self):
        """By one connection, each would read what the other has asked."""
        client = self.app.test_client()
        client.get("/v1/movies")
        fork = get_context("fork")
        children = [fork.Process(target=self.read_as_a_child) for _ in range(2)]
        for child in children:
            child.start()
        ours = self.statuses()
        for child in children:
            child.join()

        self.assertEqual([ours, *(child.exitcode for child in children)], [{200}, 0, 0])

    def read_as_a_child(self):
        gc.disable()  # it would miss the closing of what is the parent's to close
        os._exit(0 if self.statuses() == {200} else 1)  # and leave the rest to the parent

    def statuses(self):
        client = self.app.test_client()
        return {client.get("/v1/movies").status_code for _ in range(20)}


@about_postgresql
class TextTest(ApiTestCase):
    """Words are compared by code point and in ASCII's capitals, as SQLite does."""

    def test_every_column_of_text_is_ordered_by_code_point(self):
        columns = text(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'character varying'"
            " AND table_name <> 'alembic_version'"
        )
        with self.app.app_context():
            rows = db.session.execute(columns).all()

        self.assertGreater(len(rows), 10)
        self.assertEqual({row.collation_name for row in rows}, {"C"})

    def test_titles_are_sorted_by_code_point(self):
        titles = ["a", "B", "É", "Z", "z", "é", "𝄞", "￼"]
        with self.app.app_context(), writing():
            db.session.add_all(
                Movie(**METROPOLIS | {"title": title, "imdb_id": None}) for title in titles
            )

        found = self.client.get("/v1/movies?director=Fritz Lang&sort=title").json["movies"]

        self.assertEqual([movie["title"] for movie in found], sorted(titles))

    def test_part_of_a_title_is_found_as_in_sqlite(self):
        for title in ("ÉLAN", "100%", "a_b"):
            self.create_movie(title=title, imdb_id=None)

        for part, number in (("élan", 0), ("Élan", 1), ("0%", 1), ("A_B", 1), ("a.b", 0)):
            with self.subTest(part=part):
                found = self.client.get("/v1/movies", query_string={"q": part}).json

                self.assertEqual(found["total"], number)

    def test_numbers_have_64_bits(self):
        with self.app.app_context(), writing():
            db.session.execute(text("SELECT setval('movie_id_seq', 5000000000)"))

        created = self.create_movie()

        self.assertEqual(created.json["id"], 5_000_000_001)
        self.assertEqual(self.client.get(created.location).json, created.json)


@about_postgresql
class ServerTest(ServerTestCase):
    def client(self):
        return self.app.test_client()

    def test_write_that_waits_too_long_is_503(self):
        self.be_impatient()
        with self.app.app_context(), db.engine.connect() as another:
            take_turn(another)

            response = self.client().post("/v1/movies", json=METROPOLIS, headers=ALICE)
            read = self.client().get("/v1/movies")

        self.assertEqual((response.status_code, response.headers.get("Retry-After")), (503, "1"))
        self.assertEqual(response.json["detail"], "The database is busy.")
        self.assertEqual(read.status_code, 200, "who reads need not wait")

    def test_connection_waits_for_nothing_without_end(self):
        settings = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        with self.app.app_context():
            for name in settings:
                self.assertNotEqual(db.session.scalar(text(f"SHOW {name}")), "0", name)

    def test_connection_that_was_lost_meanwhile_is_made_anew(self):
        self.client().get("/v1/movies")
        self.end_all_connections()

        self.assertEqual(self.client().get("/v1/movies").status_code, 200)

    def test_connection_that_is_lost_in_the_middle_of_a_request_is_503(self):
        def lose():
            db.session.scalar(select(func.count()).select_from(Movie))
            self.end_all_connections()

        self.app.before_request_funcs.setdefault(None, []).append(lose)
        lost = self.client().get("/v1/movies")
        self.app.before_request_funcs[None].remove(lose)

        self.assertEqual(lost.status_code, 503)
        self.assertEqual(self.client().get("/v1/movies").status_code, 200)

    def test_block_that_has_waited_reads_what_was_written_meanwhile(self):
        self.client().post("/v1/movies", json=METROPOLIS, headers=ALICE)

        def add_a_minute():
            with self.app.app_context(), writing():
                minutes = db.session.scalar(select(Movie.runtime))
                longer = {"n": minutes + 1}
                db.session.execute(text("UPDATE movie SET runtime = :n"), longer)

        all_at_once([add_a_minute] * 8)

        with self.app.app_context():
            minutes = db.session.scalar(select(Movie.runtime))
        self.assertEqual(minutes, METROPOLIS["runtime"] + 8)

    def be_impatient(self):
        with self.app.app_context():
            db.engine.dispose()
            event.listen(db.engine, "connect", wait_a_moment_only)

    def end_all_connections(self):
        others = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        app = create_app(
            SETTINGS | {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/cinema.db"}
        )
        with app.app_context(), db.engine.connect() as connection:
            connection.execute(others)
        with app.app_context(), suppress(OperationalError):
            for engine in db.engines.values():
                engine.dispose()


def wait_a_moment_only(connection, _record):
    connection.execute("SET lock_timeout = 10")  # milliseconds
    connection.commit()
