"""3.b Delete: what is gone is gone, everywhere, and its id with it."""

from tests import KEY, METROPOLIS, REBECCA, ApiTestCase, ServerTestCase, all_at_once

FRIDAY_NIGHT = "/v1/watchlists/friday-night"
SATURDAY = "/v1/watchlists/saturday"


class DeleteTestCase(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.put_watchlist(FRIDAY_NIGHT, [1, 3, 2])
        self.put_watchlist(SATURDAY, [2, 1])

    def put_watchlist(self, url, movies):
        return self.client.put(url, json={"title": "Two nights", "movies": movies}, headers=KEY)

    def delete(self, url, **headers):
        return self.client.delete(url, headers=KEY | headers)

    def movies_of(self, watchlist):
        return self.client.get(watchlist).json["movies"]


class DeleteTest(DeleteTestCase):
    """What holds for movies and watchlists alike."""

    def test_delete_is_204_without_body_type_and_length(self):
        for url in (REBECCA["url"], SATURDAY):
            with self.subTest(url=url):
                response = self.delete(url)

                self.assertEqual(response.status_code, 204)
                self.assertEqual(response.data, b"")
                self.assertNotIn("Content-Type", response.headers)
                self.assertNotIn("Content-Length", response.headers)

    def test_what_was_deleted_is_404(self):
        for url in (REBECCA["url"], SATURDAY):
            with self.subTest(url=url):
                self.delete(url)

                response = self.client.get(url)

                self.assert_problem(response, 404, "Not Found")

    def test_second_delete_is_404(self):
        for url in (REBECCA["url"], SATURDAY):
            with self.subTest(url=url):
                self.delete(url)

                response = self.delete(url)

                self.assert_problem(response, 404, "Not Found")

    def test_deleted_entity_comes_back_a_last_time_if_preferred(self):
        for url in (REBECCA["url"], SATURDAY):
            with self.subTest(url=url):
                entity = self.client.get(url).json

                response = self.delete(url, Prefer="return=representation")

                self.assertEqual(response.status_code, 200)
                self.assertEqual(
                    response.headers.get("Preference-Applied"), "return=representation"
                )
                self.assertEqual(response.json, entity)
                self.assertEqual(self.client.get(url).status_code, 404)

    def test_preference_for_no_answer_is_applied(self):
        for url in (REBECCA["url"], SATURDAY):
            with self.subTest(url=url):
                response = self.delete(url, Prefer="return=minimal")

                self.assertEqual(response.status_code, 204)
                self.assertEqual(response.headers.get("Preference-Applied"), "return=minimal")

    def test_what_was_never_there_is_404(self):
        for url in ("/v1/movies/999", "/v1/watchlists/sunday", "/v1/watchlists/Not-A-Name"):
            with self.subTest(url=url):
                response = self.delete(url)

                self.assert_problem(response, 404, "Not Found")

    def test_whole_list_cannot_be_deleted(self):
        for url in ("/v1/movies", "/v1/watchlists"):
            with self.subTest(url=url):
                response = self.delete(url)

                self.assert_problem(response, 405, "Method Not Allowed")


class DeleteMovieTest(DeleteTestCase):
    def test_other_movies_stay(self):
        self.delete("/v1/movies/2")

        movies = self.client.get("/v1/movies").json

        self.assertEqual([movie["id"] for movie in movies["movies"]], [1, 3])
        self.assertEqual(movies["total"], 2)

    def test_id_of_a_deleted_movie_is_never_given_again(self):
        created = self.create_movie()
        self.delete(created.location)

        again = self.create_movie()

        self.assertEqual((created.json["id"], again.json["id"]), (4, 5))

    def test_imdb_id_of_a_deleted_movie_is_free_again(self):
        self.delete(REBECCA["url"])

        response = self.create_movie(imdb_id=REBECCA["imdb_id"])

        self.assertEqual(response.status_code, 201)

    def test_deleted_movie_leaves_the_watchlists_and_their_order(self):
        self.delete(REBECCA["url"])

        self.assertEqual(self.movies_of(FRIDAY_NIGHT), [1, 2])
        self.assertEqual(self.movies_of(SATURDAY), [2, 1])

    def test_watchlist_that_lost_a_movie_can_still_be_changed(self):
        self.delete("/v1/movies/1")

        for movies in ([2, 3], [3], [3, 2]):
            with self.subTest(movies=movies):
                response = self.put_watchlist(FRIDAY_NIGHT, movies)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(self.movies_of(FRIDAY_NIGHT), movies)


class DeleteWatchlistTest(DeleteTestCase):
    def test_movies_and_other_watchlists_stay(self):
        movies = self.client.get("/v1/movies").json

        self.delete(FRIDAY_NIGHT)

        self.assertEqual(self.client.get("/v1/movies").json, movies)
        self.assertEqual(self.movies_of(SATURDAY), [2, 1])

    def test_name_is_free_again_and_nothing_of_the_old_watchlist_comes_back(self):
        self.delete(FRIDAY_NIGHT)

        response = self.put_watchlist(FRIDAY_NIGHT, [])

        self.assertEqual(response.status_code, 201)
        self.assertEqual(self.movies_of(FRIDAY_NIGHT), [])


class ManyClientsTest(ServerTestCase):
    def test_one_of_four_that_delete_the_same_movie_at_once_does_it(self):
        created = self.app.test_client().post("/v1/movies", json=METROPOLIS, headers=KEY)

        def delete():
            return self.app.test_client().delete(created.location, headers=KEY)

        responses = all_at_once([delete] * 4)

        statuses = sorted(response.status_code for response in responses)
        self.assertEqual(statuses, [204] + [404] * 3)
