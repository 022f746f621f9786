"""2.0 From one file to a package: movies are kept in a database, and a block of changes is one."""

import json
import os
import sqlite3
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from unittest import TestCase
from unittest.mock import Mock, patch

import click
from cinema import create_app
from cinema.data.database import db, turn_on_wal, writing
from cinema.data.models import Movie
from cinema.data.seed import seed
from flask.cli import ScriptInfo
from sqlalchemy import func, select, text

from tests import METROPOLIS, ApiTestCase, ServerTestCase, all_at_once
from tests.databases import about_sqlite

OPENS_NOTHING = {
    "no URL": "nonsense",
    "a port that is no number": "postgresql://cinema:pass/word@db.example/cinema",
    "a kind of database that nobody knows": "cinema://here",
}
OTHER_SETTINGS = {
    **dict.fromkeys(("API_KEY", "CINEMA_PASSWORD", "SECRET_KEY"), "the secret of the tests"),
    "CREDENTIALS_DATABASE_URL": "sqlite://",
}


class WritingTest(ApiTestCase):
    """`writing()`: all that its block does is kept, or nothing."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.app.app_context())

    def titles(self):
        return list(db.session.scalars(select(Movie.title).order_by(Movie.id)))

    def test_block_that_ends_is_kept_as_a_whole(self):
        with writing():
            db.session.add(Movie(**METROPOLIS))
            db.session.add(Movie(**METROPOLIS | {"title": "M", "imdb_id": None}))

        db.session.rollback()  # what is not committed would go with it
        self.assertEqual(self.titles()[3:], ["Metropolis", "M"])

    def test_block_that_fails_is_undone_as_a_whole(self):
        with self.assertRaises(ZeroDivisionError), writing():
            db.session.add(Movie(**METROPOLIS))
            db.session.flush()
            raise ZeroDivisionError

        self.assertNotIn("Metropolis", self.titles(), "an error should undo all of its block")

    def test_next_block_begins_anew_after_one_that_failed(self):
        with self.assertRaises(ZeroDivisionError), writing():
            raise ZeroDivisionError

        with writing():
            db.session.add(Movie(**METROPOLIS))

        self.assertIn("Metropolis", self.titles())


class SeedTest(ServerTestCase):
    """`flask seed`, on a database that has no movies yet."""

    def seed(self, app):
        seed.main([], obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)

    def seed_told(self):
        """Seed, and return what was printed."""
        with redirect_stdout(StringIO()) as printed:
            self.seed(self.app)
        return printed.getvalue()

    def movies(self, *conditions):
        with self.app.app_context():
            return db.session.scalars(select(Movie).where(*conditions)).all()

    def test_seed_loads_each_film_once(self):
        first = self.seed_told()
        second = self.seed_told()

        self.assertIn("659 films loaded.", first)
        self.assertEqual(second.partition("\n")[0], "No films loaded: there are movies already.")
        self.assertEqual(len(self.movies()), 659)

    def test_seed_leaves_a_deleted_film_deleted(self):
        self.seed_told()
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(Movie, 3))

        self.seed_told()

        self.assertEqual(self.movies(Movie.title == "Rebecca"), [], "it was deleted")

    def test_seed_makes_no_twin_of_a_film_that_was_changed(self):
        self.seed_told()
        with self.app.app_context(), writing():
            db.session.get(Movie, 3).imdb_id = None

        self.seed_told()

        (rebecca,) = self.movies(Movie.title == "Rebecca")
        self.assertEqual((rebecca.id, rebecca.imdb_id), (3, None), "a change should be kept")

    def test_seed_that_is_interrupted_loads_nothing_and_the_next_loads_all(self):
        half = Path(self.folder, "movies.json")
        half.write_text(json.dumps([METROPOLIS, METROPOLIS | {"year": "no year"}]))
        with patch("cinema.data.seed.FILMS", half), redirect_stdout(StringIO()):
            self.assertRaises(ValueError, self.seed, self.app)

        self.assertEqual(self.movies(), [], "half of the films would keep the others out")
        self.seed_told()
        self.assertEqual(len(self.movies()), 659)

    def test_seeds_at_once_load_each_film_once(self):
        apps = [self.app, *(self.start("cinema.db") for _ in range(3))]

        with redirect_stdout(StringIO()):
            all_at_once([partial(self.seed, app) for app in apps])

        self.assertEqual(len(self.movies()), 659)


class RestartTest(ServerTestCase):
    def add_movie(self, app):
        with app.app_context(), writing():
            db.session.add(Movie(**METROPOLIS | {"imdb_id": None}))

    def number_of_movies(self, app):
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Movie))

    def test_movies_are_still_there_after_a_restart(self):
        self.add_movie(self.app)

        restarted = self.start("cinema.db")

        movie = restarted.test_client().get("/v1/movies/1")
        self.assertEqual(movie.status_code, 200, "a movie should be there after a restart")
        self.assertEqual(movie.json["title"], "Metropolis")

    def test_applications_that_start_at_once_make_the_tables_once(self):
        apps = all_at_once([lambda: self.start("new.db")] * 8)

        self.add_movie(apps[0])
        numbers = [self.number_of_movies(app) for app in apps]
        self.assertEqual(numbers, [1] * 8, "all of them should have the one database")


class OpenedAsAServerTest(ServerTestCase):
    """Looks inside: PRAGMAs of SQLite, and the connection that `turn_on_wal` is given."""

    def pragma(self, name):
        with self.app.app_context():
            return db.session.scalar(text(f"PRAGMA {name}"))

    @about_sqlite
    def test_database_is_opened_as_a_server_needs_it(self):
        settings = {name: self.pragma(name) for name in ("journal_mode", "foreign_keys")}

        self.assertEqual(settings, {"journal_mode": "wal", "foreign_keys": 1})
        wait = self.pragma("busy_timeout")
        self.assertGreaterEqual(wait, 2_000, "writers should wait in line")
        self.assertLessEqual(wait, 10_000, "who waits for a lock should not wait for long")

    def test_wal_is_tried_again_while_another_server_turns_it_on(self):
        connection = Mock()
        connection.execute.side_effect = [sqlite3.OperationalError("database is locked"), "wal"]

        with patch("cinema.data.database.time.sleep"):
            turn_on_wal(connection)

        self.assertEqual(connection.execute.call_count, 2, "the second time should be the last")

    def test_wal_is_not_tried_for_ever(self):
        connection = Mock()
        connection.execute.side_effect = sqlite3.OperationalError("disk I/O error")

        with patch("cinema.data.database.time.monotonic", side_effect=[0, 6]):
            self.assertRaises(sqlite3.OperationalError, turn_on_wal, connection)


class DatabaseUrlTest(TestCase):
    def test_database_that_does_not_open_is_told_in_one_line_that_names_the_variable(self):
        for what, url in OPENS_NOTHING.items():
            with self.subTest(what):
                self.assert_told(url)

    @about_sqlite
    def test_folder_that_is_not_there_is_told_as_well(self):
        self.assert_told("sqlite:////no/such/folder/cinema.db")

    def assert_told(self, url):
        environment = patch.dict(os.environ, OTHER_SETTINGS | {"DATABASE_URL": url})
        with environment, self.assertRaises(click.ClickException) as refused:  # and no traceback
            create_app()

        said = refused.exception.format_message()
        self.assertRegex(said, "^DATABASE_URL.* names no database that opens: ")
        self.assertNotIn("\n", said)
        self.assertNotIn("pass", said, "a URL may have a password in it")
