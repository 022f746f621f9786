"""5a.2: the API refuses a Host that it does not know."""

from tests import ApiTestCase


class HostTest(ApiTestCase):
    settings = {"TRUSTED_HOSTS": ("127.0.0.1", "localhost", "cinema.example")}

    def ask(self, host):
        return self.client.get("/v1/movies/3", base_url=f"http://{host}").status_code

    def test_host_must_be_one_that_is_trusted(self):
        self.assertEqual(self.ask("cinema.example"), 200)
        self.assertEqual(self.ask("other.example"), 400)
