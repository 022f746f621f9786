"""6.3 CRUD: what is refused is named, and leaves no trace."""

import json

from cinema.data.database import db, writing
from cinema.data.models import Movie
from sqlalchemy import insert

from tests import ALICE, BOB, METROPOLIS, REBECCA
from tests.test_63_crud import (
    JSON,
    MOVIE,
    MOVIES,
    PROBLEM,
    WATCHLIST,
    WATCHLISTS,
    YEAR,
    CrudTestCase,
    without,
)

TEXT = "must be text of 1 to 300 characters, not blank, without U+0000"
RUNTIME = "must be a whole number from 1 to 100000"
IMDB_ID = "must be tt and 7 or 8 digits, or null"
NO_MEMBER = "is not one of title, director, year, runtime, imdb_id"
BAD_VALUES = (  # of a movie: the member, a value, and what its sender is told
    ("title", "", TEXT),
    ("title", " \t", TEXT),
    ("title", "x" * 301, TEXT),
    ("title", "a\0b", TEXT),
    ("title", 1927, TEXT),
    ("title", None, TEXT),
    ("title", ["Metropolis"], TEXT),
    ("director", "", TEXT),
    ("director", False, TEXT),
    ("director", {"name": "Fritz Lang"}, TEXT),
    ("year", 1887, YEAR),
    ("year", 2101, YEAR),
    ("year", "1927", YEAR),
    ("year", 1927.5, YEAR),
    ("year", True, YEAR),
    ("year", None, YEAR),
    ("year", 10**30, YEAR),
    ("runtime", 0, RUNTIME),
    ("runtime", -1, RUNTIME),
    ("runtime", 100_001, RUNTIME),
    ("runtime", 90.5, RUNTIME),
    ("runtime", True, RUNTIME),
    ("runtime", [153], RUNTIME),
    ("imdb_id", "", IMDB_ID),
    ("imdb_id", "tt123456", IMDB_ID),
    ("imdb_id", "tt123456789", IMDB_ID),
    ("imdb_id", "TT0017136", IMDB_ID),
    ("imdb_id", "tt0017136\n", IMDB_ID),
    ("imdb_id", 17136, IMDB_ID),
    ("imdb_id", True, IMDB_ID),
    ("stars", 5, NO_MEMBER),
    ("version", 7, NO_MEMBER),
    ("Title", "Metropolis", NO_MEMBER),
)
GOOD_VALUES = (  # at the very edge
    ("title", "x" * 300),
    ("title", ' "M"\n'),
    ("title", "東京物語 🎬 <b>'; DROP TABLE movie; --"),
    ("year", 1888),
    ("year", 2100),
    ("year", 1927.0),
    ("runtime", 1),
    ("runtime", 100_000),
    ("imdb_id", None),
    ("imdb_id", "tt12345678"),
)
BODY = json.dumps(METROPOLIS)
BAD_BODIES = {  # what is sent, as what, and the status
    "nothing": ("", JSON, 400),
    "no JSON": ("title=Metropolis", JSON, 400),
    "half of it": (BODY[:-1], JSON, 400),
    "more than it": (BODY + "}", JSON, 400),
    "NaN": (BODY.replace("1927", "NaN"), JSON, 400),
    "a name twice": (BODY.replace("{", '{"title": "M", '), JSON, 400),
    "Latin-1": (BODY.replace("Lang", "Läng").encode("latin-1"), JSON, 400),
    "half a character": (BODY.replace("Lang", r"\ud83c"), JSON, 400),
    "a list": (f"[{BODY}]", JSON, 400),
    "null": ("null", JSON, 400),
    "a nest": ("[" * 5_000 + "]" * 5_000, JSON, 400),
    "text": (BODY, "text/plain", 415),
    "a form": (BODY, "application/x-www-form-urlencoded", 415),
    "no type": (BODY, None, 415),
    "too much": (BODY.ljust(64 * 1024 + 1), JSON, 413),
}
BAD_IDENTITIES = (
    ("id", 2),
    ("id", "3"),
    ("id", 3.5),
    ("id", True),
    ("url", "/v1/movies/2"),
    ("url", None),
)

NO_LIST = "must be a list of movie ids"
NOT_ONCE = "must be at most 100 movies, each of them once"
BAD_WATCHLISTS = (  # what is sent, and what its sender is told
    ({}, {"title": "is required"}),
    ({"title": ""}, {"title": TEXT}),
    ({"title": 5}, {"title": TEXT}),
    ({"title": "x", "private": 1}, {"private": "must be true or false"}),
    ({"title": "x", "private": "yes"}, {"private": "must be true or false"}),
    ({"title": "x", "private": None}, {"private": "must be true or false"}),
    ({"title": "x", "movies": None}, {"movies": NO_LIST}),
    ({"title": "x", "movies": 3}, {"movies": NO_LIST}),
    ({"title": "x", "movies": {"3": 1}}, {"movies": NO_LIST}),
    ({"title": "x", "movies": ["3"]}, {"movies": NO_LIST}),
    ({"title": "x", "movies": [True]}, {"movies": NO_LIST}),
    ({"title": "x", "movies": [3.5]}, {"movies": NO_LIST}),
    ({"title": "x", "movies": [0]}, {"movies": NO_LIST}),
    ({"title": "x", "movies": [2**63]}, {"movies": NO_LIST}),
    ({"title": "x", "movies": [3, 3]}, {"movies": NOT_ONCE}),
    ({"title": "x", "movies": [*range(1, 102)]}, {"movies": NOT_ONCE}),
    ({"title": "x", "movies": [3, 998, 999]}, {"movies": "there is no movie 998, 999"}),
    ({"title": "x", "name": "saturday"}, {"name": "is friday-night at this URL"}),
    ({"title": "x", "owner": "alice"}, {"owner": "is bob at this URL"}),
    ({"title": "x", "url": None}, {"url": f"is {WATCHLIST} at this URL"}),
    ({"title": "x", "id": 1}, {"id": "is not one of name, title, movies, private"}),
)


