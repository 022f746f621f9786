"""5b.2: a token for some IP addresses only."""

from tests import ALICE, ApiTestCase

TOKENS = "/v2/tokens"
WANTED = {"name": "Import", "scopes": ["movies:write"]}


class AddressesTest(ApiTestCase):
    def make(self, **members):
        return self.client.post(TOKENS, json=WANTED | members, headers=ALICE)

    def use(self, made, address="127.0.0.1"):
        headers = {"Authorization": f"Bearer {made.json['token']}"}
        where = {"REMOTE_ADDR": address}
        url, body = "/v2/movies/3", {"year": 1941}
        return self.client.patch(url, json=body, headers=headers, environ_base=where).status_code

    def test_token_is_good_from_its_addresses_only(self):
        made = self.make(addresses=["10.1.2.3", "::1"])

        self.assertEqual(made.status_code, 201)
        self.assertEqual([self.use(made, at) for at in ("10.1.2.3", "::1")], [200, 200])
        self.assertEqual(self.use(made), 401)

    def test_token_without_addresses_is_good_from_everywhere(self):
        self.assertEqual(self.use(self.make(), "192.0.2.1"), 200)

    def test_junk_is_400(self):
        for junk in (["localhost"], "127.0.0.1", [1], None):
            with self.subTest(junk):
                self.assert_problem(self.make(addresses=junk), 400, "Bad Request")
