"""1.c serialize(): what is an instance in Python becomes a dictionary, ready for JSON."""

import json

from cinema.data.models import Movie

from tests import REBECCA, ApiTestCase

VALUES = {name: value for name, value in REBECCA.items() if name != "url"}


class SerializeTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.movie = Movie(**VALUES)

    def test_movie_becomes_a_dictionary_that_knows_nothing_of_the_web(self):
        serialized = self.movie.serialize()

        self.assertIs(type(serialized), dict)
        self.assertEqual(serialized, VALUES)

    def test_dictionary_has_the_order_of_the_model(self):
        serialized = self.movie.serialize()

        self.assertEqual(list(serialized), list(VALUES))

    def test_json_writes_and_reads_the_dictionary(self):
        text = json.dumps(self.movie.serialize())

        self.assertEqual(json.loads(text), VALUES)

    def test_dictionary_shows_the_movie_as_it_is_now(self):
        self.movie.title = "Rebecca, restored"

        self.assertEqual(self.movie.serialize(), VALUES | {"title": "Rebecca, restored"})

    def test_dictionary_is_a_copy(self):
        self.movie.serialize()["title"] = "Rebecca, restored"

        self.assertEqual(self.movie.title, "Rebecca", "the movie should not change with a copy")

    def test_body_is_the_dictionary_and_the_url(self):
        response = self.client.get(REBECCA["url"])

        self.assertEqual(response.json, self.movie.serialize() | {"url": REBECCA["url"]})

    def test_body_reads_in_the_order_of_the_model(self):
        response = self.client.get(REBECCA["url"])

        self.assertEqual(list(response.json), list(REBECCA))
