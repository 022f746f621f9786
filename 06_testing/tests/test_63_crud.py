"""6.3 CRUD: what is created, read, updated and deleted.

Each answer is asked for its status, the fields that belong to it, its whole body, and then for what
it has done: the next GET, or the database, byte by byte.
"""

import json
from contextlib import contextmanager

from tests import ALICE, BOB, KITTY_FOYLE, METROPOLIS, PRIDE_AND_PREJUDICE, REBECCA, ApiTestCase

MOVIES, MOVIE, NO_MOVIE = "/v1/movies", REBECCA["url"], "/v1/movies/999"
WATCHLISTS, WATCHLIST = "/v1/watchlists", "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {
    "name": "friday-night",
    "title": "Friday night",
    "movies": [3, 1],
    "private": False,
    "owner": "bob",
    "url": WATCHLIST,
}
JSON, PROBLEM = "application/json", "application/problem+json"
VARY = "Accept, Authorization, Cookie, Signature-Input"
YEAR = "must be a whole number from 1888 to 2100"
NAME = "must be 1 to 64 small letters or digits, in words joined by hyphens"
BAD_NAMES = ("Friday", "friday_night", "-friday", "friday-", "a--b", "a.b", "%C3%A9", "a" * 65)
BAD_QUESTIONS = (  # what is asked of the list, and which argument is wrong
    ("page=0", "page"),
    ("page=-1", "page"),
    ("page=1.5", "page"),
    ("page=", "page"),
    ("page=%D9%A3", "page"),
    ("per_page=0", "per_page"),
    ("per_page=all", "per_page"),
    ("year=1887", "year"),
    ("year=40", "year"),
    ("year=x", "year"),
    ("director=", "director"),
    ("q=", "q"),
    ("q=%00", "q"),
    ("sort=imdb_id", "sort"),
    ("sort=--id", "sort"),
    ("serialize=yes", "serialize"),
)


def without(name, values):
    return {other: value for other, value in values.items() if other != name}


def pages_in(response):
    """Return the one of an answer's Link headers that leads from page to page."""
    return next((link for link in response.headers.getlist("Link") if "page" in link), "")


def following(page):
    """Return the URL to which a page's Link header leads on, or None (RFC 8288)."""
    links = pages_in(page).split(", ")
    return next((link[1:].partition(">")[0] for link in links if link.endswith('rel="next"')), None)


class CrudTestCase(ApiTestCase):
    """The three movies, and a watchlist that Bob has made of two of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        body = {"title": "Friday night", "movies": [3, 1]}
        cls.app.test_client().put(WATCHLIST, json=body, headers=BOB)
        cls.snapshot = cls.database.serialize()

    @contextmanager
    def row(self, *message, **what):
        """Ask a row of a table as if it were the only one: what one leaves, no other finds."""
        self.setUp()
        with self.subTest(*message, **what):
            yield

    def ask(self, method, url, body=None, user=ALICE, **headers):
        """Send a request; header names are written with _ here."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(url, method=method, json=body, headers=user | fields)

    def etag_of(self, url, user=ALICE):
        etag = self.client.get(url, headers=user).headers.get("ETag")
        self.assertIsNotNone(etag, f"GET {url} should have an ETag")
        return etag

    def assert_answer(self, response, status, body, **headers):
        """Check all that a client can see of an answer with a body; None: no such header."""
        self.assertEqual(response.status_code, status)
        self.assertEqual((response.mimetype, response.json), (JSON, body))
        expected = {"Location": None, "Vary": VARY, "Preference_Applied": None} | headers
        for name, value in expected.items():
            self.assertEqual(response.headers.get(name.replace("_", "-")), value, name)

    def assert_no_content(self, response, status=204):
        self.assertEqual((response.status_code, response.data), (status, b""))
        self.assertNotIn("Content-Type", response.headers, "there is no content to have a type")

    def assert_refused(self, response, status, title, **members):
        """Check that an answer is an error, with these members, and that nothing was done."""
        self.assert_problem(response, status, title)
        for name, value in members.items():
            self.assertEqual(response.json[name], value)
        self.assert_nothing_changed()