class BadMovieTest(CrudTestCase):
    """The same tables for all that write a movie: a rule holds wherever a value comes in."""

    WRITES = (("POST", MOVIES), ("PUT", MOVIE), ("PATCH", MOVIE))

    def send(self, method, url, changes):
        """Send a whole movie with these changes, or, as a patch, the changes alone."""
        return self.ask(method, url, changes if method == "PATCH" else METROPOLIS | changes)

    def test_value_that_cannot_be_is_400_and_named(self):
        for method, url in self.WRITES:
            for name, value, reason in BAD_VALUES:
                if method == "PATCH" and value is None:
                    continue  # a patch has another meaning for null: see UpdateTest
                with self.row(method=method, name=name, value=str(value)[:20]):
                    response = self.send(method, url, {name: value})

                    self.assert_refused(response, 400, "Bad Request", errors={name: reason})

    def test_value_at_the_edge_is_taken_and_comes_back(self):
        for method, url in self.WRITES:
            for name, value in GOOD_VALUES:
                with self.row(method=method, name=name, value=str(value)[:20]):
                    response = self.send(method, url, {name: value})

                    self.assertIn(response.status_code, (200, 201))
                    self.assertEqual(response.json[name], value)
                    self.assertEqual(self.client.get(response.json["url"]).json[name], value)

    def test_everything_that_is_wrong_is_named_at_once(self):
        wrong = {"title": "", "year": "1927", "runtime": True, "stars": 5}
        for method, url in self.WRITES:
            with self.row(method=method):
                response = self.send(method, url, wrong)

                self.assert_refused(response, 400, "Bad Request")
                self.assertEqual(set(response.json["errors"]), set(wrong))

    def test_member_that_is_missing_is_400_but_for_imdb_id(self):
        for method, url in self.WRITES[:2]:
            for name in ("title", "director", "year", "runtime"):
                with self.row(method=method, name=name):
                    response = self.ask(method, url, without(name, METROPOLIS))

                    errors = {name: "is required"}
                    self.assert_refused(response, 400, "Bad Request", errors=errors)

    def test_body_that_is_no_movie_is_refused_before_its_values_are_read(self):
        for method, url in self.WRITES:
            for what, (body, media_type, status) in BAD_BODIES.items():
                with self.row(what, method=method):
                    response = self.client.open(
                        url, method=method, data=body, content_type=media_type, headers=ALICE
                    )

                    self.assertEqual((response.status_code, response.mimetype), (status, PROBLEM))
                    self.assertNotIn("errors", response.json)
                    self.assert_nothing_changed()

    def test_number_and_url_may_be_repeated_but_not_be_others(self):
        for method in ("PUT", "PATCH"):
            for name, value in BAD_IDENTITIES:
                with self.row(method=method, name=name, value=value):
                    response = self.send(method, MOVIE, {name: value})

                    errors = {name: f"is {REBECCA[name]} at this URL"}
                    self.assert_refused(response, 400, "Bad Request", errors=errors)

            self.assertEqual(self.ask(method, MOVIE, REBECCA).json, REBECCA)

    def test_new_movie_has_no_number_yet(self):
        for name in ("id", "url"):
            with self.row(name):
                response = self.ask("POST", MOVIES, METROPOLIS | {name: REBECCA[name]})

                self.assert_refused(response, 400, "Bad Request", errors={name: NO_MEMBER})

    def test_block_that_fails_is_undone_as_a_whole(self):
        def by_an_object():
            db.session.add(Movie(**METROPOLIS))
            db.session.flush()

        def by_a_statement():
            db.session.execute(insert(Movie).values(METROPOLIS | {"version": 2}))

        for write in (by_an_object, by_a_statement):
            with self.row(write.__name__), self.app.app_context():
                with self.assertRaises(ZeroDivisionError), writing():
                    write()
                    raise ZeroDivisionError
                with writing():
                    pass  # what was left lying about would be kept now

                self.assert_nothing_changed()


class BadWatchlistTest(CrudTestCase):
    def test_watchlist_that_cannot_be_is_400_and_says_why(self):
        for body, errors in BAD_WATCHLISTS:
            with self.row(body=str(body)[:60]):
                response = self.ask("PUT", WATCHLIST, body, BOB)

                self.assert_refused(response, 400, "Bad Request", errors=errors)

    def test_and_neither_can_a_patch_make_it_so(self):
        for body, errors in BAD_WATCHLISTS:
            if body and None not in body.values():
                with self.row(body=str(body)[:60]):
                    response = self.ask("PATCH", WATCHLIST, body, BOB)

                    self.assert_refused(response, 400, "Bad Request", errors=errors)

    def test_watchlist_of_somebody_else_is_403(self):
        for method, body in (("PUT", {"title": "x"}), ("PATCH", {"title": "x"}), ("DELETE", None)):
            with self.row(method=method):
                response = self.ask(method, WATCHLIST, body, ALICE)

                self.assert_refused(response, 403, "Forbidden")

    def test_private_watchlist_of_somebody_else_is_not_there(self):
        self.ask("PATCH", WATCHLIST, {"private": True}, BOB)

        self.assertEqual(self.ask("GET", WATCHLIST, user=BOB).json["private"], True)
        self.assertEqual(self.ask("GET", WATCHLISTS, user=BOB).json["total"], 1)
        for user in ({}, ALICE):
            self.assert_problem(self.ask("GET", WATCHLIST, user=user), 404, "Not Found")
            self.assertEqual(self.ask("GET", WATCHLISTS, user=user).json["total"], 0)
