"""4.a1 Who is asking: what somebody may do depends on who they are."""

from cinema.users.user import User

from tests import ALICE, BOB, METROPOLIS, basic
from tests.users import FAVOURITES, WRITES, UserTestCase


class RolesTest(UserTestCase):
    """Editors write movies; members have watchlists, and so have editors."""

    def test_editor_may_write_movies(self):
        created = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)

        self.assert_status(created, 201, "alice is an editor")

    def test_member_may_not_write_movies(self):
        for method, url in (("POST", "/v1/movies"), *((m, "/v1/movies/1") for m in WRITES)):
            with self.subTest(method=method):
                response = self.client.open(url, method=method, json=METROPOLIS, headers=BOB)

                self.assert_forbidden(response, "movies:write")
                self.assertNotIn(
                    "WWW-Authenticate", response.headers, "other credentials would not help"
                )
        self.assert_nothing_changed()

    def test_member_is_refused_before_the_body_is_looked_at(self):
        response = self.client.post(
            "/v1/movies", data="no JSON", content_type="text/plain", headers=BOB
        )

        self.assert_forbidden(response)

    def test_members_and_editors_have_watchlists(self):
        for name in ("alice", "bob"):
            with self.subTest(name=name):
                response = self.client.put(
                    f"/v1/watchlists/{name}", json={"title": "M"}, headers=basic(name)
                )

                self.assert_asked_by(name, response)

    def test_watchlist_is_changed_by_its_owner_only(self):
        created = self.put_favourites(ALICE)
        for method in WRITES:
            with self.subTest(method=method):
                response = self.client.open(
                    FAVOURITES, method=method, json={"title": "Mine"}, headers=BOB
                )

                self.assert_forbidden(response)
        self.assertEqual(self.client.get(FAVOURITES).json, created.json)

    def test_role_counts_from_the_moment_it_is_given(self):
        self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)
        self.set_role("alice", "member")

        response = self.client.delete("/v1/movies/1", headers=ALICE)

        self.assert_forbidden(response, "movies:write")

    def test_user_has_a_known_role_and_a_good_name(self):
        for values in ({"role": "king"}, {"name": "Alice"}, {"name": ""}, {"name": "a" * 65}):
            with self.subTest(values=values), self.assertRaises(ValueError):
                User(**values)
