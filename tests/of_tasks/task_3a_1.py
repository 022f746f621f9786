"""3a.1: PATCH accepts JSON Patch, says so, and refuses junk."""

from tests import KEY, REBECCA, ApiTestCase

JSON_PATCH = "application/json-patch+json"


class JsonPatchTest(ApiTestCase):
    def patch(self, body, url=REBECCA["url"]):
        return self.client.patch(url, data=body, content_type=JSON_PATCH, headers=KEY)

    def test_operation_is_done(self):
        response = self.patch('[{"op": "replace", "path": "/year", "value": 1941}]')

        self.assertEqual((response.status_code, response.json["year"]), (200, 1941))
        self.assertIn(JSON_PATCH, response.headers.get("Accept-Patch", ""))

    def test_removed_twice_is_409(self):
        remove = '{"op": "remove", "path": "/imdb_id"}'

        self.assertEqual(self.patch(f"[{remove}, {remove}]").status_code, 409)
        self.assertEqual(self.patch(f"[{remove}]").json["imdb_id"], None)

    def test_watchlist_takes_it_too(self):
        url = "/v1/watchlists/friday"
        self.client.put(url, json={"title": "Friday", "movies": [1]}, headers=KEY)

        response = self.patch('[{"op": "add", "path": "/movies", "value": [1, 3]}]', url)

        self.assertEqual(response.json["movies"], [1, 3])

    def test_junk_is_400(self):
        for junk in ("{}", "[1]", "[{}]", '[{"op": "move", "path": "/year", "from": "/runtime"}]'):
            with self.subTest(junk):
                self.assert_problem(self.patch(junk), 400, "Bad Request")
        for junk in ('[{"op": "add", "path": "/year"}]', '[{"op": "remove", "path": 1}]'):
            with self.subTest(junk):
                self.assert_problem(self.patch(junk), 400, "Bad Request")
