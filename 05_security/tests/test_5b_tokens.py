"""5.b Token authentication: random, kept as a hash, narrow, soon over, and revoked at once."""

import hashlib
import hmac
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from itertools import count
from unittest.mock import patch

from cinema.data.database import db, writing
from cinema.users import tokens
from cinema.users.sessions import hash_of
from cinema.users.tokens import MOST_TOKENS
from cinema.users.user import User
from flask import Flask, request
from sqlalchemy import delete, update

from tests import (
    ALICE,
    BOB,
    METROPOLIS,
    PASSWORD,
    ApiTestCase,
    ServerTestCase,
    all_at_once,
)

NEW_PASSWORD = "the wind has changed its mind"
NOON = datetime(2026, 11, 25, 12)
IMPORT = {"name": "Nightly import", "scopes": ["movies:write"]}
PLANNER = {"name": "Planner", "scopes": ["watchlists:read", "watchlists:write"]}
SHOWN = {
    "id": 1,
    "name": "Nightly import",
    "scopes": ["movies:write"],
    "ending": "…",
    "created": "2026-11-25T12:00:00Z",
    "expires": "2026-12-25T12:00:00Z",
    "url": "/v1/tokens/1",
}
CHALLENGE = (
    'Bearer realm="cinema", '
    'resource_metadata="http://localhost/.well-known/oauth-protected-resource"'
)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FRIDAY = "/v1/watchlists/friday-night"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def steps(left, right):
    """Return how many letters a comparison finds right that ends at the first wrong one."""
    number = 0
    while number < len(left) and left[number] == right[number]:
        number += 1
    return number


