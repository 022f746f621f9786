"""5.b Token authentication: what a token opens, and how a request without a good one is refused."""

from datetime import timedelta
from hashlib import sha256

from cinema.data.database import db
from cinema.users.user import User
from sqlalchemy import delete, func, select, update

from tests import ALICE, BOB, METROPOLIS
from tests.lesson import made_in
from tests.test_5b_tokens import (
    CHALLENGE,
    FRIDAY,
    IMPORT,
    NOON,
    PLANNER,
    TokenTestCase,
    bearer,
    bearer_challenge,
)

with made_in("5.b"):
    from cinema.users.tokens import ApiToken


class UseTest(TokenTestCase):
    def test_token_says_who_is_asking(self):
        token = self.make_token(BOB, **PLANNER)

        response = self.client.put(FRIDAY, json={"title": "Friday night"}, headers=token)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_token_may_do_what_its_scope_says_and_nothing_else(self):
        token = self.make_token()

        film = self.client.post("/v1/movies", json=METROPOLIS, headers=token)
        watchlist = self.client.put(FRIDAY, json={"title": "Friday night"}, headers=token)

        self.assertEqual((film.status_code, watchlist.status_code), (201, 403))

    def test_token_is_good_in_both_versions(self):
        token = self.make_token()

        for version in ("v1", "v2"):
            with self.subTest(version=version):
                url = f"/{version}/movies/1"
                response = self.client.patch(url, json={"year": 1941}, headers=token)

                self.assertEqual(response.status_code, 200)

    def test_scheme_is_written_in_any_case(self):
        token = self.new_token()

        for scheme in ("bearer ", "BEARER ", "Bearer   "):
            with self.subTest(scheme=scheme):
                self.assertEqual(self.try_it({"Authorization": scheme + token}), 200)

    def test_refusals_are_the_same_in_any_case(self):
        """Who reads the scheme in one place by its exact letters forgets the challenge there."""
        narrow, wrong = self.new_token(**PLANNER), "cinema_x"
        for token, status in ((narrow, 403), (wrong, 401)):
            expected = self.client.delete("/v1/movies/1", headers=bearer(token))
            self.assertEqual(expected.status_code, status)
            for scheme in ("bearer", "BEARER"):
                with self.subTest(scheme=scheme, status=status):
                    headers = {"Authorization": f"{scheme} {token}"}

                    response = self.client.delete("/v1/movies/1", headers=headers)

                    self.assertEqual(response.json, expected.json)
                    self.assert_same_fields(response, expected)

    def test_token_ends_by_itself_to_the_second(self):
        token = self.make_token(days=1)

        for seconds, status in ((-1, 200), (0, 401), (1, 401)):
            with self.subTest(seconds=seconds):
                self.it_is(NOON + timedelta(days=1, seconds=seconds))

                self.assertEqual(self.try_it(token), status)

    def test_what_is_not_a_token_is_refused_even_where_none_is_needed(self):
        token = self.new_token()
        for text in (
            "cinema_",
            "cinema_x",
            "cinema_é\xff",
            "cinema_" + "A" * 5_000,
            "cinema_' OR '1'='1",
            "cinema_%",
            token[:-1],  # every prefix of it is another token
            token + "A",
            token.swapcase().replace("CINEMA_", "cinema_"),
            f"{token} {token}",
            f"cinema_{sha256(token.encode()).hexdigest()}",
        ):
            with self.subTest(text=text):
                response = self.client.get("/v1/movies/1", headers=bearer(text))

                self.assert_invalid_token(response)

    def test_token_of_a_removed_user_goes_with_them(self):
        token = self.make_token()

        self.write_to_database(delete(User).where(User.name == "alice"))

        self.assertEqual(self.try_it(token), 401)
        with self.app.app_context():
            left = db.session.scalar(select(func.count()).select_from(ApiToken))
        self.assertEqual(left, 0, "nothing of the token should be left")

    def test_who_loses_a_role_has_lost_it_in_tokens_too(self):
        token = self.make_token()

        self.write_to_database(update(User).where(User.name == "alice").values(role="member"))

        self.assertEqual(self.try_it(token), 403)

    def test_private_watchlist_is_there_for_tokens_that_may_read_it(self):
        self.client.put(FRIDAY, json={"title": "Mine", "private": True}, headers=ALICE)
        for scope, status in {"watchlists:read": 200, "movies:write": 404}.items():
            with self.subTest(scope=scope):
                token = self.make_token(scopes=[scope])

                self.assertEqual(self.client.get(FRIDAY, headers=token).status_code, status)

    def test_token_is_not_enough_for_tokens_and_keys(self):
        every_scope = ["movies:write", "watchlists:read", "watchlists:write"]
        token = self.make_token(scopes=every_scope)

        for version in ("v1", "v2"):
            for method, path, body in (
                ("POST", "tokens", IMPORT | {"days": 365}),
                ("GET", "tokens", None),
                ("DELETE", "tokens", None),
                ("GET", "tokens/1", None),
                ("DELETE", "tokens/1", None),
                ("POST", "signing-key", None),
                ("GET", "signing-key", None),
                ("DELETE", "signing-key", None),
            ):
                with self.subTest(version=version, method=method, path=path):
                    url = f"/{version}/{path}"
                    response = self.client.open(url, method=method, json=body, headers=token)

                    self.assert_problem(response, 403, "Forbidden")
                    detail = "A token is not enough for this: log in yourself."
                    self.assertEqual(response.json["detail"], detail)
        self.assertEqual(self.own_tokens(), [1])

    def test_token_is_refused_before_its_body_is_looked_at(self):
        response = self.client.post("/v1/tokens", data=b"{", headers=self.make_token())

        self.assertEqual(response.status_code, 403)


