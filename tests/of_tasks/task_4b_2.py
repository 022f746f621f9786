"""4b.2: caches may keep the vocabulary for an hour, and nothing else."""

from tests import ApiTestCase


class VocabularyTest(ApiTestCase):
    def test_context_may_be_kept_for_an_hour(self):
        context = self.client.get("/v1/context")

        self.assertEqual(context.headers.get("Cache-Control"), "public, max-age=3600")
        self.assertEqual(context.mimetype, "application/ld+json")
        self.assertIn("Movie", context.json["@context"])
        movie = self.client.get("/v1/movies/3")
        self.assertNotIn("3600", movie.headers["Cache-Control"])