class TokenTestCase(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.it_is(NOON)

    def it_is(self, moment):
        """Let the tokens' clock stand at a moment."""
        self.enterContext(patch("cinema.users.tokens.now", return_value=moment))

    def ask_for_token(self, user=ALICE, **members):
        return self.client.post("/v1/tokens", json=IMPORT | members, headers=user)

    def make_token(self, user=ALICE, **members):
        """Return the header of a program that has been given a token."""
        return bearer(self.ask_for_token(user, **members).json["token"])

    def own_tokens(self, user=ALICE):
        return [token["id"] for token in self.client.get("/v1/tokens", headers=user).json["tokens"]]

    def try_it(self, token):
        """Return the status of a change that needs movies:write."""
        return self.client.patch("/v1/movies/1", json={"year": 1941}, headers=token).status_code

    def write_to_database(self, statement):
        with self.app.app_context(), writing():
            db.session.execute(statement)

    def assert_invalid_token(self, response):
        self.assert_challenged(response)
        challenge = response.headers.getlist("WWW-Authenticate")[1]
        self.assertEqual(challenge, f'{CHALLENGE}, error="invalid_token"')
        self.assertEqual(response.json["code"], 22)
        self.assertEqual(response.json["detail"], "The token is unknown, revoked or expired.")


class CreateTest(TokenTestCase):
    def test_token_is_shown_when_it_is_made(self):
        response = self.ask_for_token()

        token = response.json["token"]
        self.assertEqual((response.status_code, response.location), (201, "/v1/tokens/1"))
        self.assertEqual(response.json, SHOWN | {"ending": token[-4:], "token": token})

    def test_token_is_shown_only_once(self):
        token = self.ask_for_token().json["token"]

        one = self.client.get("/v1/tokens/1", headers=ALICE)
        all_of_them = self.client.get("/v1/tokens", headers=ALICE)

        self.assertEqual(one.json, SHOWN | {"ending": token[-4:]})
        self.assertEqual(all_of_them.json, {"tokens": [one.json]})

    def test_token_is_a_prefix_and_256_random_bits(self):
        tokens = {self.ask_for_token().json["token"] for _ in range(20)}

        self.assertEqual(len(tokens), 20)
        for token in tokens:
            prefix, _, random = token.partition("_")
            self.assertEqual(prefix, "cinema")
            self.assertEqual(len(urlsafe_b64decode(f"{random}=")) * 8, 256)

    def test_bits_come_from_the_generator_for_secrets(self):
        with patch("secrets.token_urlsafe", return_value="from-the-operating-system") as generator:
            response = self.ask_for_token()

        generator.assert_called_once_with(32)
        self.assertEqual(response.json["token"], "cinema_from-the-operating-system")

    def test_token_lives_for_as_many_days_as_one_asks_for(self):
        for days, end in {1: "2026-11-26", 7: "2026-12-02", 365: "2027-11-25"}.items():
            with self.subTest(days=days):
                response = self.ask_for_token(days=days)

                self.assertEqual(response.json["expires"], f"{end}T12:00:00Z")

    def test_each_wrong_value_is_named(self):
        scopes = "must be a list of some of movies:write, watchlists:read, watchlists:write"
        name = "must be text of 1 to 100 characters, not blank, without U+0000"
        days = "must be a whole number from 1 to 365"
        for member, reason, values in (
            ("name", name, (None, 7, True, "", " ", "x" * 101, "\0", [], {})),
            ("days", days, (None, 0, -1, 366, 10**30, 1.0, True, "30", [], {})),
            ("scopes", scopes, (None, "", "movies:write", [], {}, 7, True)),
            ("scopes", scopes, (["admin"], ["movies:write", "*"], [None], [[]], [{}], [True])),
            ("scopes", scopes, (["movies:write "], ["MOVIES:WRITE"], ["movies:write\n"])),
            ("token", "is not one of name, scopes, days", ("cinema_of-my-own",)),
            ("user_name", "is not one of name, scopes, days", ("bob",)),
            ("expires", "is not one of name, scopes, days", ("2100-01-01T00:00:00Z",)),
        ):
            for value in values:
                with self.subTest(member=member, value=value):
                    response = self.ask_for_token(**{member: value})

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(response.json["errors"], {member: reason})
        self.assert_nothing_changed()

    def test_all_wrong_values_are_named_together(self):
        response = self.client.post("/v1/tokens", json={"days": 0, "x": 1}, headers=ALICE)

        self.assertEqual(set(response.json["errors"]), {"name", "scopes", "days", "x"})

    def test_body_must_be_one_object_of_json(self):
        for body, kind, status in (
            (b"{", "application/json", 400),
            (b"[]", "application/json", 400),
            (b"", "application/json", 400),
            (b"name=x", "application/x-www-form-urlencoded", 415),
            (json.dumps(IMPORT), "text/plain", 415),  # as a form of another site could send it
        ):
            with self.subTest(body=body):
                response = self.client.post(
                    "/v1/tokens", data=body, content_type=kind, headers=ALICE
                )

                self.assertEqual(response.status_code, status)
        self.assert_nothing_changed()

    def test_name_may_be_in_any_language_and_is_given_to_no_header(self):
        for name in ("Kino 東京 🎬", 'x"\r\nSet-Cookie: session=evil', "<script>", "x" * 100):
            with self.subTest(name=name):
                response = self.ask_for_token(name=name)

                self.assertEqual(response.json["name"], name)
                self.assertNotIn("evil", str(response.headers))

    def test_scope_that_is_named_twice_is_kept_once(self):
        response = self.ask_for_token(scopes=["watchlists:read", "movies:write", "movies:write"])

        self.assertEqual(response.json["scopes"], ["movies:write", "watchlists:read"])

    def test_nobody_gives_away_what_they_do_not_have(self):
        response = self.ask_for_token(BOB, scopes=["watchlists:read", "movies:write"])

        self.assert_problem(response, 400, "Bad Request")
        reason = "must be a list of some of watchlists:read, watchlists:write"
        self.assertEqual(response.json["errors"], {"scopes": reason})

    def test_user_has_a_limited_number_of_tokens(self):
        for _ in range(MOST_TOKENS):
            self.assertEqual(self.ask_for_token().status_code, 201)

        response = self.ask_for_token()

        self.assert_problem(response, 409, "Conflict")
        self.assertEqual(len(self.own_tokens()), MOST_TOKENS)
        self.assertEqual(self.ask_for_token(BOB, **PLANNER).status_code, 201, "bob has none yet")

    @patch.object(tokens, "MOST_TOKENS", 1)
    def test_what_is_revoked_or_expired_does_not_count(self):
        self.ask_for_token(days=1)
        self.client.delete("/v1/tokens/1", headers=ALICE)
        self.assertEqual(self.ask_for_token(days=1).status_code, 201)

        self.it_is(NOON + timedelta(days=1))

        self.assertEqual(self.ask_for_token().status_code, 201)
        self.assertEqual(self.own_tokens(), [3])

    def test_nobody_keeps_the_answer(self):
        response = self.ask_for_token()

        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_not_even_we_keep_the_answer(self):
        again = ALICE | {"Idempotency-Key": "1"}

        token = self.ask_for_token(again).json["token"]

        self.assertNotIn(token.encode(), self.database.serialize())
        self.assertNotEqual(self.ask_for_token(again).json["token"], token)


class ListTest(TokenTestCase):
    def test_list_is_empty_at_first(self):
        response = self.client.get("/v1/tokens", headers=ALICE)

        self.assertEqual((response.status_code, response.json), (200, {"tokens": []}))

    def test_everybody_sees_their_own(self):
        for user in (ALICE, BOB, ALICE):
            self.ask_for_token(user, **PLANNER)

        self.assertEqual((self.own_tokens(ALICE), self.own_tokens(BOB)), ([1, 3], [2]))

    def test_neither_token_nor_hash_is_in_the_list(self):
        token = self.ask_for_token().json["token"]

        listed = self.client.get("/v1/tokens", headers=ALICE).text

        for secret in (token, token.removeprefix("cinema_")[:-4], hash_of(token)):
            self.assertNotIn(secret, listed)

    def test_expired_tokens_are_not_listed_any_more(self):
        self.ask_for_token(days=1)
        self.ask_for_token(days=2)

        self.it_is(NOON + timedelta(days=1))

        self.assertEqual(self.own_tokens(), [2])
        self.assertEqual(self.client.get("/v1/tokens/1", headers=ALICE).status_code, 404)

    def test_both_versions_show_the_same_tokens(self):
        self.ask_for_token()

        for version in ("v1", "v2"):
            with self.subTest(version=version):
                (token,) = self.client.get(f"/{version}/tokens", headers=ALICE).json["tokens"]

                self.assertEqual(token["url"], f"/{version}/tokens/1")
                self.assertEqual(self.client.get(token["url"], headers=ALICE).json, token)

    def test_nobody_keeps_the_answers(self):
        self.ask_for_token()

        for url in ("/v1/tokens", "/v1/tokens/1"):
            with self.subTest(url=url):
                response = self.client.get(url, headers=ALICE)

                self.assertEqual(response.headers["Cache-Control"], "no-store")


class RevokeTest(TokenTestCase):
    def test_revoked_token_is_worthless_at_once(self):
        token = self.make_token()
        self.assertEqual(self.try_it(token), 200)

        response = self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assertEqual((response.status_code, response.data), (204, b""))
        self.assertEqual(self.try_it(token), 401)

    def test_other_tokens_stay_good(self):
        first, second = self.make_token(), self.make_token()

        self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assertEqual((self.try_it(first), self.try_it(second)), (401, 200))

    def test_token_is_revoked_once(self):
        self.ask_for_token()
        self.client.delete("/v1/tokens/1", headers=ALICE)

        response = self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assert_problem(response, 404, "Not Found")
        self.assertEqual(response.json["detail"], "You have no token 1.")

    def test_number_of_a_revoked_token_is_not_given_to_another(self):
        self.ask_for_token()
        self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assertEqual(self.ask_for_token().json["id"], 2)

    def test_all_are_revoked_together(self):
        tokens = [self.make_token(), self.make_token(), self.make_token()]

        response = self.client.delete("/v1/tokens", headers=ALICE)

        self.assertEqual((response.status_code, response.data), (204, b""))
        self.assertEqual([self.try_it(token) for token in tokens], [401] * 3)
        self.assertEqual(self.own_tokens(), [])

    def test_who_has_none_may_revoke_all(self):
        for _ in range(2):
            self.assertEqual(self.client.delete("/v1/tokens", headers=ALICE).status_code, 204)

    def test_tokens_of_others_stay(self):
        self.ask_for_token(BOB, **PLANNER)

        self.client.delete("/v1/tokens", headers=ALICE)

        self.assertEqual(self.own_tokens(BOB), [1])

    def test_tokens_of_others_are_not_there(self):
        self.ask_for_token()

        for method in ("GET", "DELETE"):
            with self.subTest(method=method):
                theirs = self.client.open("/v1/tokens/1", method=method, headers=BOB)
                nobodys = self.client.open("/v1/tokens/2", method=method, headers=BOB)

                self.assert_problem(theirs, 404, "Not Found")
                self.assertEqual(theirs.json["detail"], "You have no token 1.")
                self.assertEqual(theirs.text, nobodys.text.replace("token 2", "token 1"))
        self.assertEqual(self.own_tokens(), [1])

    def test_client_may_prefer_to_see_what_was_revoked(self):
        shown = self.ask_for_token().json
        del shown["token"]
        wish = ALICE | {"Prefer": "return=representation"}

        one = self.client.delete("/v1/tokens/1", headers=wish)
        self.ask_for_token()
        rest = self.client.delete("/v1/tokens", headers=wish)

        self.assertEqual((one.status_code, one.json), (200, shown))
        self.assertEqual([token["id"] for token in rest.json["tokens"]], [2])

    def test_odd_numbers_are_of_no_token(self):
        for number in ("0", "-1", "01", "1e3", "٣", "9" * 18, "9" * 30, "x", "..", "%00", "1 "):
            for method in ("GET", "DELETE"):
                with self.subTest(number=number, method=method):
                    url = f"/v1/tokens/{number}"
                    response = self.client.open(url, method=method, headers=ALICE)

                    self.assertEqual(response.status_code, 404)

    def test_new_password_revokes_all_tokens_of_this_user(self):
        of_alice, of_bob = self.make_token(), self.make_token(BOB, **PLANNER)

        body = {"current": PASSWORD, "new": NEW_PASSWORD}
        self.client.put("/v1/password", json=body, headers=ALICE)

        self.assert_invalid_token(self.client.get("/v1/movies/1", headers=of_alice))
        self.assertEqual(self.client.get("/v1/movies/1", headers=of_bob).status_code, 200)

    def test_so_does_one_that_is_set_by_command(self):
        of_alice, of_bob = self.make_token(), self.make_token(BOB, **PLANNER)

        command = ["set-password", "alice", "--password", NEW_PASSWORD]
        self.app.test_cli_runner().invoke(args=command)

        self.assert_invalid_token(self.client.get("/v1/movies/1", headers=of_alice))
        self.assertEqual(self.client.get("/v1/movies/1", headers=of_bob).status_code, 200)


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
        token = self.ask_for_token().json["token"]

        for scheme in ("bearer ", "BEARER ", "Bearer   "):
            with self.subTest(scheme=scheme):
                self.assertEqual(self.try_it({"Authorization": scheme + token}), 200)

    def test_token_ends_by_itself_to_the_second(self):
        token = self.make_token(days=1)

        for seconds, status in ((-1, 200), (0, 401), (1, 401)):
            with self.subTest(seconds=seconds):
                self.it_is(NOON + timedelta(days=1, seconds=seconds))

                self.assertEqual(self.try_it(token), status)

    def test_what_is_not_a_token_is_refused_even_where_none_is_needed(self):
        token = self.ask_for_token().json["token"]
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
            f"cinema_{hash_of(token)}",
        ):
            with self.subTest(text=text):
                response = self.client.get("/v1/movies/1", headers=bearer(text))

                self.assert_invalid_token(response)

    def test_token_of_a_removed_user_goes_with_them(self):
        token = self.make_token()

        self.write_to_database(delete(User).where(User.name == "alice"))

        self.assertEqual(self.try_it(token), 401)
        with self.app.app_context():
            self.assertEqual(db.session.query(tokens.ApiToken).all(), [])

    def test_who_loses_a_role_has_lost_it_in_tokens_too(self):
        token = self.make_token()

        self.write_to_database(update(User).where(User.name == "alice").values(role="member"))

        self.assertEqual(self.try_it(token), 403)

    def test_token_costs_one_statement_and_no_write(self):
        token = self.make_token()

        with_token = self.statements_of("/v1/movies/1", token)

        self.assertEqual(len(with_token), 1 + len(self.statements_of("/v1/movies/1")))
        for statement in with_token:
            self.assertTrue(statement.startswith("SELECT"), statement)

    def test_private_watchlist_is_there_for_tokens_that_may_read_it(self):
        self.client.put(FRIDAY, json={"title": "Mine", "private": True}, headers=ALICE)
        for scope, status in {"watchlists:read": 200, "movies:write": 404}.items():
            with self.subTest(scope=scope):
                token = self.make_token(scopes=[scope])

                self.assertEqual(self.client.get(FRIDAY, headers=token).status_code, status)

    def test_token_is_not_enough_for_tokens_keys_and_passwords(self):
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
                ("PUT", "password", {"current": PASSWORD, "new": NEW_PASSWORD}),
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
        self.assertEqual(response.headers.getlist("WWW-Authenticate")[1], CHALLENGE)

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
        self.assertEqual(response.headers["WWW-Authenticate"], f"{CHALLENGE}, {lacks}")

    def test_errors_are_not_kept(self):
        for headers in ({}, bearer("cinema_x"), self.make_token(**PLANNER)):
            response = self.client.post("/v1/movies", json=METROPOLIS, headers=headers)

            self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_token_elsewhere_than_in_the_header_is_none(self):
        token = self.ask_for_token().json["token"]

        self.client.set_cookie("session", token)
        self.client.set_cookie("token", token)
        for name in ("access_token", "token", "auth_token"):
            with self.subTest(name=name):
                response = self.client.post(f"/v1/movies?{name}={token}", json=METROPOLIS)

                self.assert_challenged(response)
                self.assertEqual(response.headers.getlist("WWW-Authenticate")[1], CHALLENGE)
        response = self.client.post("/v1/movies", data={"access_token": token})

        self.assert_challenged(response)


