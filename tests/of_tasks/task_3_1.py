"""3.1: a deleted movie is kept for a day, and no request sees it."""

from datetime import datetime, timedelta

from cinema.data.database import db, writing
from cinema.data.models import Movie
from sqlalchemy import select, text

from tests import KEY, REBECCA, ApiTestCase


class DeletedMovieTest(ApiTestCase):
    def setUp(self):
        super().setUp()
        body = {"title": "Friday night", "movies": [1, 3]}
        self.client.put("/v1/watchlists/friday-night", json=body, headers=KEY)
        self.client.delete(REBECCA["url"], headers=KEY)

    def rows(self):
        with self.app.app_context():
            return db.session.scalars(select(Movie.title)).all()

    def test_row_is_kept(self):
        self.assertIn("Rebecca", self.rows())

    def test_no_request_sees_it(self):
        self.assertEqual(self.client.get(REBECCA["url"]).status_code, 404)
        self.assertEqual(self.client.delete(REBECCA["url"], headers=KEY).status_code, 404)
        self.assertNotIn("Rebecca", str(self.client.get("/v1/movies").json))
        watchlist = self.client.get("/v1/watchlists/friday-night")
        self.assertEqual(watchlist.json["movies"], [1])
        again = self.client.patch(watchlist.json["url"], json={"movies": [3]}, headers=KEY)
        self.assertEqual(again.status_code, 400)

    def test_its_imdb_id_is_free(self):
        self.assertEqual(self.create_movie(imdb_id=REBECCA["imdb_id"]).status_code, 201)

    def test_after_a_day_the_next_deletion_deletes_it(self):
        with self.app.app_context(), writing():
            long_ago = datetime.now() - timedelta(days=2)
            db.session.execute(text("UPDATE movie SET deleted = :then"), {"then": long_ago})
            db.session.execute(text("UPDATE movie SET deleted = NULL WHERE id < 3"))

        self.client.delete("/v1/movies/2", headers=KEY)

        self.assertEqual(self.rows(), ["Kitty Foyle", "Pride and Prejudice"])