class CreateTest(CrudTestCase):
    def test_movie_is_201_with_its_place_and_its_version(self):
        response = self.ask("POST", MOVIES, METROPOLIS)

        created = {"id": 4} | METROPOLIS | {"url": "/v1/movies/4"}
        self.assert_answer(
            response, 201, created, Location="/v1/movies/4", Cache_Control="no-store"
        )
        self.assertEqual(response.headers.get("ETag"), self.etag_of("/v1/movies/4"))

    def test_movie_is_found_at_its_place_and_in_the_list(self):
        created = self.ask("POST", MOVIES, METROPOLIS)

        self.assertEqual(self.client.get(created.location).json, created.json)
        listed = self.client.get(MOVIES).json
        self.assertEqual((listed["movies"][-1], listed["total"]), (created.json, 4))

    def test_each_movie_has_a_number_of_its_own(self):
        bodies = [METROPOLIS, METROPOLIS | {"imdb_id": None}, METROPOLIS | {"imdb_id": None}]

        created = [self.ask("POST", MOVIES, body) for body in bodies]

        self.assertEqual([response.status_code for response in created], [201, 201, 201])
        self.assertEqual([response.json["id"] for response in created], [4, 5, 6])

    def test_what_is_preferred_not_to_come_back_does_not(self):
        response = self.ask("POST", MOVIES, METROPOLIS, Prefer="return=minimal")

        self.assert_no_content(response, 201)
        self.assertEqual(response.location, "/v1/movies/4")
        self.assertEqual(response.headers.get("Preference-Applied"), "return=minimal")
        self.assertEqual(self.client.get("/v1/movies/4").json["title"], "Metropolis")

    def test_second_movie_of_an_imdb_id_is_409(self):
        response = self.ask("POST", MOVIES, METROPOLIS | {"imdb_id": REBECCA["imdb_id"]})

        self.assert_refused(response, 409, "Conflict", code=90)

    def test_watchlist_is_created_where_its_client_says(self):
        response = self.ask("PUT", f"{WATCHLISTS}/a-2", {"title": "Two", "movies": [2, 3]}, BOB)

        created = FRIDAY_NIGHT | {"name": "a-2", "title": "Two", "movies": [2, 3]}
        created["url"] = f"{WATCHLISTS}/a-2"
        self.assert_answer(response, 201, created, Location=created["url"], ETag=None)
        self.assertEqual(self.client.get(created["url"]).json, created)
        self.assertEqual(self.client.get(WATCHLISTS).json["total"], 2)

    def test_watchlist_is_empty_and_public_if_not_said_otherwise(self):
        response = self.ask("PUT", f"{WATCHLISTS}/new", {"title": "New"}, BOB)

        self.assertEqual((response.json["movies"], response.json["private"]), ([], False))

    def test_name_that_no_watchlist_can_have_is_400(self):
        for name in BAD_NAMES:
            with self.row(name=name):
                response = self.ask("PUT", f"{WATCHLISTS}/{name}", {"title": "x"}, BOB)

                self.assert_refused(response, 400, "Bad Request", errors={"name": NAME})

    def test_post_that_is_sent_again_with_its_key_is_done_once(self):
        first = self.ask("POST", MOVIES, METROPOLIS, Idempotency_Key='"1"')
        again = self.ask("POST", MOVIES, METROPOLIS, Idempotency_Key='"1"')
        other = self.ask("POST", MOVIES, METROPOLIS | {"year": 1928}, Idempotency_Key='"1"')

        self.assertEqual((first.status_code, again.status_code), (201, 201))
        self.assertEqual((again.json, again.location), (first.json, first.location))
        self.assert_problem(other, 422, "Unprocessable Entity")
        self.assertEqual(self.client.get(MOVIES).json["total"], 4)

    def test_post_that_is_refused_leaves_its_key_free(self):
        refused = self.ask("POST", MOVIES, METROPOLIS | {"year": 1}, Idempotency_Key='"1"')
        mended = self.ask("POST", MOVIES, METROPOLIS, Idempotency_Key='"1"')

        self.assert_problem(refused, 400, "Bad Request")
        self.assertEqual(mended.status_code, 201)


