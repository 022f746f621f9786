"""3a.2: the watchlists that a movie is on."""

from tests import KEY, ApiTestCase


class WatchlistsOfMovieTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        for name, movies in (("friday", [1, 3]), ("monday", [3]), ("sunday", [1])):
            body = {"title": name.title(), "movies": movies}
            self.client.put(f"/v1/watchlists/{name}", json=body, headers=KEY)

    def names(self, url):
        response = self.client.get(url)
        self.assertEqual(response.status_code, 200)
        return [each["name"] for each in response.json["watchlists"]]

    def test_those_with_the_movie_are_listed_whole(self):
        self.assertEqual(self.names("/v1/movies/3/watchlists"), ["friday", "monday"])
        [friday, _] = self.client.get("/v1/movies/3/watchlists").json["watchlists"]
        self.assertEqual(friday, self.client.get("/v1/watchlists/friday").json)

    def test_pages_are_linked(self):
        response = self.client.get("/v1/movies/3/watchlists?per_page=1")

        self.assertIn('rel="next"', response.headers["Link"])
        self.assertEqual(response.json["total"], 2)

    def test_movie_on_no_list_has_an_empty_one(self):
        self.assertEqual(self.names("/v1/movies/2/watchlists"), [])

    def test_movie_that_is_not_there_is_404(self):
        self.assert_problem(self.client.get("/v1/movies/9/watchlists"), 404, "Not Found")
