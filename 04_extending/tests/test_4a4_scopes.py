"""4.a4 OAuth 2: a token may do what its scope says, and never more than who is behind it."""

from tests import ALICE, BOB, METROPOLIS
from tests.issuer import ALL, BearerTestCase, bearer, token


class ScopeTest(BearerTestCase):
    """A token may do what its scope says, and never more than who is behind it."""

    def test_scope_that_is_missing_is_403(self):
        read_only = bearer(token(scope="watchlists:read"))

        self.assert_insufficient(self.put_favourites(read_only), "watchlists:write")
        self.assert_insufficient(
            self.client.delete("/v1/movies/1", headers=read_only), "movies:write"
        )

    def test_missing_scope_is_told_however_the_scheme_is_written(self):
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer  "):
            with self.subTest(scheme=scheme):
                headers = {"Authorization": f"{scheme} {token(scope='watchlists:read')}"}

                self.assert_insufficient(self.put_favourites(headers), "watchlists:write")

    def test_who_comes_without_a_token_is_told_of_no_scope(self):
        response = self.client.delete("/v1/movies/1", headers=BOB)

        self.assert_forbidden(response, "movies:write")
        self.assertNotIn("WWW-Authenticate", response.headers, "no scope would help bob")

    def test_scopes_are_compared_as_a_whole(self):
        for scope in ("movies:write2", "MOVIES:WRITE", "movies", "*", "movies:write,x", "editor"):
            with self.subTest(scope=scope):
                response = self.client.post(
                    "/v1/movies", json=METROPOLIS, headers=bearer(token(scope=scope))
                )

                self.assert_insufficient(response, "movies:write")

    def test_scope_never_widens_the_role(self):
        response = self.client.post(
            "/v1/movies", json=METROPOLIS, headers=bearer(token(sub="bob", scope=ALL))
        )

        self.assert_insufficient(response, "movies:write")

    def test_token_follows_the_role_that_its_user_has_by_now(self):
        editors = bearer(token())
        self.set_role("alice", "member")

        response = self.client.delete("/v1/movies/1", headers=editors)

        self.assert_insufficient(response, "movies:write")

    def test_token_ends_with_its_user(self):
        of_alice, of_nobody = token(), token(sub="nobody")
        self.assert_status(self.get(of_alice), 200)

        self.delete_user("alice")

        self.assert_token_refused(self.get(of_alice))
        self.assert_token_refused(self.get(of_nobody))

    def test_program_for_itself_writes_movies_and_nothing_else(self):
        program = bearer(token(sub="cinema-robot", client_id="cinema-robot"))

        created = self.client.post("/v1/movies", json=METROPOLIS, headers=program)

        self.assert_status(created, 201)
        self.assert_insufficient(self.put_favourites(program), "watchlists:write")

    def test_program_too_needs_the_scope(self):
        program = bearer(token(sub="cinema-robot", client_id="cinema-robot", scope="x"))

        response = self.client.post("/v1/movies", json=METROPOLIS, headers=program)

        self.assert_insufficient(response, "movies:write")

    def test_program_cannot_get_a_key_for_good(self):
        self.client.post("/v1/signing-key", headers=ALICE)
        before = self.database.serialize()
        for method in ("GET", "POST", "DELETE"):
            with self.subTest(method=method):
                response = self.client.open(
                    "/v1/signing-key", method=method, headers=bearer(token())
                )

                self.assert_forbidden(response)
        self.assertTrue(self.database.serialize() == before, "nothing should have changed")
