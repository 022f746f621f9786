"""What every test of this chapter starts from: an application with three movies in its database."""

import atexit
import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from tempfile import TemporaryDirectory
from threading import Barrier
from unittest import SkipTest, TestCase

from cinema import create_app
from cinema.data.database import db, writing
from cinema.data.models import Movie
from sqlalchemy import event

KITTY_FOYLE = {
    "id": 1,
    "title": "Kitty Foyle",
    "director": "Sam Wood",
    "year": 1940,
    "runtime": 105,
    "imdb_id": "tt0032671",
    "url": "/v1/movies/1",
}
PRIDE_AND_PREJUDICE = {
    "id": 2,
    "title": "Pride and Prejudice",
    "director": "Robert Z. Leonard",
    "year": 1940,
    "runtime": 117,
    "imdb_id": "tt0032943",
    "url": "/v1/movies/2",
}
REBECCA = {
    "id": 3,
    "title": "Rebecca",
    "director": "Alfred Hitchcock",
    "year": 1940,
    "runtime": 126,
    "imdb_id": "tt0032976",
    "url": "/v1/movies/3",
}
METROPOLIS = {  # is not in the database
    "title": "Metropolis",
    "director": "Fritz Lang",
    "year": 1927,
    "runtime": 153,
    "imdb_id": "tt0017136",
}
API_KEY = "the key of the tests"
KEY = {"Authorization": f"Bearer {API_KEY}"}

failed = set()  # what `told_once` has told


class ApiTestCase(TestCase):
    """One application for all tests, and for each of them the database as it was at the start."""

    @classmethod
    def setUpClass(cls):
        with told_once("to start"):
            cls.app, cls.database, cls.snapshot = cinema_of_three_movies()
        cls.database.deserialize(cls.snapshot)

    def setUp(self):
        self.database.deserialize(self.snapshot)
        self.client = self.app.test_client()

    def create_movie(self, **members):
        """Ask the API for a movie that is Metropolis but for these members."""
        return self.client.post("/v1/movies", json=METROPOLIS | members, headers=KEY)

    def statements_of(self, url):
        """Return the SQL statements that a GET costs."""
        statements = []

        def note(_connection, _cursor, statement, *_):
            statements.append(statement)

        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
            self.client.get(url)
            event.remove(db.engine, "before_cursor_execute", note)
        return statements

    def assert_nothing_changed(self):
        """Check that the database is, to the byte, what it was at the start."""
        if self.database.serialize() != self.snapshot:
            self.fail("nothing in the database should have changed")

    def assert_problem(self, response, status, title):
        """Check that an answer is an error in the one shape that all errors have."""
        said = f"should be {status} {title}, and says: {response.get_data(as_text=True)[:300]}"
        self.assertEqual(response.status_code, status, said)
        self.assertEqual(response.mimetype, "application/problem+json", said)
        self.assertEqual(response.json.get("status"), status, said)
        self.assertEqual(response.json.get("title"), title, said)
        if not response.json.get("detail"):
            self.fail("detail should tell the client what to mend")

    def assert_same_fields(self, response, other):
        """Check that two answers have the same header fields."""
        self.assertEqual(dict(response.headers), dict(other.headers))

    def assert_challenged(self, response, challenge='Bearer realm="cinema"'):
        """Check that an answer is a 401 that says which credentials would do."""
        self.assert_problem(response, 401, "Unauthorized")
        self.assertEqual(response.headers.get("WWW-Authenticate"), challenge)


class ServerTestCase(TestCase):
    """An application as a server has it: its database is a file, requests come all at once."""

    def setUp(self):
        self.folder = self.enterContext(TemporaryDirectory())
        with told_once("to start with a file"):
            self.app = self.start("cinema.db")

    def start(self, name):
        """Start an application whose database is the file of this name."""
        app = create_app(
            {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/{name}", "API_KEY": API_KEY}
        )
        with app.app_context():
            self.addCleanup(db.engine.dispose)
        return app


@contextmanager
def told_once(attempt):
    """Let an error of an attempt be told once; whoever tries the same again is skipped."""
    if attempt in failed:
        raise SkipTest(f"The application failed {attempt} before: the first error says why.")
    try:
        yield
    except Exception:
        failed.add(attempt)
        raise


def all_at_once(actions):
    """Call each action in a thread of its own, and return what they return."""
    start_line = Barrier(len(actions))

    def run(action):
        start_line.wait()
        return action()

    gc.disable()  # Python 3.11 loses count if threads change in ast.parse, by which routes are made
    try:
        with ThreadPoolExecutor(len(actions)) as threads:
            return list(threads.map(run, actions))
    finally:
        gc.enable()


@cache
def cinema_of_three_movies():
    """Return an application, the connection to its database, and what is in it at the start."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": "sqlite://", "API_KEY": API_KEY})
    with app.app_context():
        atexit.register(db.engine.dispose)
        database = db.engine.raw_connection().driver_connection
        with writing():
            db.session.add_all(map(movie_of, (KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA)))
    return app, database, database.serialize()


def movie_of(body):
    return Movie(**{name: body[name] for name in Movie.MEMBERS})
