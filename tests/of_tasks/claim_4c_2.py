"""4c.2: the number in a 500 leads to its cause in the log."""

from cinema.data.database import db
from sqlalchemy import text

from tests import ApiTestCase


class RenamedTableTest(ApiTestCase):
    def test_number_leads_to_the_cause(self):
        self.app.testing = False
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE movie RENAME TO film"))

        with self.assertLogs(self.app.logger) as log:
            response = self.client.get("/v1/movies/3")

        self.assertEqual(response.status_code, 500)
        number = response.json["instance"].removeprefix("urn:uuid:")
        told = "\n".join(log.output)
        self.assertLess(told.index(number), told.index("no such table: movie"))
        self.assertNotIn("movie", response.json["detail"])
