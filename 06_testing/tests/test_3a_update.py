"""3.a Update: PUT replaces a whole movie, PATCH a part of it."""

import json

from tests import KEY, KITTY_FOYLE, METROPOLIS, REBECCA, ApiTestCase

WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {"title": "Friday night", "movies": [3, 1]}
MERGE_PATCH = "application/merge-patch+json"
PATCHES = {MERGE_PATCH, "application/json"}


def patches_in(response):
    """Return the media types that a response says a patch may have (RFC 5789, section 3.1)."""
    return set(response.headers.get("Accept-Patch", "").replace(" ", "").split(",")) - {""}


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
                self.assertEqual(response.json.get("errors"), {name: "is required"})
                self.assert_nothing_changed()

    def test_everything_wrong_is_named_in_one_answer(self):
        wrong = {"id": 4, "title": "", "year": "1927", "runtime": True, "stars": 5}

        response = self.put(METROPOLIS | wrong)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json.get("errors", ())), set(wrong))
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

    def test_put_of_another_kind_of_json_is_415_and_replaces_nothing(self):
        self.client.put(WATCHLIST, json=FRIDAY_NIGHT, headers=KEY)
        whole = {REBECCA["url"]: METROPOLIS, WATCHLIST: {"title": "Saturday"}}
        for url, body in whole.items():
            before = self.client.get(url).json
            for content_type in (MERGE_PATCH, "application/ld+json", "application/vnd.cinema+json"):
                with self.subTest(url=url, content_type=content_type):
                    response = self.client.put(
                        url, data=json.dumps(body), content_type=content_type, headers=KEY
                    )

                    self.assert_problem(response, 415, "Unsupported Media Type")
                    self.assertEqual(response.headers.get("Accept"), "application/json")
                    self.assertEqual(self.client.get(url).json, before)

    def test_put_of_a_part_is_400_and_replaces_nothing(self):
        part = KEY | {"Content-Range": "bytes 0-20/100"}

        response = self.client.put(REBECCA["url"], json=METROPOLIS, headers=part)

        self.assert_problem(response, 400, "Bad Request")
        self.assert_nothing_changed()

    def test_movie_can_be_put_back_as_it_was_read(self):
        response = self.put(self.client.get(REBECCA["url"]).json)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)

    def test_identity_that_contradicts_the_url_is_400(self):
        others = {"id": (2, "1", 1.5, True, None), "url": ("/v1/movies/2", "", None, 1)}
        for name, values in others.items():
            for value in values:
                with self.subTest(name=name, value=value):
                    response = self.put(METROPOLIS | {name: value}, KITTY_FOYLE["url"])

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(
                        response.json.get("errors"), {name: f"is {KITTY_FOYLE[name]} at this URL"}
                    )
                    self.assert_nothing_changed()

    def test_imdb_id_of_another_movie_is_409(self):
        response = self.put(METROPOLIS | {"imdb_id": KITTY_FOYLE["imdb_id"]})

        self.assert_problem(response, 409, "Conflict")
        self.assert_nothing_changed()


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
                self.assertEqual(response.json.get("errors"), {name: "is required"})
                self.assert_nothing_changed()

    def test_empty_patch_changes_nothing(self):
        response = self.patch({})

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)

    def test_patch_is_done_as_a_whole_or_not_at_all(self):
        response = self.patch({"title": "Rebecca, restored", "year": "1942", "stars": 5})

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json.get("errors", ())), {"year", "stars"})
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
                self.assertEqual(list(response.json.get("errors", ())), [name])
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
        for content_type in ("application/xml-patch+xml", "application/ld+json", "text/plain", ""):
            with self.subTest(content_type=content_type):
                response = self.patch({"year": 1941}, content_type=content_type)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assertGreaterEqual(patches_in(response), PATCHES)
                self.assertNotIn(content_type, patches_in(response), "it was refused")
                self.assertIn(MERGE_PATCH, response.headers.get("Accept", ""))
                self.assert_nothing_changed()


class MethodsTest(ApiTestCase):
    def test_options_asks_for_no_media_type(self):
        response = self.client.options(REBECCA["url"], headers={"Accept": "image/png"})

        self.assertEqual(response.status_code, 200)

    def test_options_lists_the_methods_and_the_patches_of_each_resource(self):
        self.client.put(WATCHLIST, json=FRIDAY_NIGHT, headers=KEY)
        reading = "GET, HEAD, OPTIONS"
        resources = {
            "/": (reading, set()),
            "/v1/movies": (f"{reading}, POST", set()),
            "/v1/watchlists": (reading, set()),
            REBECCA["url"]: (f"DELETE, {reading}, PATCH, PUT", PATCHES),
            WATCHLIST: (f"DELETE, {reading}, PATCH, PUT", PATCHES),
        }
        for url, (allow, patches) in resources.items():
            with self.subTest(url=url):
                response = self.client.options(url)

                self.assertEqual(response.headers.get("Allow"), allow)
                self.assertGreaterEqual(patches_in(response), patches)
                self.assertEqual("Accept-Patch" in response.headers, "PATCH" in allow)

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
