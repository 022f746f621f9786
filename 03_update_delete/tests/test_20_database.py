"""2.0 From one file to a package: movies are kept in a database, and a block of changes is one."""

from tests import ApiTestCase


class SeedTest(ApiTestCase):
    def seed(self):
        return self.app.test_cli_runner().invoke(args=["seed"]).output.splitlines()[-1]

    def test_seed_loads_each_film_once(self):
        first = self.seed()
        second = self.seed()

        self.assertEqual(first, "656 films loaded, 3 were there already.")
        self.assertEqual(second, "0 films loaded, 659 were there already.")
        self.assertEqual(self.client.get("/v1/movies").json["total"], 659)
