"""4a1.1: what a user of your own may do."""

from tests import ApiTestCase, basic


class CarolTest(ApiTestCase):
    def test_carol_is_a_member_unless_you_say_otherwise(self):
        for name, role, movie in (("carol", None, 403), ("dave", "editor", 200)):
            with self.subTest(name):
                words = ["create-user", name, "--password", "a long secret"]
                said = self.app.test_cli_runner().invoke(
                    args=words + (["--role", role] if role else [])
                )
                self.assertEqual(said.output, f"{name} is a user now: {role or 'member'}.\n")
                own = basic(name, "a long secret")
                list_url = f"/v1/watchlists/of-{name}"
                made = self.client.put(list_url, json={"title": "Mine"}, headers=own)
                self.assertEqual(made.status_code, 201)
                changed = self.client.patch("/v1/movies/3", json={"year": 1941}, headers=own)
                self.assertEqual(changed.status_code, movie)
                if movie == 403:
                    self.assertIn("needs the permission movies:write.", changed.json["detail"])