class RaceTest(ServerTestCase):
    def test_nobody_has_more_tokens_by_asking_for_all_at_once(self):
        def ask():
            return self.app.test_client().post("/v1/tokens", json=IMPORT, headers=ALICE).status_code

        with patch.object(tokens, "MOST_TOKENS", 2):
            statuses = all_at_once([ask] * 6)

        self.assertEqual(sorted(statuses), [201, 201, 409, 409, 409, 409])


class NaiveTokenTest(TokenTestCase):
    """What goes wrong without each of the rules; each attack works on a naive variant."""

    def test_stolen_database_that_holds_tokens_opens_every_door(self):
        def naive(stored, sent):
            return sent in stored

        token = self.ask_for_token().json["token"]
        self.assertTrue(naive(stored := [token], stored[0]), "the thief sends what is stored")

        stolen = self.database.serialize()

        self.assertNotIn(token.encode(), stolen)
        self.assertIn(hash_of(token).encode(), stolen)
        for loot in set(re.findall(rb"[A-Za-z0-9_-]{32,}", stolen)):
            with self.subTest(loot=loot):
                self.assertEqual(self.try_it(bearer(f"cinema_{loot.decode()}")), 401)
                self.assertNotEqual(self.try_it(bearer(loot.decode())), 200)

    def test_short_token_is_found_from_its_hash(self):
        stolen = hashlib.sha256(b"4711").hexdigest()

        found = next(n for n in count() if hashlib.sha256(b"%04d" % n).hexdigest() == stolen)

        self.assertEqual(found, 4711)
        years = 2**256 / 2 / 10**12 / (60 * 60 * 24 * 365)  # with 10^12 guesses a second
        self.assertGreater(years, 10**50, "a fast hash is enough if nobody can try all tokens")

    def test_token_that_counts_is_guessed(self):
        numbers = count(1000)

        def naive():
            return f"cinema_{next(numbers)}"

        mine, hers = naive(), naive()

        self.assertEqual(hers, f"cinema_{int(mine.removeprefix('cinema_')) + 1}")
        mine = self.ask_for_token().json["token"]
        self.assertLess(steps(mine, self.ask_for_token().json["token"]), len("cinema_") + 10)

    def test_clock_gives_a_token_away_letter_by_letter_where_tokens_are_compared(self):
        token = "cinema_" + "".join(secrets.choice(ALPHABET) for _ in range(10))

        def guess(how_long):
            """Try each letter at each place, and go on with the one that takes longest."""
            found = "cinema_"
            while len(found) < len(token):
                found = max((found + letter for letter in ALPHABET), key=how_long)
            return found

        naive = guess(lambda text: steps(text, token))
        ours = guess(lambda text: steps(hash_of(text), hash_of(token)))

        self.assertEqual(naive, token)
        self.assertNotEqual(ours, token, "the hash of a better guess is not a better hash")

    def test_scope_widens_what_a_user_may_do_where_nobody_compares(self):
        def naive(scope, _role):
            return "movies:write" in scope

        self.assertTrue(naive({"movies:write"}, "member"))
        token = self.make_token(BOB, **PLANNER)
        self.write_to_database(update(tokens.ApiToken).values(scope="movies:write"))

        self.assertEqual(self.try_it(token), 403, "bob may not, and so no token of his")

    def test_token_in_the_url_is_in_the_log_and_works_from_there(self):
        log, naive = [], Flask("naive")
        token = self.ask_for_token().json["token"]

        @naive.get("/")
        def who():
            log.append(request.full_path)
            return ("alice", 200) if request.args.get("access_token") == token else ("?", 401)

        client = naive.test_client()
        client.get("/", query_string={"access_token": token})
        self.assertEqual(client.get(log[0]).text, "alice")

        response = self.client.get(f"/v1/tokens?access_token={token}")

        self.assertEqual(response.status_code, 401)

    def test_token_in_a_cookie_is_sent_for_other_sites_too(self):
        naive = Flask("naive")
        token = self.ask_for_token().json["token"]

        @naive.post("/")
        def who():
            return ("done", 201) if request.cookies.get("token") == token else ("?", 401)

        from_elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        client = naive.test_client()
        client.set_cookie("token", token)
        self.assertEqual(client.post("/", headers=from_elsewhere).status_code, 201)

        self.client.set_cookie("token", token)
        response = self.client.post("/v1/movies", json=METROPOLIS, headers=from_elsewhere)

        self.assertEqual(response.status_code, 401)

    def test_token_that_makes_tokens_never_ends(self):
        def naive(token):
            return token | {"days": 365, "scopes": ["movies:write", "watchlists:write"]}

        self.assertEqual(naive({"days": 1, "scopes": []})["days"], 365)
        token = self.make_token(days=1)

        response = self.client.post("/v1/tokens", json=IMPORT | {"days": 365}, headers=token)

        self.assertEqual(response.status_code, 403)

    def test_token_that_is_its_own_proof_cannot_be_revoked(self):
        key = secrets.token_bytes(32)

        def stateless_token(user_name):
            claims = urlsafe_b64encode(json.dumps({"sub": user_name}).encode()).decode()
            return f"{claims}.{hmac.new(key, claims.encode(), 'sha256').hexdigest()}"

        def naive_user(token):
            claims, _, mac = token.partition(".")
            right = hmac.compare_digest(hmac.new(key, claims.encode(), "sha256").hexdigest(), mac)
            return json.loads(urlsafe_b64decode(claims))["sub"] if right else None

        stateless, ours = stateless_token("alice"), self.make_token()
        self.client.delete("/v1/tokens", headers=ALICE)
        self.write_to_database(delete(User).where(User.name == "alice"))

        self.assertEqual(naive_user(stateless), "alice", "she is gone, and still lets herself in")
        self.assertEqual(self.try_it(ours), 401)