class ReadTest(CrudTestCase):
    def ids(self, question):
        """Return which movies a question finds, in what order."""
        return [movie["id"] for movie in self.client.get(f"{MOVIES}?{question}").json["movies"]]

    def test_movie_has_its_body_its_version_and_a_place_in_caches(self):
        response = self.client.get(MOVIE)

        kept = "public, max-age=5, stale-if-error=600"
        self.assert_answer(response, 200, REBECCA, ETag=self.etag_of(MOVIE, {}), Cache_Control=kept)
        own = self.ask("GET", MOVIE)
        self.assertEqual(own.headers.get("Cache-Control"), "private, no-cache")

    def test_list_has_every_movie_and_counts_them(self):
        response = self.client.get(MOVIES)

        movies = [KITTY_FOYLE, PRIDE_AND_PREJUDICE, REBECCA]
        body = {"movies": movies, "page": 1, "per_page": 20, "total": 3}
        self.assert_answer(response, 200, body, ETag=self.etag_of(MOVIES, {}))

    def test_what_is_not_there_is_404(self):
        for url in (NO_MOVIE, f"{WATCHLISTS}/none"):
            for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
                with self.row(method=method, url=url):
                    self.assert_refused(self.ask(method, url, body), 404, "Not Found")

    def test_pages_show_each_movie_once_and_lead_to_each_other(self):
        links = {
            1: {"first": 1, "last": 2, "next": 2},
            2: {"first": 1, "last": 2, "prev": 1},
            3: {"first": 1, "last": 2, "prev": 2},
        }
        for page, ids in {1: [1, 2], 2: [3], 3: []}.items():
            with self.row(page=page):
                response = self.client.get(f"{MOVIES}?per_page=2&page={page}")

                facts = {name: response.json[name] for name in ("page", "per_page", "total")}
                self.assertEqual([movie["id"] for movie in response.json["movies"]], ids)
                self.assertEqual(facts, {"page": page, "per_page": 2, "total": 3})
                self.assertEqual(
                    pages_in(response),
                    ", ".join(
                        f'<{MOVIES}?per_page=2&page={number}>; rel="{rel}"'
                        for rel, number in links[page].items()
                    ),
                )

    def test_cursors_show_each_movie_once_too(self):
        for question, expected in {
            "per_page=2&sort=-title": [[3, 2], [1]],
            "per_page=1&sort=year": [[1], [2], [3]],  # all three are of one year
            "per_page=3": [[1, 2, 3]],
        }.items():
            with self.row(question):
                pages, url = [], f"/v2/movies?{question}"
                while url:
                    page = self.client.get(url)
                    pages.append([movie["id"] for movie in page.json["movies"]])
                    url = following(page)

                self.assertEqual(pages, expected)
                self.assertIsNone(page.json["next_cursor"])

    def test_question_cannot_write_into_the_links(self):
        question = {"q": 'e>; rel="next", <https://attacker.example/'}
        response = self.client.get(MOVIES, query_string=question)

        links = pages_in(response)
        self.assertEqual(links.count("<"), 2, "first and last, and no other")
        self.assertNotIn("attacker.example/>", links)

    def test_more_than_a_hundred_are_never_on_a_page(self):
        self.assertEqual(self.client.get(f"{MOVIES}?per_page=101").json["per_page"], 100)

    def test_filters_let_through_what_fits_them_all(self):
        self.ask("POST", MOVIES, METROPOLIS)
        for question, ids in {
            "year=1927": [4],
            "year=1940": [1, 2, 3],
            "director=Sam Wood": [1],
            "director=sam wood": [],
            "director=Sam": [],
            "q=RE": [2, 3],
            "q=e": [1, 2, 3, 4],
            "q=%25": [],
            "q=_": [],
            "year=1940&q=e&director=Alfred Hitchcock": [3],
            "year=1927&q=Rebecca": [],
            "color=red": [1, 2, 3, 4],
        }.items():
            with self.subTest(question):
                response = self.client.get(f"{MOVIES}?{question.replace(' ', '+')}")

                self.assertEqual([movie["id"] for movie in response.json["movies"]], ids)
                self.assertEqual(response.json["total"], len(ids))

    def test_list_is_sorted_as_asked_and_by_number_between_equals(self):
        for sort, ids in {
            "id": [1, 2, 3],
            "-id": [3, 2, 1],
            "title": [1, 2, 3],
            "-title": [3, 2, 1],
            "director": [3, 2, 1],
            "-director": [1, 2, 3],
            "year": [1, 2, 3],
            "-year": [1, 2, 3],
            "runtime": [1, 2, 3],
            "-runtime": [3, 2, 1],
        }.items():
            with self.row(sort):
                self.assertEqual(self.ids(f"sort={sort}"), ids)

    def test_question_that_cannot_be_understood_is_400_and_named(self):
        for question, name in BAD_QUESTIONS:
            with self.row(question):
                response = self.client.get(f"{MOVIES}?{question}")

                self.assert_refused(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), [name])

    def test_movie_comes_in_the_media_type_that_is_asked_for(self):
        for accept, media_type in {
            "*/*": JSON,
            "application/json": JSON,
            "application/ld+json": "application/ld+json",
            "text/plain": "text/plain",
            "text/plain;q=0.1, application/json": JSON,
            "image/png, */*;q=0.1": JSON,
        }.items():
            with self.row(accept):
                response = self.client.get(MOVIE, headers={"Accept": accept})

                self.assertEqual((response.status_code, response.mimetype), (200, media_type))

        line = "Rebecca (1940), directed by Alfred Hitchcock, 126 minutes\n"
        self.assertEqual(self.client.get(f"{MOVIE}?serialize=false").text, line)
        refused = self.client.get(MOVIE, headers={"Accept": "image/png"})
        self.assert_problem(refused, 406, "Not Acceptable")

    def test_reading_changes_nothing(self):
        for url in ("/", MOVIES, MOVIE, WATCHLISTS, WATCHLIST):
            self.assertEqual(self.client.get(url).status_code, 200)

        self.assert_nothing_changed()