class ErrorsTest(TokenTestCase):
    """What RFC 6750 says, in section 3.1, of those who are refused."""

    def test_challenge_is_bare_for_who_brings_nothing(self):
        response = self.client.post("/v1/movies", json=METROPOLIS)

        self.assert_challenged(response)
        self.assertEqual(bearer_challenge(response), CHALLENGE)

    def test_wrong_token_is_invalid_and_nobody_is_told_why(self):
        revoked, expired = self.make_token(), self.make_token(days=1)
        self.client.delete("/v1/tokens/1", headers=ALICE)
        self.it_is(NOON + timedelta(days=1))

        answers = [
            self.client.get("/v1/movies/1", headers=token)
            for token in (revoked, expired, bearer("cinema_never-was"))
        ]

        for response in answers:
            self.assert_invalid_token(response)
            self.assertEqual(response.text, answers[0].text)

    def test_token_is_told_which_scope_it_lacks(self):
        response = self.client.post(
            "/v1/movies", json=METROPOLIS, headers=self.make_token(**PLANNER)
        )

        self.assert_problem(response, 403, "Forbidden")
        lacks = 'error="insufficient_scope", scope="movies:write"'
        self.assertEqual(response.headers.get("WWW-Authenticate"), f"{CHALLENGE}, {lacks}")

    def test_errors_are_not_kept(self):
        for headers in ({}, bearer("cinema_x"), self.make_token(**PLANNER)):
            response = self.client.post("/v1/movies", json=METROPOLIS, headers=headers)

            self.assertEqual(response.headers.get("Cache-Control"), "no-store")

    def test_token_elsewhere_than_in_the_header_is_none(self):
        token = self.new_token()

        self.client.set_cookie("session", token)
        self.client.set_cookie("token", token)
        for name in ("access_token", "token", "auth_token"):
            with self.subTest(name=name):
                response = self.client.post(f"/v1/movies?{name}={token}", json=METROPOLIS)

                self.assert_challenged(response)
                self.assertEqual(bearer_challenge(response), CHALLENGE)
        response = self.client.post("/v1/movies", data={"access_token": token})

        self.assert_challenged(response)


class WorkTest(TokenTestCase):
    """Looks inside: what a token costs, at the seam `before_cursor_execute` of SQLAlchemy."""

    def test_token_is_looked_up_and_nothing_is_written(self):
        token = self.make_token()

        without, with_token = (
            self.statements_of("/v1/movies/1", headers) for headers in ({}, token)
        )

        more = len(with_token) - len(without)
        self.assertLessEqual(more, 2, f"the token, and its user, are enough: {with_token}")
        for statement in with_token:
            self.assertNotRegex(statement, "^(INSERT|UPDATE|DELETE)", "reading should not write")
