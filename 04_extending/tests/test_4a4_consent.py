"""4.a4 OAuth 2: a client gets what it asked for, was registered for, and its user may give."""

from tests.oauth import CALLBACK, OAuthTestCase


class ScopeTest(OAuthTestCase):
    """A client gets no more than it asked for, was registered for, and its user may do."""

    def test_unknown_scope_is_refused(self):
        for scope in ("everything", "watchlists:read everything", "watchlists"):
            with self.subTest(scope):
                self.assert_told_client(self.ask(scope=scope), "invalid_scope")

    def test_scope_that_the_client_is_not_registered_for_is_refused(self):
        self.add_client(id="reader", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.ask(client_id="reader", scope="watchlists:read watchlists:write")

        self.assert_told_client(answer, "invalid_scope")

    def test_without_a_scope_a_client_asks_for_all_that_it_is_registered_for(self):
        tokens = self.get_tokens(scope=None)

        self.assertEqual(tokens.get("scope"), "movies:write watchlists:read watchlists:write")

    def test_user_gives_only_what_they_may_do_themselves(self):
        answer = self.decide("allow", name="bob", scope=None)  # who is a member, and no editor

        tokens = self.tokens_in(self.trade(self.code_in(answer)))

        self.assertEqual(tokens.get("scope"), "watchlists:read watchlists:write")
        self.assertEqual(self.claims(tokens["access_token"])["scope"], tokens.get("scope"))

    def test_user_is_asked_only_for_what_they_can_give(self):
        self.log_in("bob", scope=None)

        page = self.ask(scope=None)

        self.assert_asks_for_consent(page, "bob")
        self.assertIn("watchlists", page.text, "it should say what is asked for")
        self.assertNotIn("movies", page.text, "bob cannot give what he may not do himself")

    def test_user_who_can_give_nothing_of_it_is_not_asked(self):
        self.log_in("bob")
        page = self.ask()

        asked = self.ask(scope="movies:write")
        forced = self.submit(page, "/authorize", {"decision": "allow"}, scope="movies:write")

        self.assert_told_client(asked, "access_denied")
        self.assert_told_client(forced, "access_denied")

    def test_token_follows_the_role_that_the_user_has_by_then(self):
        tokens = self.get_tokens(scope=None)
        self.set_role("alice", "member")

        refreshed = self.tokens_in(self.refresh(tokens["refresh_token"]))

        self.assertEqual(refreshed.get("scope"), "watchlists:read watchlists:write")

    def test_consent_does_not_grow_with_the_role(self):
        code = self.code_in(self.decide("allow", name="bob", scope=None))
        self.set_role("bob", "editor")

        tokens = self.tokens_in(self.trade(code))

        self.assertEqual(tokens.get("scope"), "watchlists:read watchlists:write")

    def test_token_is_refused_when_nothing_is_left_to_give(self):
        code = self.get_code(scope="movies:write")
        self.set_role("alice", "member")

        self.assert_error(self.trade(code), 400, "invalid_scope")