class UpdateTest(CrudTestCase):
    def test_put_replaces_all_of_a_movie(self):
        response = self.ask("PUT", MOVIE, METROPOLIS)

        replaced = {"id": 3} | METROPOLIS | {"url": MOVIE}
        self.assert_answer(response, 200, replaced, ETag=None, Cache_Control="no-store")
        self.assertEqual(self.client.get(MOVIE).json, replaced)

    def test_put_keeps_nothing_that_it_does_not_name(self):
        response = self.ask("PUT", MOVIE, without("imdb_id", METROPOLIS))

        self.assertEqual((response.status_code, response.json["imdb_id"]), (200, None))

    def test_put_of_what_is_there_is_answered_and_changes_nothing(self):
        for url, body, user in ((MOVIE, REBECCA, ALICE), (WATCHLIST, FRIDAY_NIGHT, BOB)):
            with self.row(url):
                response = self.ask("PUT", url, body, user)

                self.assert_answer(response, 200, body)
                self.assert_nothing_changed()

    def test_put_creates_no_movie(self):
        response = self.ask("PUT", NO_MOVIE, METROPOLIS)

        self.assert_refused(response, 404, "Not Found", code=41)

    def test_put_replaces_all_of_a_watchlist(self):
        response = self.ask("PUT", WATCHLIST, {"title": "Saturday", "movies": [1, 2, 3]}, BOB)

        replaced = FRIDAY_NIGHT | {"title": "Saturday", "movies": [1, 2, 3]}
        self.assert_answer(response, 200, replaced, ETag=None)
        self.assertEqual(self.client.get(WATCHLIST).json, replaced)

    def test_put_empties_a_watchlist_whose_movies_it_does_not_name(self):
        response = self.ask("PUT", WATCHLIST, {"title": "Friday night"}, BOB)

        self.assertEqual(response.json, FRIDAY_NIGHT | {"movies": []})
        self.assertEqual(self.client.get(WATCHLIST).json, response.json)

    def test_patch_changes_what_it_names_and_nothing_else(self):
        for url, before, patch, user in (
            (MOVIE, REBECCA, {"runtime": 130}, ALICE),
            (MOVIE, REBECCA, {"title": "Rebecca, restored", "year": 1941}, ALICE),
            (WATCHLIST, FRIDAY_NIGHT, {"movies": [1]}, BOB),
            (WATCHLIST, FRIDAY_NIGHT, {"title": "Saturday"}, BOB),
        ):
            with self.row(patch):
                response = self.ask("PATCH", url, patch, user)

                self.assert_answer(
                    response,
                    200,
                    before | patch,
                    ETag=self.etag_of(url, user),
                    Accept_Patch="application/merge-patch+json, application/json",
                )
                self.assertEqual(self.client.get(url).json, before | patch)

    def test_null_in_a_patch_takes_away_what_may_be_away(self):
        movie = self.ask("PATCH", MOVIE, {"imdb_id": None})
        watchlist = self.ask("PATCH", WATCHLIST, {"movies": None}, BOB)

        self.assertEqual((movie.status_code, movie.json["imdb_id"]), (200, None))
        self.assertEqual((watchlist.status_code, watchlist.json["movies"]), (200, []))

    def test_null_in_a_patch_cannot_take_away_what_must_be_there(self):
        for name in ("title", "director", "year", "runtime"):
            with self.row(name):
                response = self.ask("PATCH", MOVIE, {name: None})

                errors = {name: "is required"}
                self.assert_refused(response, 400, "Bad Request", errors=errors)

    def test_patch_is_done_as_a_whole_or_not_at_all(self):
        response = self.ask("PATCH", MOVIE, {"title": "Rebecca, restored", "year": 1})

        self.assert_refused(response, 400, "Bad Request", errors={"year": YEAR})

    def test_empty_patch_is_answered_and_changes_nothing(self):
        response = self.ask("PATCH", MOVIE, {})

        self.assertEqual((response.status_code, response.json), (200, REBECCA))
        self.assert_nothing_changed()

    def test_patch_has_two_names_and_any_other_is_415_that_tells_them(self):
        body = json.dumps({"runtime": 130})
        statuses = {}
        for media_type in ("application/merge-patch+json", JSON, "application/json-patch+json"):
            response = self.client.patch(MOVIE, data=body, content_type=media_type, headers=ALICE)
            statuses[media_type] = response.status_code

        self.assertEqual([*statuses.values()], [200, 200, 415])
        self.assertEqual(
            response.headers.get("Accept-Patch"), "application/merge-patch+json, application/json"
        )

    def test_imdb_id_of_another_movie_is_409(self):
        for method, body in (("PUT", METROPOLIS), ("PATCH", {})):
            with self.row(method=method):
                response = self.ask(method, MOVIE, body | {"imdb_id": KITTY_FOYLE["imdb_id"]})

                self.assert_refused(response, 409, "Conflict")

    def test_what_comes_back_is_as_preferred(self):
        for method, url, body, user in (
            ("PUT", MOVIE, METROPOLIS, ALICE),
            ("PATCH", MOVIE, {"runtime": 130}, ALICE),
            ("PUT", WATCHLIST, {"title": "Saturday"}, BOB),
            ("PATCH", WATCHLIST, {"title": "Sunday"}, BOB),
        ):
            with self.row(method=method, url=url):
                minimal = self.ask(method, url, body, user, Prefer="return=minimal")
                whole = self.ask(method, url, body, user, Prefer="return=representation")

                self.assert_no_content(minimal)
                self.assertEqual(minimal.headers.get("Preference-Applied"), "return=minimal")
                self.assertEqual(whole.status_code, 200)
                self.assertEqual(whole.headers.get("Preference-Applied"), "return=representation")
                self.assertEqual(self.client.get(url).json, whole.json)

    def test_other_preferences_are_not_taken_for_that_one(self):
        response = self.ask("PATCH", MOVIE, {"runtime": 130}, Prefer="verbosity=minimal")

        self.assertEqual((response.status_code, response.json["runtime"]), (200, 130))
        self.assertNotIn("Preference-Applied", response.headers)

    def test_movie_is_the_same_in_both_versions(self):
        self.ask("PUT", "/v2/movies/3", METROPOLIS)

        self.assertEqual(self.client.get(MOVIE).json["title"], "Metropolis")
        self.assertEqual(self.client.get("/v2/movies/3").json["url"], "/v2/movies/3")


