"""3.a Update: what its client names, PUT can also create."""

from cinema.data.database import db, writing
from cinema.data.models import Movie

from tests import KEY, METROPOLIS, ApiTestCase

WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {
    "name": "friday-night",
    "title": "Friday night",
    "movies": [3, 1],
    "private": False,
    "owner": "alice",
    "url": WATCHLIST,
}
NO_NAMES = ("Friday", "friday_night", "-friday", "friday-", "friday--night", "a.b", "a b", "a%00")
NO_NAMES += ("é", "٣", "a%0A", "a" * 65, "%FF", "..", "null%20", "a,b")
NO_MOVIES = (
    None,
    3,
    "3",
    {"3": 1},
    [None],
    [True],
    ["3"],
    [3.5],
    [[3]],
    [0],
    [-1],
    [3, 3],
    [2**63],
)
NO_MOVIES += ([3, 999], list(range(1, 102)))


class PutWatchlistTest(ApiTestCase):
    def put(self, body, url=WATCHLIST):
        return self.client.put(url, json=body, headers=KEY)

    def test_put_to_a_name_that_is_free_creates_the_watchlist(self):
        response = self.put({"title": "Friday night", "movies": [3, 1]})

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, WATCHLIST)
        self.assertEqual(response.json, FRIDAY_NIGHT)
        self.assertEqual(self.client.get(response.location).json, FRIDAY_NIGHT)

    def test_id_that_is_written_with_a_fraction_of_zero_is_the_same_id(self):
        response = self.put({"title": "Friday night", "movies": [3.0, 1]})

        self.assertEqual(response.status_code, 201)
        self.assertEqual(repr(response.json["movies"]), "[3, 1]")

    def test_put_to_a_watchlist_replaces_it(self):
        self.put({"title": "Friday night", "movies": [3, 1]})

        response = self.put({"title": "Saturday", "movies": [1, 2, 3]})

        self.assertEqual(response.status_code, 200)
        self.assertIsNone(response.location, "nothing was created, so there is nowhere to go")
        self.assertEqual(response.json, FRIDAY_NIGHT | {"title": "Saturday", "movies": [1, 2, 3]})
        self.assertEqual(self.client.get(WATCHLIST).json, response.json)

    def test_movies_that_are_left_out_are_gone(self):
        self.put({"title": "Friday night", "movies": [3, 1]})

        response = self.put({"title": "Friday night"})

        self.assertEqual(response.json, FRIDAY_NIGHT | {"movies": []})
        self.assertEqual(self.client.get(WATCHLIST).json, response.json)

    def test_watchlist_without_a_title_is_400(self):
        response = self.put({"movies": [3, 1]})

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json.get("errors"), {"title": "is required"})
        self.assert_nothing_changed()

    def test_watchlist_can_be_put_back_as_it_was_read(self):
        self.put(FRIDAY_NIGHT)

        response = self.put(self.client.get(WATCHLIST).json)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, FRIDAY_NIGHT)

    def test_identity_that_contradicts_the_url_is_400(self):
        for name, value in (("name", "saturday"), ("name", None), ("url", "/v1/watchlists/x")):
            with self.subTest(name=name, value=value):
                response = self.put(FRIDAY_NIGHT | {name: value})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), [name])
                self.assert_nothing_changed()

    def test_name_is_small_letters_and_digits_joined_by_hyphens(self):
        for name in ("a", "7", "friday-night-2", "a" * 64):
            with self.subTest(name=name):
                response = self.put({"title": "Friday night"}, f"/v1/watchlists/{name}")

                self.assertEqual(response.status_code, 201)

    def test_other_name_is_400_for_put_and_404_for_get(self):
        for name in NO_NAMES:
            with self.subTest(name=name):
                put = self.put({"title": "Friday night"}, f"/v1/watchlists/{name}")
                get = self.client.get(f"/v1/watchlists/{name}")

                self.assert_problem(put, 400, "Bad Request")
                self.assertEqual(list(put.json.get("errors", ())), ["name"])
                self.assert_problem(get, 404, "Not Found")
                self.assert_nothing_changed()

    def test_movies_that_are_no_list_of_different_movies_are_400(self):
        for movies in NO_MOVIES:
            with self.subTest(movies=str(movies)[:20]):
                response = self.put({"title": "Friday night", "movies": movies})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json.get("errors", ())), ["movies"])
                self.assert_nothing_changed()

    def test_movies_that_are_not_there_are_named(self):
        response = self.put({"title": "Friday night", "movies": [3, 998, 999]})

        self.assertEqual(response.json.get("errors"), {"movies": "there is no movie 998, 999"})

    def test_watchlist_holds_a_hundred_movies(self):
        with self.app.app_context(), writing():
            db.session.add_all(Movie(**METROPOLIS | {"imdb_id": None}) for _ in range(97))
        movies = list(range(100, 0, -1))

        response = self.put({"title": "Every night", "movies": movies})

        self.assertEqual(response.status_code, 201)
        self.assertEqual(self.client.get(WATCHLIST).json["movies"], movies)

    def test_refused_change_leaves_the_watchlist_as_it_was(self):
        self.put(FRIDAY_NIGHT)

        response = self.put({"title": " ", "movies": [2]})

        self.assertEqual(response.status_code, 400)
        self.assertEqual(self.client.get(WATCHLIST).json, FRIDAY_NIGHT)


class ListWatchlistsTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        for name in ("saturday", "friday-night", "sunday"):
            body = {"title": "Friday night", "movies": [3, 1]}
            self.client.put(f"/v1/watchlists/{name}", json=body, headers=KEY)

    def test_list_holds_every_watchlist_by_name(self):
        response = self.client.get("/v1/watchlists")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json["watchlists"][0], FRIDAY_NIGHT)
        names = [watchlist["name"] for watchlist in response.json["watchlists"]]
        self.assertEqual(
            response.json | {"watchlists": names},
            {"watchlists": ["friday-night", "saturday", "sunday"], "page": 1, "per_page": 20}
            | {"total": 3},
        )

    def test_list_has_pages(self):
        response = self.client.get("/v1/watchlists?page=2&per_page=2")

        names = [watchlist["name"] for watchlist in response.json["watchlists"]]
        self.assertEqual(names, ["sunday"])
        self.assertEqual(response.json["total"], 3)
        self.assertIn(
            '</v1/watchlists?page=1&per_page=2>; rel="prev"', response.headers.get("Link", "")
        )

    def test_junk_in_the_url_is_400_with_the_reason(self):
        response = self.client.get("/v1/watchlists?page=0&per_page=ten")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json.get("errors", ())), {"page", "per_page"})

    def test_last_page_that_is_exactly_full_is_the_last(self):
        response = self.client.get("/v1/watchlists?page=3&per_page=1")

        links = response.headers.get("Link", "")
        self.assertIn('</v1/watchlists?page=3&per_page=1>; rel="last"', links)
        self.assertNotIn('rel="next"', links)


class CostTest(ApiTestCase):
    """Looks inside: the SQL statements that a list costs, as the database sees them."""

    def cost_of_the_list(self, names):
        for name in names:
            body = {"title": "Friday night", "movies": [3, 1]}
            self.client.put(f"/v1/watchlists/{name}", json=body, headers=KEY)
        return len(self.statements_of("/v1/watchlists"))

    def test_list_costs_the_same_however_long_it_is(self):
        short = self.cost_of_the_list(["a"])
        long = self.cost_of_the_list(["b", "c", "d", "e", "f"])

        self.assertLessEqual(long, short, "more watchlists should take no more statements")


class PatchWatchlistTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.client.put(WATCHLIST, json=FRIDAY_NIGHT, headers=KEY)

    def patch(self, body, url=WATCHLIST):
        return self.client.patch(url, json=body, headers=KEY)

    def test_patch_changes_what_it_names_and_keeps_the_rest(self):
        for change in ({"title": "Saturday"}, {"movies": [2, 3, 1]}, {"movies": [1]}):
            with self.subTest(change=change):
                before = self.client.get(WATCHLIST).json

                response = self.patch(change)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.json, before | change)
                self.assertEqual(self.client.get(WATCHLIST).json, response.json)

    def test_null_empties_the_watchlist(self):
        response = self.patch({"movies": None})

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, FRIDAY_NIGHT | {"movies": []})

    def test_name_cannot_be_changed(self):
        for name in ("saturday", None):
            with self.subTest(name=name):
                response = self.patch({"name": name})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(
                    response.json.get("errors"), {"name": "is friday-night at this URL"}
                )

    def test_patch_creates_no_watchlist(self):
        response = self.patch({"title": "Saturday"}, "/v1/watchlists/saturday")

        self.assert_problem(response, 404, "Not Found")

    def test_patch_is_done_as_a_whole_or_not_at_all(self):
        response = self.patch({"title": "Saturday", "movies": [999]})

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(self.client.get(WATCHLIST).json, FRIDAY_NIGHT)
