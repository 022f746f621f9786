"""4.a4 OAuth 2: tokens are refreshed, taken back and asked about."""

from cinema.data.database import db
from sqlalchemy import func, select

from tests import all_at_once
from tests.lesson import made_in
from tests.oauth import (
    AUDIENCE,
    CALLBACK,
    ISSUER,
    ROBOT,
    ROBOT_SECRET,
    FileTestCase,
    OAuthTestCase,
    but,
)

with made_in("4.a4"):
    from authorization_server.data.authorization_codes import AuthorizationCode
    from authorization_server.data.consents import Consent
    from authorization_server.data.digests import digest
    from authorization_server.data.issued_tokens import AccessToken, RefreshToken
    from authorization_server.oauth.grants import AuthorizationCodeGrant, RefreshTokenGrant


class RefreshTest(OAuthTestCase):
    """A refresh token works once: who comes second, thief or client, ends it for both."""

    def test_refresh_token_gets_new_tokens(self):
        old = self.get_tokens()

        new = self.refresh(old["refresh_token"])

        self.assert_status(new, 200)
        self.assert_not_stored(new)
        tokens = self.tokens_in(new)
        self.assertEqual(self.claims(tokens["access_token"]).get("sub"), "alice")
        self.assertNotIn(tokens.get("refresh_token"), (None, old["refresh_token"]), "another one")

    def test_refreshed_tokens_can_be_refreshed(self):
        token = self.get_tokens()["refresh_token"]

        for _ in range(3):
            token = self.tokens_in(self.refresh(token))["refresh_token"]

        self.assert_status(self.refresh(token), 200)

    def test_scope_can_be_narrowed_for_once(self):
        narrow = self.tokens_in(
            self.refresh(self.get_tokens()["refresh_token"], scope="watchlists:read")
        )
        wide = self.tokens_in(self.refresh(narrow["refresh_token"]))

        self.assertEqual(narrow.get("scope"), "watchlists:read")
        self.assertEqual(wide.get("scope"), "watchlists:read watchlists:write")

    def test_scope_cannot_be_widened(self):
        answer = self.refresh(self.get_tokens()["refresh_token"], scope="movies:write")

        self.assert_error(answer, 400, "invalid_scope")

    def test_refresh_token_is_for_its_client(self):
        self.add_client(id="other", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.refresh(self.get_tokens()["refresh_token"], client_id="other")

        self.assert_error(answer, 400, "invalid_grant")

    def test_access_token_does_not_refresh(self):
        answer = self.refresh(self.get_tokens()["access_token"])

        self.assert_error(answer, 400, "invalid_grant")

    def test_refreshing_ends_with_the_consent(self):
        token = self.get_tokens()["refresh_token"]

        self.later(31 * 24 * 3600)

        self.assert_error(self.refresh(token), 400, "invalid_grant")


class RevocationTest(OAuthTestCase):
    """What a client no longer needs, it gives back (RFC 7009)."""

    def revoke(self, token, **changes):
        form = but({"client_id": "movie-night", "token": token}, **changes)
        return self.client.post("/revoke", data=form)

    def test_revoked_refresh_token_is_refused(self):
        tokens = self.get_tokens()

        answer = self.revoke(tokens["refresh_token"])

        self.assert_status(answer, 200)
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")
        self.assert_dead(tokens["access_token"])

    def test_revoked_access_token_takes_its_refresh_token_along(self):
        tokens = self.get_tokens()

        self.revoke(tokens["access_token"])

        self.assert_dead(tokens["access_token"])
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    def test_robot_can_revoke_its_own_token(self):
        token = self.robot_token()

        answer = self.client.post("/revoke", data={"token": token}, headers=ROBOT)

        self.assert_status(answer, 200)
        self.assert_dead(token)

    def test_unknown_token_is_as_good_as_revoked(self):
        self.assert_status(self.revoke("unknown"), 200)

    def test_hint_does_not_matter(self):
        for hint in ("access_token", "refresh_token", "junk"):
            with self.subTest(hint):
                token = self.get_tokens()["refresh_token"]

                self.assert_status(self.revoke(token, token_type_hint=hint), 200)
                self.assert_error(self.refresh(token), 400, "invalid_grant")

    def test_token_of_another_client_stays(self):
        token = self.get_tokens()["access_token"]

        answer = self.client.post("/revoke", data={"token": token}, headers=ROBOT)

        self.assert_error(answer, 400, "invalid_grant")
        self.assert_good(token)

    def test_missing_token_is_refused(self):
        self.assert_error(self.revoke(None), 400, "invalid_request")

    def test_unknown_client_is_refused(self):
        self.assert_error(self.revoke("token", client_id="unknown"), 401, "invalid_client")


class IntrospectionTest(OAuthTestCase):
    """What an API can ask about a token (RFC 7662)."""

    def test_access_token_of_a_user(self):
        token = self.get_tokens()["access_token"]
        claims = self.claims(token)

        answer = self.introspect(token)

        self.assertEqual(
            answer,
            {
                "active": True,
                "client_id": "movie-night",
                "sub": "alice",
                "scope": "watchlists:read watchlists:write",
                "iss": ISSUER,
                "aud": AUDIENCE,
                "iat": claims.get("iat"),
                "exp": claims.get("exp"),
            },
        )

    def test_access_token_of_a_robot(self):
        answer = self.introspect(self.robot_token())

        self.assertEqual((answer.get("active"), answer.get("sub")), (True, "cinema-robot"))

    def test_expired_access_token(self):
        token = self.get_tokens()["access_token"]

        self.later(301)

        self.assert_dead(token)

    def test_refresh_token_until_it_is_used(self):
        token = self.get_tokens()["refresh_token"]

        self.assert_good(token)

        self.refresh(token)

        self.assert_dead(token)

    def test_unknown_token(self):
        self.assert_dead("unknown")

    def test_public_client_is_refused(self):
        form = {"client_id": "movie-night", "token": "token"}

        answer = self.client.post("/introspect", data=form)

        self.assert_error(answer, 401, "invalid_client")

    def test_missing_token_is_refused(self):
        answer = self.client.post("/introspect", headers=ROBOT)

        self.assert_error(answer, 400, "invalid_request")


class SecretsAtRestTest(OAuthTestCase):
    """Who reads the database can do nothing with it."""

    def test_database_holds_no_code_token_or_secret(self):
        code = self.get_code()
        tokens = self.tokens_in(self.trade(code))

        at_rest = self.database.serialize()

        for secret in (code, tokens["access_token"], tokens["refresh_token"], ROBOT_SECRET):
            self.assert_not_kept(secret.encode(), at_rest)


class RaceTest(FileTestCase):
    """Requests that come all at once."""

    def test_refresh_token_gives_tokens_to_one(self):
        token = self.get_tokens()["refresh_token"]

        answers = all_at_once([lambda: self.refresh(token)] * 4)

        self.assertEqual(sorted(answer.status_code for answer in answers), [200, 400, 400, 400])


class ForgottenTest(OAuthTestCase):
    """What has expired does not pile up. This looks inside: at the rows."""

    def test_what_has_expired_is_forgotten(self):
        self.get_tokens()
        self.ask_as_robot()
        self.later(31 * 24 * 3600)

        self.get_tokens()

        with self.app.app_context():
            for kind in (Consent, AuthorizationCode, AccessToken, RefreshToken):
                kept = db.session.scalar(select(func.count()).select_from(kind))
                self.assertEqual(kept, 1, f"{kind.__name__}: only what is good should be kept")


class NaiveRefreshTest(OAuthTestCase):
    """An attack that works on a naive grant, and not on ours.

    This looks inside: at the grants that `put_in_place` makes naive.
    """

    def test_attack_with_a_stolen_refresh_token(self):
        class NaiveRefreshTokenGrant(RefreshTokenGrant):
            def authenticate_refresh_token(self, refresh_token):
                return db.session.get(RefreshToken, digest(refresh_token))

        def steal():
            stolen = self.get_tokens()["refresh_token"]
            clients = self.tokens_in(self.refresh(stolen))["refresh_token"]
            return self.refresh(stolen), self.refresh(clients)

        thief, client = steal()
        self.put_in_place(AuthorizationCodeGrant, NaiveRefreshTokenGrant)
        naive_thief, _ = steal()

        self.assert_status(naive_thief, 200)
        self.assert_error(thief, 400, "invalid_grant")
        self.assert_error(client, 400, "invalid_grant")  # who now knows, and asks the user anew