class DeleteTest(CrudTestCase):
    def test_delete_is_204_and_then_404(self):
        for url, user in ((MOVIE, ALICE), (WATCHLIST, BOB)):
            with self.row(url):
                first, second = (self.ask("DELETE", url, user=user) for _ in range(2))

                self.assert_no_content(first)
                self.assertEqual(first.headers.get("Cache-Control"), "no-store")
                self.assert_problem(second, 404, "Not Found")
                self.assert_problem(self.client.get(url), 404, "Not Found")

    def test_deleted_entity_comes_a_last_time_if_preferred(self):
        for url, before, user in ((WATCHLIST, FRIDAY_NIGHT, BOB), (MOVIE, REBECCA, ALICE)):
            with self.row(url):
                response = self.ask("DELETE", url, user=user, Prefer="return=representation")

                self.assert_answer(
                    response, 200, before, Preference_Applied="return=representation"
                )
                self.assert_problem(self.client.get(url), 404, "Not Found")

    def test_other_movies_stay_and_watchlists_lose_this_one(self):
        self.ask("DELETE", MOVIE)

        movies = self.client.get(MOVIES).json
        self.assertEqual(movies["movies"], [KITTY_FOYLE, PRIDE_AND_PREJUDICE])
        self.assertEqual(movies["total"], 2)
        self.assertEqual(self.client.get(WATCHLIST).json, FRIDAY_NIGHT | {"movies": [1]})

    def test_movies_stay_when_their_watchlist_goes(self):
        self.ask("DELETE", WATCHLIST, user=BOB)

        self.assertEqual(self.client.get(MOVIES).json["total"], 3)
        self.assertEqual(self.client.get(WATCHLISTS).json["total"], 0)

    def test_number_is_never_given_again_and_a_name_is(self):
        self.ask("DELETE", MOVIE)
        movie = self.ask("POST", MOVIES, METROPOLIS)
        self.ask("DELETE", WATCHLIST, user=BOB)
        watchlist = self.ask("PUT", WATCHLIST, {"title": "Mine now"}, ALICE)

        self.assertEqual(movie.location, "/v1/movies/4")
        self.assertEqual((watchlist.status_code, watchlist.json["movies"]), (201, []))
        self.assertEqual(watchlist.json["owner"], "alice")

    def test_list_cannot_be_deleted(self):
        for url in (MOVIES, WATCHLISTS):
            with self.row(url):
                response = self.ask("DELETE", url)

                self.assert_refused(response, 405, "Method Not Allowed")
                self.assertNotIn("DELETE", response.headers.get("Allow", ""))
