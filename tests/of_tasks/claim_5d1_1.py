"""5d1.1: a login hashes the password again at the new cost, and nobody else's."""

from cinema.data.database import CREDENTIALS, db
from sqlalchemy import text

from tests import ALICE, PASSWORD, ServerTestCase, cinema_of_three_movies


class RehashTest(ServerTestCase):
    def test_only_who_logs_in_gets_a_new_hash(self):
        cheap = {"ARGON2_TIME_COST": 2, "ARGON2_MEMORY_COST": 19_456}
        app, *_ = cinema_of_three_movies.__wrapped__(**cheap)
        app.config["ARGON2_TIME_COST"] = 4

        app.test_client().get("/v1/movies/3", headers=ALICE)

        with app.app_context(), db.engines[CREDENTIALS].connect() as connection:
            rows = connection.execute(text("SELECT user_name, password_hash FROM credential"))
            hashes = dict(map(tuple, rows))
        self.assertTrue(hashes["alice"].startswith("$argon2id$v=19$m=19456,t=4,p=1$"))
        self.assertTrue(hashes["bob"].startswith("$argon2id$v=19$m=19456,t=2,p=1$"))
        self.assertNotIn(PASSWORD, str(hashes))
