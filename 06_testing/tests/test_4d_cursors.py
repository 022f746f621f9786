"""4.d Large projects: the lists of version 2 go on from where they ended, at the same cost."""

import json
import re
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from urllib.parse import urlencode

from cinema.api.list_query import SORTS
from cinema.data.database import db, writing
from cinema.data.models import Movie
from sqlalchemy import insert

from tests import ALICE, BOB, KITTY_FOYLE, METROPOLIS, ApiTestCase
from tests.databases import about_sqlite
from tests.test_3c_hypermedia import HYDRA, HypermediaTestCase

MORE_MOVIES = (  # title, director, year, runtime; with equals under each sort
    ("Suspicion", "Alfred Hitchcock", 1941, 99),
    ("Rebecca", "Ben Wheatley", 2020, 126),
    ("東京物語", "Ozu Yasujirō", 1953, 136),
    ("100% Wolf", "Alexs Stadermann", 2020, 96),
    ("Rebecca", "Alfred Hitchcock", 1940, 126),
    ("rebecca", "Sam Wood", 1940, 105),
)
FILTERS = ({"year": "1940"}, {"director": "Alfred Hitchcock"}, {"q": "rebecca"})
FILTERS += ({"year": "1940", "q": "REB", "director": "Sam Wood"}, {"year": "1888"})


