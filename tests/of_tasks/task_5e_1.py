"""5e.1: watchlists know when they were made."""

from cinema.data.database import db
from cinema.data.models import Watchlist
from sqlalchemy import inspect

from tests import BOB, ApiTestCase


class CreatedTest(ApiTestCase):
    def test_new_list_has_its_time(self):
        self.client.put("/v1/watchlists/friday", json={"title": "Friday"}, headers=BOB)

        with self.app.app_context():
            self.assertIn("created", inspect(Watchlist).columns)
            self.assertIsNotNone(db.session.get(Watchlist, "friday").created)
