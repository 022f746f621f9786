"""4c.1: a movie that is on a watchlist stays."""

from tests import ALICE, BOB, REBECCA, ApiTestCase


class MovieInUseTest(ApiTestCase):
    def test_movie_on_a_watchlist_is_409_with_a_code_of_its_own(self):
        body = {"title": "Friday", "movies": [3]}
        self.client.put("/v1/watchlists/friday", json=body, headers=BOB)

        response = self.client.delete(REBECCA["url"], headers=ALICE)

        self.assert_problem(response, 409, "Conflict")
        self.assertEqual(response.json["code"], 92)
        self.assertEqual(response.headers["X-MyAPI-Error-Code"], "92")
        self.assertEqual(self.client.get(REBECCA["url"]).status_code, 200)
        page = self.client.get("/errors/movie-in-use")
        self.assertIn("on no watchlist any more", page.get_data(as_text=True))

    def test_movie_on_no_watchlist_goes(self):
        self.client.put("/v1/watchlists/friday", json={"title": "Friday"}, headers=BOB)

        self.assertEqual(self.client.delete(REBECCA["url"], headers=ALICE).status_code, 204)
