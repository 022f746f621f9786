"""3c.1: in JSON-LD, a movie links to all movies of its director."""

from tests import ApiTestCase

LD = {"Accept": "application/ld+json"}


class SameDirectorTest(ApiTestCase):
    def test_link_leads_to_the_movies_of_the_director(self):
        url = self.client.get("/v1/movies/3", headers=LD).json.get("sameDirector")

        found = self.client.get(url or "/").json.get("movies", [])
        self.assertEqual([movie["title"] for movie in found], ["Rebecca"])
        self.assertTrue(url.startswith("http://"), "JSON-LD's links are whole URLs")

    def test_context_calls_it_a_link(self):
        context = self.client.get("/v1/context").json["@context"]

        self.assertEqual(context.get("sameDirector"), {"@type": "@id"})

    def test_plain_json_stays_as_it_is(self):
        self.assertNotIn("sameDirector", self.client.get("/v1/movies/3").json)
