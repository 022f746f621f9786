"""What every test of this chapter starts from: an application with three movies in its database."""

import atexit
import gc
import os
import re
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from tempfile import TemporaryDirectory
from threading import Barrier
from unittest import SkipTest, TestCase
from unittest.mock import Mock, patch

from cinema.data.database import db, writing
from cinema.data.models import Movie
from cinema.users.commands import add_first_users
from sqlalchemy import event

from .databases import Databases

create_app = import_module(os.environ.get("CINEMA_APP", "cinema")).create_app  # or "fast", of 4.e

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
PASSWORD = "the password of the tests"


def basic(name, password=PASSWORD):
    """Return the header with which a user says who they are."""
    return {"Authorization": f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"}


KEY = ALICE = basic("alice")  # an editor: may write movies, as the holder of the key could
BOB = basic("bob")  # a member: may write watchlists only
SETTINGS = {
    "HTTPS": False,  # what earlier chapters promised holds behind TLS, and is asked without it
    "TRUSTED_HOSTS": None,  # and by whatever name
    "AUTHORIZATION_SERVER_URL": "http://127.0.0.1:8104",
    "AUDIENCE": "http://127.0.0.1:8004",
    "PASSWORD": PASSWORD,
    "SECRET_KEY": "the secret of the tests",
    "ARGON2_MEMORY_COST": 8,  # KiB; as quick as it is unsafe
    "ARGON2_TIME_COST": 1,
    "CREDENTIALS_DATABASE_URL": "sqlite://",
    "RATE_LIMIT": "1000000 per minute",
    "FAILED_LOGINS": "1000000 per minute",
}
NONCE = re.compile('nonce="[^"]*"')  # of which Accept-Signature brings a new one each time

failed = set()  # what `told_once` has told


class ApiTestCase(TestCase):
    """One application for all tests, and for each of them the database as it was at the start."""

    settings = {}  # what is to be other than SETTINGS

    @classmethod
    def setUpClass(cls):
        with told_once(f"to start with {cls.settings or 'the settings of the tests'}"):
            cls.app, cls.database, cls.snapshot = cinema_of_three_movies(**cls.settings)
        cls.database.deserialize(cls.snapshot)

    def setUp(self):
        self.begin_again()
        self.client = self.app.test_client()

    def begin_again(self):
        """Put the database back as it was at the start, and forget what was read from it."""
        self.database.deserialize(self.snapshot)
        self.forget_answers()  # versions begin anew with the database

    def forget_answers(self):
        """Empty the caches of this application, if it has any: Flask-Caching lists them."""
        for store in self.app.extensions.get("cache", {}).values():
            store.clear()

    def create_movie(self, **members):
        """Ask the API for a movie that is Metropolis but for these members."""
        return self.client.post("/v1/movies", json=METROPOLIS | members, headers=KEY)

    def statements_of(self, url, headers=None):
        """Return the SQL statements that a GET costs."""
        statements = []

        def note(_connection, _cursor, statement, *_):
            statements.append(statement)

        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", note)
            self.client.get(url, headers=headers)
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

    def assert_challenged(self, response):
        """Check that an answer is a 401 that says that a name and a password would do."""
        self.assert_problem(response, 401, "Unauthorized")
        challenges = response.headers.getlist("WWW-Authenticate")
        schemes = [challenge.partition(" ")[0] for challenge in challenges]
        self.assertIn("Basic", schemes, "WWW-Authenticate should name what would do")

    def assert_same_fields(self, response, other):
        """Check that two answers have the same header fields; RateLimit counts, a nonce is new."""
        fields, others = (
            [(name, NONCE.sub("nonce", value)) for name, value in each if name != "RateLimit"]
            for each in (response.headers, other.headers)
        )
        self.assertCountEqual(fields, others)


class ServerTestCase(TestCase):
    """An application as a server has it: its database is a file, requests come all at once."""

    def setUp(self):
        self.folder = self.enterContext(TemporaryDirectory())
        with told_once("to start with a file"):
            self.app = self.start("cinema.db")

    def start(self, name):
        """Start an application whose database is the file of this name."""
        app = create_app(
            SETTINGS
            | {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder}/{name}",
                "CREDENTIALS_DATABASE_URL": f"sqlite:///{self.folder}/credentials-{name}",
            }
        )
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
            with writing():
                add_first_users()
        return app


def a_defect(app, url, error):
    """Let the view at a URL raise an error: the seam is Flask's dictionary of views."""
    endpoint, _ = app.url_map.bind("localhost").match(url)
    return patch.dict(app.view_functions, {endpoint: Mock(side_effect=error)})


def urls_of(app):
    """Return a URL of each of the application's routes, with something that may be there in it."""
    names = {"movie_id": "3", "name": "friday-night", "slug": "not-found"}
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.subdomain}
    variable = re.compile("<(?:[^:<>]+:)?([^<>]+)>")
    return sorted(variable.sub(lambda found: names.get(found[1], "x"), rule) for rule in rules)


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
def cinema_of_three_movies(**settings):
    """Return an application, the connection to its database, and what is in it at the start."""
    app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings)
    with app.app_context():
        for engine in db.engines.values():
            atexit.register(engine.dispose)
        database = Databases()
        with writing():
            db.session.add_all(map(movie_of, (KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA)))
            add_first_users()
    return app, database, database.serialize()


def movie_of(body):
    return Movie(**{name: body[name] for name in Movie.MEMBERS})
