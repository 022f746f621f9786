"""Three ways to let each test begin with the same database, and what they cost on your machine.

In the folder of the chapter, `../.venv/bin/python -m tests.fixture_speed` measures them. No test
runs by a clock: a slow morning is no defect.
"""

from statistics import median
from time import perf_counter
from unittest import TestCase, TestResult, TestSuite
from unittest.mock import patch

from cinema import create_app
from cinema.data.database import db, writing
from cinema.users.commands import add_first_users
from sqlalchemy import event

from tests import (
    ALICE,
    KITTY_FOYLE,
    METROPOLIS,
    PRIDE_AND_PREJUDICE,
    REBECCA,
    SETTINGS,
    ApiTestCase,
    movie_of,
)
from tests.databases import about_sqlite

BEGINNING = [KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA]


class BeginsAnew:
    """Tests that pass together, in any order, only if none leaves anything to the next."""

    def test_nothing(self):
        """Cost what the beginning costs, and no more."""

    def test_movie_is_created(self):
        self.assert_beginning()

        response = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)

        self.assertEqual(response.json["id"], 4, "numbers should begin anew, too")

    def test_movie_is_deleted(self):
        self.assert_beginning()

        response = self.client.delete("/v1/movies/3", headers=ALICE)

        self.assertEqual(response.status_code, 204)

    def assert_beginning(self):
        self.assertEqual(self.client.get("/v1/movies").json["movies"], BEGINNING)


@about_sqlite
class MadeAnewTest(BeginsAnew, TestCase):
    """An application and a database for each test: nothing to restore, and nothing shared."""

    def setUp(self):
        app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
            with writing():
                db.session.add_all(map(movie_of, BEGINNING))
                add_first_users()
        self.client = app.test_client()


@about_sqlite
class RolledBackTest(BeginsAnew, ApiTestCase):
    """A transaction around each test, which is undone; and so nothing in it may ever end one.

    The API takes its turn by BEGIN IMMEDIATE, and ends it by COMMIT. SQLite has no transaction in a
    transaction, so a savepoint takes their place: what is tested is not quite what will run.
    """

    def setUp(self):
        self.forget_answers()
        with self.app.app_context():
            engines = list(db.engines.values())
        for engine in engines:
            event.listen(engine, "before_cursor_execute", take_no_turn, retval=True)
            self.addCleanup(event.remove, engine, "before_cursor_execute", take_no_turn)
            self.enterContext(patch.multiple(engine.dialect, do_commit=keep, do_rollback=undo))
        for database in self.database.all:
            database.execute("BEGIN")
            database.execute("SAVEPOINT turn")
            self.addCleanup(database.rollback)
        self.client = self.app.test_client()


def take_no_turn(_connection, _cursor, statement, parameters, *_):
    """Let BEGIN IMMEDIATE be something else: the transaction of the test has begun."""
    return ("SELECT 1" if statement.startswith("BEGIN") else statement), parameters


def keep(database):
    database.execute("RELEASE turn")
    database.execute("SAVEPOINT turn")


def undo(database):
    database.execute("ROLLBACK TO turn")


@about_sqlite
class PutBackTest(BeginsAnew, ApiTestCase):
    """The bytes of the whole database, put back before each test: our way, in `ApiTestCase`."""


WAYS = {"put back": PutBackTest, "rolled back": RolledBackTest, "made anew": MadeAnewTest}
TESTS = {"alone": "test_nothing", "with two requests": "test_movie_is_created"}
ROUNDS, TIMES = 11, 5


def measure(rounds=ROUNDS):
    """Return for each way and test the median of the seconds that it takes.

    The ways take turns: what else the machine does is then no way's own misfortune.
    """
    seconds = {(way, test): [] for way in WAYS for test in TESTS}
    for _ in range(rounds):
        for (way, test), measured in seconds.items():
            measured.append(seconds_of_one(WAYS[way], TESTS[test]))
    return {what: median(measured) for what, measured in seconds.items()}


def seconds_of_one(case, name):
    suite, result = TestSuite(case(name) for _ in range(TIMES)), TestResult()
    start = perf_counter()
    suite.run(result)
    elapsed = perf_counter() - start
    if not result.wasSuccessful():
        raise AssertionError(f"before it is measured, this should be green\n{troubles_of(result)}")
    return elapsed / TIMES


def troubles_of(result):
    """Return what went wrong, test by test."""
    return "\n".join(f"{case}\n{trouble}" for case, trouble in result.failures + result.errors)


def report(seconds):
    """Print milliseconds, and how many times those of the quickest way they are."""
    for test in TESTS:
        least = min(seconds[way, test] for way in WAYS)
        print(f"The beginning, {test}:")
        for way in WAYS:
            each = seconds[way, test]
            print(f"  {way:12}{each * 1000:8.2f} ms {each / least:7.1f} times")


if __name__ == "__main__":
    report(measure())