def cursor_of(*parts):
    """Write a cursor as the API would, whatever it says."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


CURSORS_OF_NOBODY = {  # for a list with sort=title
    "nothing": "",
    "no Base64": "!",
    "not ASCII": "é",
    "too short": cursor_of("title", "Rebecca", 3)[:-1],
    "half of it": cursor_of("title", "Rebecca", 3)[:10],
    "more than it": cursor_of("title", "Rebecca", 3) + "AAAA",
    "no JSON": urlsafe_b64encode(b"title, Rebecca, 3").decode(),
    "no UTF-8": urlsafe_b64encode(b'["title", "\xff", 3]').decode(),
    "no list": urlsafe_b64encode(b'"title"').decode(),
    "a nest": urlsafe_b64encode(b"[" * 9_000).decode(),
    "too little": cursor_of("title", "Rebecca"),
    "too much": cursor_of("title", "Rebecca", 3, 4),
    "no sort": cursor_of(None, "Rebecca", 3),
    "half a character for a sort": cursor_of("\ud83c", 1940, 3),
    "a number for a title": cursor_of("title", 1940, 3),
    "half a character": cursor_of("title", "\ud83c", 3),
    "a title that is too long": cursor_of("title", "R" * 301, 3),
    "a text for an id": cursor_of("title", "Rebecca", "3"),
    "a truth for an id": cursor_of("title", "Rebecca", True),
    "an id that is too great": cursor_of("title", "Rebecca", 2**63),
    "a number of 5,000 digits": urlsafe_b64encode(b'["title", "R", %s]' % (b"9" * 5_000)).decode(),
    "the other direction": cursor_of("-title", "Rebecca", 3),
    "another column": cursor_of("year", 1940, 3),
    "the watchlists' column": cursor_of("name", "friday-night", "friday-night"),
}

NEXT = re.compile('<([^>]*)>; rel="next"')


class CursorTestCase(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("title", "director", "year", "runtime")
        with cls.app.app_context(), writing():
            db.session.add_all(
                Movie(**dict(zip(names, values, strict=True)), imdb_id=None)
                for values in MORE_MOVIES
            )
        cls.snapshot = cls.database.serialize()

    def pages(self, url, headers=None):
        """Follow the links to the next page from a URL on; yield each page."""
        for _ in range(100):  # the end of patience, should there be no other
            response = self.client.get(url, headers=headers)
            self.assertEqual(response.status_code, 200, response.text)
            yield response.json
            following = NEXT.search(response.headers.get("Link", ""))
            if following is None:
                return
            url = following[1]
        self.fail("the pages should come to an end")

    def walk(self, **arguments):
        """Return the movies on all pages of a list, in their order."""
        url = f"/v2/movies?{urlencode(arguments)}"
        return [movie for page in self.pages(url) for movie in page["movies"]]


class CursorTest(CursorTestCase):
    def test_body_is_the_movies_and_where_the_next_page_begins(self):
        response = self.client.get("/v2/movies?per_page=1")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(list(response.json), ["movies", "per_page", "next_cursor"])
        self.assertEqual(response.json["movies"], [KITTY_FOYLE | {"url": "/v2/movies/1"}])
        self.assertEqual(response.json["per_page"], 1)
        fits = "^[A-Za-z0-9_-]+$"
        self.assertRegex(response.json["next_cursor"], fits, "it should fit into a URL as it is")

    def test_walk_shows_each_movie_once_and_in_order_under_each_sort(self):
        movies = self.walk(per_page=100)
        for sort in SORTS:
            column = sort.removeprefix("-")
            expected = sorted(movies, key=lambda movie: (movie[column], movie["id"]))
            for per_page in (1, 4, 9):
                with self.subTest(sort=sort, per_page=per_page):
                    shown = self.walk(sort=sort, per_page=per_page)

                    down = sort.startswith("-")
                    self.assertEqual(shown, expected[::-1] if down else expected)

    def test_walk_shows_what_the_filters_let_through(self):
        movies = self.walk(per_page=100)
        for filters in FILTERS:
            expected = [movie for movie in movies if passes(movie, **filters)]
            for sort in ("id", "-title", "runtime"):
                with self.subTest(filters=filters, sort=sort):
                    shown = self.walk(**filters, sort=sort, per_page=1)

                    self.assertEqual(sorted(shown, key=lambda movie: movie["id"]), expected)

    def test_links_and_next_cursor_lead_to_the_same_page(self):
        response = self.client.get("/v2/movies?sort=year&year=1940&per_page=2&other=1")

        asked, cursor = "sort=year&year=1940&per_page=2", response.json["next_cursor"]
        links = response.headers.get("Link", "").split(", ")
        self.assertEqual(
            links,
            [
                f'</v2/movies?{asked}>; rel="first"',
                f'</v2/movies?{asked}&cursor={cursor}>; rel="next"',
            ],
        )

    def test_post_on_a_condition_is_about_the_list(self):
        tag = self.client.get("/v2/movies").headers.get("ETag")
        for condition in ({"If-Match": '"nope"'}, {"If-None-Match": "*"}, {"If-None-Match": tag}):
            with self.subTest(condition=condition):
                headers = ALICE | condition

                response = self.client.post("/v2/movies", json=METROPOLIS, headers=headers)

                self.assert_problem(response, 412, "Precondition Failed")

    def test_last_page_leads_nowhere_but_to_the_first(self):
        for per_page in (9, 100):
            with self.subTest(per_page=per_page):
                response = self.client.get(f"/v2/movies?per_page={per_page}")

                self.assertEqual(len(response.json["movies"]), 9)
                self.assertIsNone(response.json["next_cursor"])
                link = f'</v2/movies?per_page={per_page}>; rel="first"'
                self.assertEqual(response.headers.get("Link"), link)

    def test_page_holds_a_hundred_movies_at_most(self):
        response = self.client.get("/v2/movies?per_page=1000")

        self.assertEqual(response.json["per_page"], 100)

    def test_movies_that_stay_are_shown_once_while_others_come_and_go(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                self.setUp()
                going, staying, shown = [2, 5, 7], {1, 3, 4, 6, 8, 9}, []

                for page in self.pages(f"/v2/movies?sort={sort}&per_page=2"):
                    shown += [movie["id"] for movie in page["movies"]]
                    if going:
                        self.create_movie(title="A", director="A", year=1900, imdb_id=None)
                        self.create_movie(title="Z", director="Z", year=2099, imdb_id=None)
                        self.client.delete(f"/v2/movies/{going.pop()}", headers=ALICE)

                self.assertEqual(len(shown), len(set(shown)), "no movie should be shown twice")
                self.assertLessEqual(staying, set(shown), "no movie should be left out")

    def test_cursor_stays_good_when_its_movie_is_gone(self):
        cursor = self.client.get("/v2/movies?sort=title&per_page=3").json["next_cursor"]
        rest = self.client.get(f"/v2/movies?sort=title&cursor={cursor}").json["movies"]
        last_shown = self.client.get("/v2/movies?sort=title&per_page=3").json["movies"][-1]
        self.client.delete(last_shown["url"], headers=ALICE)

        response = self.client.get(f"/v2/movies?sort=title&cursor={cursor}")

        self.assertEqual(response.json["movies"], rest)

    def test_cursor_that_no_page_gave_is_400_with_the_reason(self):
        for name, cursor in CURSORS_OF_NOBODY.items():
            with self.subTest(name):
                response = self.client.get(f"/v2/movies?{urlencode({'cursor': cursor})}&sort=title")

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), ["cursor"])

    def test_cursor_of_another_order_is_told_so(self):
        cursor = self.client.get("/v2/movies?sort=year&per_page=1").json["next_cursor"]

        response = self.client.get(f"/v2/movies?sort=-year&cursor={cursor}")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json.get("errors"), {"cursor": "belongs to sort=year"})

    def test_everything_wrong_is_named_in_one_answer(self):
        response = self.client.get("/v2/movies?cursor=x&per_page=0&year=now&sort=stars")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(
            set(response.json.get("errors", ())), {"cursor", "per_page", "year", "sort"}
        )

    def test_text_has_pages_too(self):
        response = self.client.get("/v2/movies?per_page=1", headers={"Accept": "text/plain"})

        self.assertEqual(response.mimetype, "text/plain")
        self.assertEqual(len(response.text.splitlines()), 1)
        self.assertIn('rel="next"', response.headers.get("Link", ""))


def passes(movie, year=None, director=None, q=""):
    """Tell whether the filters of a URL let a movie through."""
    same_year = year is None or movie["year"] == int(year)
    same_director = director is None or movie["director"] == director
    return same_year and same_director and q.lower() in movie["title"].lower()


class CursorOfWatchlistsTest(CursorTestCase):
    NAMES = ("a", "a-1", "b", "friday-night", "z" * 64)

    def setUp(self):
        super().setUp()
        for name in reversed(self.NAMES):
            body = {"title": "Mine", "movies": [3, 1]}
            self.client.put(f"/v2/watchlists/{name}", json=body, headers=BOB)

    def test_walk_shows_each_watchlist_once_by_name(self):
        for per_page in (1, 2, 5, 6):
            with self.subTest(per_page=per_page):
                pages = list(self.pages(f"/v2/watchlists?per_page={per_page}"))

                watchlists = [each for page in pages for each in page["watchlists"]]
                self.assertEqual(tuple(each["name"] for each in watchlists), self.NAMES)
                self.assertEqual({tuple(each["movies"]) for each in watchlists}, {(3, 1)})

    def test_cursor_that_no_page_gave_is_400_with_the_reason(self):
        for cursor in ("x", cursor_of("name", 3, 3), cursor_of("id", 3, 3)):
            with self.subTest(cursor=cursor):
                response = self.client.get(f"/v2/watchlists?cursor={cursor}")

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), ["cursor"])


@about_sqlite
class CostTest(ApiTestCase):
    """Looks inside: what a page asks of the database, in SQL and in steps of SQLite's machine."""

    MOVIES = 1_000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        same = METROPOLIS | {"imdb_id": None, "version": 1}  # the worst: no sort tells them apart
        with cls.app.app_context(), writing():
            db.session.execute(insert(Movie), [same] * cls.MOVIES)
        cls.snapshot = cls.database.serialize()

    @contextmanager
    def counting(self):
        steps = []
        self.database.set_progress_handler(lambda: steps.append(1), 1)
        yield steps
        self.database.set_progress_handler(None, 1)

    def cursors(self, sort):
        """Return where pages of a hundred movies begin, the first but one and all that follow."""
        found, url = [], f"/v2/movies?sort={sort}&per_page=100"
        while url and len(found) < 20:  # the end of patience, should there be no other
            cursor = self.client.get(url).json["next_cursor"]
            found += [cursor] if cursor else []
            url = cursor and f"/v2/movies?sort={sort}&per_page=100&cursor={cursor}"
        return found

    def steps_of(self, url):
        """Return what a page of ten costs."""
        self.client.get(url)  # now SQLite has read what the tables are, which costs as well
        self.forget_answers()
        with self.counting() as steps:
            response = self.client.get(url)
        self.assertEqual(len(response.json["movies"]), 10)
        return len(steps)

    def test_page_costs_the_same_wherever_it_is(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                url = f"/v2/movies?sort={sort}&per_page=10"
                near, *_, far, _last = self.cursors(sort)

                first = self.steps_of(url)
                after_100, after_900 = (self.steps_of(f"{url}&cursor={at}") for at in (near, far))

                self.assertAlmostEqual(after_100, after_900, delta=20, msg="depth should be free")
                self.assertLess(after_100, 5 * first, "a few times the first page, at most")

    def test_page_costs_two_statements_at_most(self):
        cursor = self.cursors("id")[4]

        statements = self.statements_of(f"/v2/movies?cursor={cursor}")

        self.assertLessEqual(len(statements), 2, "the list's version, and the movies")


class JsonLdTest(HypermediaTestCase):
    """The lists of version 2, for clients that know Hydra."""

    def test_page_says_what_it_is_part_of_and_where_the_next_begins(self):
        response = self.get("/v2/movies?sort=-id&per_page=1")

        cursor = self.client.get("/v2/movies?sort=-id&per_page=1").json["next_cursor"]
        page = "http://localhost/v2/movies?sort=-id&per_page=1"
        thing = self.expand(response.json)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(thing["@id"], "http://localhost/v2/movies?sort=-id")
        self.assertEqual(thing["@type"], [f"{HYDRA}Collection"])
        self.assertNotIn(f"{HYDRA}totalItems", thing, "nobody has counted")
        self.assertEqual(len(thing[f"{HYDRA}member"]), 1)
        view = {
            "@id": page,
            "@type": [f"{HYDRA}PartialCollectionView"],
            f"{HYDRA}first": [{"@id": page}],
            f"{HYDRA}next": [{"@id": f"{page}&cursor={cursor}"}],
        }
        self.assertEqual(thing.get(f"{HYDRA}view"), [view])

    def test_page_is_another_thing_than_its_list(self):
        for url in ("/v2/movies", "/v2/watchlists"):
            with self.subTest(url=url):
                response = self.get(url)

                self.assertEqual(response.json["@id"], f"http://localhost{url}")
                self.assertEqual(response.json["view"]["@id"], f"http://localhost{url}?per_page=20")

    def test_next_leads_to_every_movie(self):
        url, found = "http://localhost/v2/movies?per_page=1", []

        while url and len(found) < 10:
            page = self.get(url).json
            found += [member["@id"] for member in page["member"]]
            url = page["view"].get("next")

        self.assertEqual(found, [f"http://localhost/v2/movies/{number}" for number in (1, 2, 3)])

    def test_member_is_described_as_at_its_own_url(self):
        for url in ("/v2/movies", "/v2/watchlists"):
            with self.subTest(url=url):
                member = self.get(url).json["member"][-1]

                itself = self.get(member["@id"]).json

                self.assertEqual(itself["@context"], "http://localhost/v2/context")
                added = {"@context": itself["@context"], "operation": []}
                self.assertEqual(itself, member | added)
