"""3.a Update: the client chooses what comes back after a change (RFC 7240)."""

from tests import KEY, METROPOLIS, REBECCA, ApiTestCase

WATCHLIST = "/v1/watchlists/friday-night"
FRIDAY_NIGHT = {"title": "Friday night", "movies": [3, 1]}
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
                self.assertEqual(response.headers.get("Preference-Applied"), f"return={applied}")

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
