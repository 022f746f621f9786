"""3.a Update: PUT replaces a whole, PATCH a part; what its client names, PUT can also create."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from unittest import TestCase

from cinema.data.database import db, writing
from cinema.data.models import Movie, Watchlist
from cinema.http.merge_patch import merge_patch
from sqlalchemy import event

from tests import KEY, KITTY_FOYLE, METROPOLIS, REBECCA, ApiTestCase, ServerTestCase, all_at_once

WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {
    "name": "friday-night",
    "title": "Friday night",
    "movies": [3, 1],
    "private": False,
    "owner": "alice",
    "url": WATCHLIST,
}
MERGE_PATCH = "application/merge-patch+json"
ACCEPT_PATCH = "application/merge-patch+json, application/json"

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
    [3.0],
    [[3]],
    [0],
    [-1],
    [3, 3],
    [2**63],
)
NO_MOVIES += ([3, 999], list(range(1, 102)))
RFC_7396_APPENDIX_A = (  # what there is, the patch, what comes out
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
)
PREFERENCES = {  # the Prefer field, and which return it asks for
    "return=minimal": "minimal",
    "return=representation": "representation",
    'return="minimal"': "minimal",
    "RETURN=minimal": "minimal",
    "return = minimal": "minimal",
    "return=minimal; because=slow": "minimal",
    "respond-async, wait=10, return=minimal": "minimal",
    "return=minimal, return=representation": "minimal",
    "return=representation, return=minimal": "representation",
}
NO_PREFERENCES = ("", "return", "return=", "return=everything", "minimal", "wait=10", ",;=", '"')


def without(name, values):
    return {other: value for other, value in values.items() if other != name}


class PutMovieTest(ApiTestCase):
    def put(self, body, url=REBECCA["url"]):
        return self.client.put(url, json=body, headers=KEY)

    def test_put_replaces_the_whole_movie(self):
        response = self.put(METROPOLIS)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, {"id": 3} | METROPOLIS | {"url": REBECCA["url"]})
        self.assertEqual(self.client.get(REBECCA["url"]).json, response.json)

    def test_optional_member_that_is_left_out_is_gone(self):
        response = self.put(without("imdb_id", METROPOLIS))

        self.assertEqual(response.status_code, 200)
        self.assertIsNone(response.json["imdb_id"], "PUT should not keep what it does not name")

    def test_required_member_that_is_left_out_is_400(self):
        for name in ("title", "director", "year", "runtime"):
            with self.subTest(name=name):
                response = self.put(without(name, METROPOLIS))

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"], {name: "is required"})
                self.assert_nothing_changed()

    def test_everything_wrong_is_named_in_one_answer(self):
        wrong = {"id": 4, "title": "", "year": "1927", "runtime": True, "stars": 5}

        response = self.put(METROPOLIS | wrong)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json["errors"]), set(wrong))
        self.assert_nothing_changed()

    def test_put_twice_is_put_once(self):
        first = self.put(METROPOLIS)
        movies = self.client.get("/v1/movies").json

        second = self.put(METROPOLIS)

        self.assertEqual((second.status_code, second.json), (first.status_code, first.json))
        self.assertEqual(self.client.get("/v1/movies").json, movies)

    def test_put_to_a_movie_that_is_not_there_is_404_and_creates_none(self):
        for movie_id in (4, 999):
            with self.subTest(id=movie_id):
                response = self.put(METROPOLIS, f"/v1/movies/{movie_id}")

                self.assert_problem(response, 404, "Not Found")
                self.assert_nothing_changed()

    def test_movie_can_be_put_back_as_it_was_read(self):
        response = self.put(self.client.get(REBECCA["url"]).json)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)

    def test_identity_that_contradicts_the_url_is_400(self):
        others = {"id": (2, "1", 1.0, True, None), "url": ("/v1/movies/2", "", None, 1)}
        for name, values in others.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    response = self.put(METROPOLIS | {name: value}, KITTY_FOYLE["url"])

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(
                        response.json["errors"], {name: f"is {KITTY_FOYLE[name]} at this URL"}
                    )
                    self.assert_nothing_changed()

    def test_imdb_id_of_another_movie_is_409(self):
        response = self.put(METROPOLIS | {"imdb_id": KITTY_FOYLE["imdb_id"]})

        self.assert_problem(response, 409, "Conflict")
        self.assert_nothing_changed()


class PutWatchlistTest(ApiTestCase):
    def put(self, body, url=WATCHLIST):
        return self.client.put(url, json=body, headers=KEY)

    def test_put_to_a_name_that_is_free_creates_the_watchlist(self):
        response = self.put({"title": "Friday night", "movies": [3, 1]})

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, WATCHLIST)
        self.assertEqual(response.json, FRIDAY_NIGHT)
        self.assertEqual(self.client.get(response.location).json, FRIDAY_NIGHT)

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
        self.assertEqual(response.json["errors"], {"title": "is required"})
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
                self.assertEqual(list(response.json["errors"]), [name])
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
                self.assertEqual(list(put.json["errors"]), ["name"])
                self.assert_problem(get, 404, "Not Found")
                self.assert_nothing_changed()

    def test_movies_that_are_no_list_of_different_movies_are_400(self):
        for movies in NO_MOVIES:
            with self.subTest(movies=str(movies)[:20]):
                response = self.put({"title": "Friday night", "movies": movies})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["movies"])
                self.assert_nothing_changed()

    def test_movies_that_are_not_there_are_named(self):
        response = self.put({"title": "Friday night", "movies": [3, 998, 999]})

        self.assertEqual(response.json["errors"], {"movies": "there is no movie 998, 999"})

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
        self.assertIn('</v1/watchlists?page=1&per_page=2>; rel="prev"', response.headers["Link"])

    def test_junk_in_the_url_is_400_with_the_reason(self):
        response = self.client.get("/v1/watchlists?page=0&per_page=ten")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json["errors"]), {"page", "per_page"})

    def test_list_costs_three_statements_however_long_it_is(self):
        statements = self.statements_of("/v1/watchlists")

        self.assertEqual(len(statements), 3, "its version, the watchlists, and all their movies")


class PatchMovieTest(ApiTestCase):
    def patch(self, body, url=REBECCA["url"], content_type=MERGE_PATCH):
        return self.client.patch(url, data=json.dumps(body), content_type=content_type, headers=KEY)

    def test_patch_changes_what_it_names_and_keeps_the_rest(self):
        response = self.patch({"title": "Rebecca, restored", "runtime": 130})

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA | {"title": "Rebecca, restored", "runtime": 130})
        self.assertEqual(self.client.get(REBECCA["url"]).json, response.json)

    def test_same_body_is_a_part_for_patch_and_too_little_for_put(self):
        body = {"title": "Rebecca, restored"}

        put = self.client.put(REBECCA["url"], json=body, headers=KEY)
        patch = self.client.patch(REBECCA["url"], json=body, headers=KEY)

        self.assertEqual((put.status_code, patch.status_code), (400, 200))

    def test_null_removes_an_optional_member(self):
        response = self.patch({"imdb_id": None})

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA | {"imdb_id": None})

    def test_null_cannot_remove_a_required_member(self):
        for name in ("title", "director", "year", "runtime"):
            with self.subTest(name=name):
                response = self.patch({name: None})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"], {name: "is required"})
                self.assert_nothing_changed()

    def test_empty_patch_changes_nothing(self):
        response = self.patch({})

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)

    def test_patch_is_done_as_a_whole_or_not_at_all(self):
        response = self.patch({"title": "Rebecca, restored", "year": "1942", "stars": 5})

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json["errors"]), {"year", "stars"})
        self.assert_nothing_changed()

    def test_patch_that_is_not_an_object_is_400(self):
        for patch in ([], [{"op": "remove", "path": "/title"}], None, "title", 1940):
            with self.subTest(patch=patch):
                response = self.patch(patch)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_identity_that_contradicts_the_url_is_400(self):
        for name, value in (("id", 2), ("id", None), ("url", "/v1/movies/2"), ("url", None)):
            with self.subTest(name=name, value=value):
                response = self.patch({name: value})

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), [name])
                self.assert_nothing_changed()

    def test_patch_of_a_movie_that_is_not_there_is_404(self):
        response = self.patch({"title": "Rebecca, restored"}, "/v1/movies/999")

        self.assert_problem(response, 404, "Not Found")

    def test_imdb_id_of_another_movie_is_409(self):
        response = self.patch({"imdb_id": KITTY_FOYLE["imdb_id"]})

        self.assert_problem(response, 409, "Conflict")
        self.assert_nothing_changed()

    def test_plain_json_is_a_merge_patch_too(self):
        for content_type in ("application/json", f"{MERGE_PATCH}; charset=utf-8"):
            with self.subTest(content_type=content_type):
                response = self.patch({"year": 1941}, content_type=content_type)

                self.assertEqual(response.status_code, 200)

    def test_other_patch_is_415_and_told_which_ones_are_read(self):
        for content_type in (
            "application/json-patch+json",
            "application/ld+json",
            "text/plain",
            "",
        ):
            with self.subTest(content_type=content_type):
                response = self.patch({"year": 1941}, content_type=content_type)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assertEqual(response.headers["Accept-Patch"], ACCEPT_PATCH)
                self.assert_nothing_changed()


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
                self.assertEqual(response.json["errors"], {"name": "is friday-night at this URL"})

    def test_patch_creates_no_watchlist(self):
        response = self.patch({"title": "Saturday"}, "/v1/watchlists/saturday")

        self.assert_problem(response, 404, "Not Found")

    def test_patch_is_done_as_a_whole_or_not_at_all(self):
        response = self.patch({"title": "Saturday", "movies": [999]})

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(self.client.get(WATCHLIST).json, FRIDAY_NIGHT)


class DeepPatchTest(ApiTestCase):
    def test_patch_of_many_levels_is_400(self):
        for depth in (101, 1_000, 5_000):
            with self.subTest(depth=depth):
                response = self.client.patch(
                    REBECCA["url"],
                    data='{"title":' * depth + "1" + "}" * depth,
                    content_type="application/merge-patch+json",
                    headers=KEY,
                )

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()


class MergePatchTest(TestCase):
    def test_examples_of_rfc_7396_come_out_as_they_should(self):
        for target, patch, result in RFC_7396_APPENDIX_A:
            with self.subTest(target=target, patch=patch):
                self.assertEqual(merge_patch(target, patch), result)

    def test_target_is_left_alone(self):
        target = {"a": {"b": "c"}}

        merge_patch(target, {"a": {"b": None}, "d": 1})

        self.assertEqual(target, {"a": {"b": "c"}})


class PreferTest(ApiTestCase):
    def put(self, prefer, url=REBECCA["url"], body=METROPOLIS):
        return self.client.put(url, json=body, headers=KEY | {"Prefer": prefer})

    def assert_empty(self, response):
        self.assertEqual(response.data, b"")
        self.assertNotIn("Content-Type", response.headers)

    def test_update_answers_with_the_entity_or_without_as_preferred(self):
        for prefer, applied in PREFERENCES.items():
            with self.subTest(prefer=prefer):
                response = self.put(prefer)

                status = {"minimal": 204, "representation": 200}[applied]
                self.assertEqual(response.status_code, status)
                self.assertEqual(response.headers["Preference-Applied"], f"return={applied}")

    def test_what_is_no_preference_is_ignored(self):
        for prefer in NO_PREFERENCES:
            with self.subTest(prefer=prefer):
                response = self.put(prefer)

                self.assertEqual(response.status_code, 200)
                self.assertNotIn("Preference-Applied", response.headers)

    def test_204_has_no_body_no_type_and_no_length(self):
        response = self.put("return=minimal")

        self.assertEqual(response.status_code, 204)
        self.assert_empty(response)
        self.assertNotIn("Content-Length", response.headers)

    def test_update_without_an_answer_is_an_update(self):
        self.put("return=minimal")

        self.assertEqual(self.client.get(REBECCA["url"]).json["title"], "Metropolis")

    def test_patch_does_as_preferred(self):
        response = self.client.patch(
            REBECCA["url"], json={"year": 1941}, headers=KEY | {"Prefer": "return=minimal"}
        )

        self.assertEqual(response.status_code, 204)
        self.assert_empty(response)

    def test_creation_stays_201_with_its_location(self):
        post = self.client.post(
            "/v1/movies", json=METROPOLIS, headers=KEY | {"Prefer": "return=minimal"}
        )
        put = self.put("return=minimal", WATCHLIST, FRIDAY_NIGHT)

        for response, location in ((post, "/v1/movies/4"), (put, WATCHLIST)):
            with self.subTest(location=location):
                self.assertEqual(response.status_code, 201)
                self.assertEqual(response.location, location)
                self.assert_empty(response)

    def test_error_is_told_whatever_is_preferred(self):
        response = self.put("return=minimal", "/v1/movies/999")

        self.assert_problem(response, 404, "Not Found")

    def test_read_does_not_know_the_preference(self):
        response = self.client.get(REBECCA["url"], headers={"Prefer": "return=minimal"})

        self.assertEqual(response.json, REBECCA)


class MethodsTest(ApiTestCase):
    def test_options_asks_for_no_media_type(self):
        response = self.client.options(REBECCA["url"], headers={"Accept": "image/png"})

        self.assertEqual(response.status_code, 200)

    def test_options_lists_the_methods_and_the_patches_of_each_resource(self):
        self.client.put(WATCHLIST, json=FRIDAY_NIGHT, headers=KEY)
        reading = "GET, HEAD, OPTIONS"
        resources = {
            "/": (reading, None),
            "/v1/movies": (f"{reading}, POST", None),
            "/v1/watchlists": (reading, None),
            REBECCA["url"]: (f"DELETE, {reading}, PATCH, PUT", ACCEPT_PATCH),
            WATCHLIST: (f"DELETE, {reading}, PATCH, PUT", ACCEPT_PATCH),
        }
        for url, (allow, accept_patch) in resources.items():
            with self.subTest(url=url):
                response = self.client.options(url)

                self.assertEqual(response.headers["Allow"], allow)
                self.assertEqual(response.headers.get("Accept-Patch"), accept_patch)

    def test_change_without_the_key_is_401_and_changes_nothing(self):
        for url in (REBECCA["url"], WATCHLIST, "/v1/movies/999", "/v1/watchlists/Not-A-Name"):
            for method in ("PUT", "PATCH", "DELETE"):
                with self.subTest(method=method, url=url):
                    response = self.client.open(url, method=method, data=b"{")

                    self.assert_challenged(response)
                    self.assert_nothing_changed()

    def test_change_with_a_wrong_body_is_refused_as_for_post(self):
        bodies = {
            415: (b"{}", "text/plain"),
            400: (b'{"title": NaN}', "application/json"),
            413: (b" " * 100_000, "application/json"),
        }
        for method in ("PUT", "PATCH"):
            for url in (REBECCA["url"], WATCHLIST):
                for status, (body, content_type) in bodies.items():
                    with self.subTest(method=method, url=url, status=status):
                        response = self.client.open(
                            url, method=method, data=body, content_type=content_type, headers=KEY
                        )

                        self.assertEqual(response.status_code, status)
                        self.assert_nothing_changed()


class ManyClientsTest(ServerTestCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context(), writing():
            db.session.add_all(Movie(**METROPOLIS | {"imdb_id": None}) for _ in range(4))

    def change(self, method, url, body):
        """Return an action that sends a change."""
        return lambda: self.app.test_client().open(url, method=method, json=body, headers=KEY)

    def after(self, turn, change):
        """Send a change while it is another's turn to write; return the answer it gets then."""
        waits = Event()

        def note(_connection, _cursor, statement, *_):
            if statement.startswith("BEGIN"):
                waits.set()

        with ThreadPoolExecutor(1) as thread, self.app.app_context():
            with writing():
                event.listen(db.engine, "before_cursor_execute", note)
                answer = thread.submit(change)
                waits.wait(timeout=1)
                turn()
            return answer.result()

    def test_one_of_eight_that_put_the_same_new_watchlist_at_once_creates_it(self):
        responses = all_at_once([self.change("PUT", WATCHLIST, FRIDAY_NIGHT)] * 8)

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [200] * 7 + [201])

    def test_one_of_four_that_take_the_same_imdb_id_at_once_gets_it(self):
        patch = {"imdb_id": METROPOLIS["imdb_id"]}
        urls = [f"/v1/movies/{number}" for number in range(1, 5)]

        responses = all_at_once([self.change("PATCH", url, patch) for url in urls])

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [200] + [409] * 3)

    def test_patches_of_different_members_at_once_are_all_kept(self):
        values = {"title": "M", "director": "F. Lang", "year": 1931, "runtime": 117}
        patches = [{name: value} for name, value in values.items()]

        all_at_once([self.change("PATCH", "/v1/movies/1", patch) for patch in patches])

        movie = self.app.test_client().get("/v1/movies/1").json
        self.assertEqual(movie, {"id": 1} | values | {"imdb_id": None, "url": "/v1/movies/1"})

    def test_patch_that_had_to_wait_keeps_what_was_changed_meanwhile(self):
        def shorten():
            db.session.get(Movie, 1).runtime = 117

        response = self.after(shorten, self.change("PATCH", "/v1/movies/1", {"year": 1931}))

        self.assertEqual(response.status_code, 200)
        self.assertEqual((response.json["year"], response.json["runtime"]), (1931, 117))

    def test_put_that_had_to_wait_finds_the_watchlist_that_was_created_meanwhile(self):
        def create():
            db.session.add(Watchlist(name="friday-night", title="Mine", owner="alice"))

        response = self.after(create, self.change("PUT", WATCHLIST, {"title": "Ours"}))

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json["title"], "Ours")

    def test_put_that_had_to_wait_finds_no_movie_that_was_deleted_meanwhile(self):
        def delete():
            db.session.delete(db.session.get(Movie, 1))

        response = self.after(delete, self.change("PUT", "/v1/movies/1", METROPOLIS))

        self.assertEqual(response.status_code, 404)
