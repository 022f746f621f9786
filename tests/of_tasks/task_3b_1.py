"""3b.1: one movie is taken off a watchlist."""

from tests import KEY, ApiTestCase

LIST = "/v1/watchlists/friday"


class RemoveMovieTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.client.put(LIST, json={"title": "Friday", "movies": [2, 1, 3]}, headers=KEY)

    def test_others_keep_their_order_and_the_movie_stays(self):
        response = self.client.delete(f"{LIST}/movies/1", headers=KEY)

        self.assertEqual((response.status_code, response.data), (204, b""))
        self.assertEqual(self.client.get(LIST).json["movies"], [2, 3])
        self.assertEqual(self.client.get("/v1/movies/1").status_code, 200)

    def test_second_time_is_404_and_changes_nothing(self):
        self.client.delete(f"{LIST}/movies/1", headers=KEY)

        self.assert_problem(self.client.delete(f"{LIST}/movies/1", headers=KEY), 404, "Not Found")
        self.assertEqual(self.client.get(LIST).json["movies"], [2, 3])

    def test_list_that_is_not_there_is_404(self):
        response = self.client.delete("/v1/watchlists/none/movies/1", headers=KEY)

        self.assert_problem(response, 404, "Not Found")

    def test_without_the_key_it_is_401(self):
        self.assert_challenged(self.client.delete(f"{LIST}/movies/1"))
