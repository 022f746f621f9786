"""5.b Token authentication: tokens are made, shown once, listed and revoked."""

import json
import math
import random
import string
from datetime import datetime, timedelta
from unittest.mock import patch

from cinema.data.database import db, writing

from tests import ALICE, BOB, ApiTestCase, ServerTestCase, all_at_once

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
FRIDAY = "/v1/watchlists/friday-night"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def bearer_challenge(response):
    """Return what a refusal says of bearer tokens in WWW-Authenticate; "" if nothing."""
    challenges = response.headers.getlist("WWW-Authenticate")
    return next((each for each in challenges if each.startswith("Bearer")), "")


def make_all_tokens(test, **members):
    """Let alice make as many tokens as one may have; return their URLs."""
    urls = []
    while len(urls) <= 100:
        response = test.client.post("/v1/tokens", json=IMPORT | members, headers=ALICE)
        if response.status_code == 409:
            return urls
        test.assertEqual(response.status_code, 201, "POST /v1/tokens should make a token")
        urls.append(response.location)
    raise AssertionError("a user should not have more than a hundred tokens")


def bits_of(drawn):
    """Return how many bits letters can hold that were drawn from as many kinds as these show."""
    kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase, "-_")
    letters = sum(len(kind) for kind in kinds if set(kind) & set(drawn))
    return len(drawn) * math.log2(max(letters, 2))


class TokenTestCase(ApiTestCase):
    def setUp(self):
        super().setUp()
        self.it_is(NOON)

    def it_is(self, moment):
        """Let the tokens' clock stand at a moment."""
        self.enterContext(patch("cinema.users.tokens.now", return_value=moment))

    def ask_for_token(self, user=ALICE, **members):
        return self.client.post("/v1/tokens", json=IMPORT | members, headers=user)

    def new_token(self, user=ALICE, **members):
        response = self.ask_for_token(user, **members)
        self.assertEqual(response.status_code, 201, "POST /v1/tokens should make a token")
        self.assertIn("token", response.json, "it should be shown, this one time")
        return response.json["token"]

    def make_token(self, user=ALICE, **members):
        """Return the header of a program that has been given a token."""
        return bearer(self.new_token(user, **members))

    def own_tokens(self, user=ALICE):
        response = self.client.get("/v1/tokens", headers=user)
        self.assertEqual(response.status_code, 200, "GET /v1/tokens should list them")
        return [token["id"] for token in response.json["tokens"]]

    def try_it(self, token):
        """Return the status of a change that needs movies:write."""
        return self.client.patch("/v1/movies/1", json={"year": 1941}, headers=token).status_code

    def write_to_database(self, statement):
        with self.app.app_context(), writing():
            db.session.execute(statement)

    def assert_invalid_token(self, response):
        self.assert_challenged(response)
        self.assertEqual(bearer_challenge(response), f'{CHALLENGE}, error="invalid_token"')
        self.assertEqual(response.json.get("code"), 22)


class CreateTest(TokenTestCase):
    def test_token_is_shown_when_it_is_made(self):
        response = self.ask_for_token()

        self.assertEqual((response.status_code, response.location), (201, "/v1/tokens/1"))
        token = response.json.get("token", "")
        self.assertEqual(response.json, SHOWN | {"ending": token[-4:], "token": token})

    def test_token_is_shown_only_once(self):
        token = self.new_token()

        one = self.client.get("/v1/tokens/1", headers=ALICE)
        all_of_them = self.client.get("/v1/tokens", headers=ALICE)

        self.assertEqual(one.json, SHOWN | {"ending": token[-4:]})
        self.assertEqual(all_of_them.json, {"tokens": [one.json]})

    def test_token_is_a_prefix_and_at_least_128_random_bits(self):
        tokens = {self.new_token() for _ in range(20)}

        self.assertEqual(len(tokens), 20, "no two should be the same")
        for token in tokens:
            prefix, _, drawn = token.partition("_")
            self.assertEqual(prefix, "cinema", "people should see what they have found")
            self.assertGreaterEqual(bits_of(drawn), 128, f"{drawn} could be guessed")

    def test_who_knows_the_seed_does_not_know_the_token(self):
        """The module `random` draws the same again from the same seed; a secret must not."""
        tokens = []
        for _ in range(2):
            random.seed(4711)
            tokens.append(self.new_token())

        self.assertNotEqual(tokens[0], tokens[1], "draw it by the module secrets")

    def test_token_lives_for_as_many_days_as_one_asks_for(self):
        for days, end in {1: "2026-11-26", 7.0: "2026-12-02", 365: "2027-11-25"}.items():
            with self.subTest(days=days):
                response = self.ask_for_token(days=days)

                self.assertEqual(response.json["expires"], f"{end}T12:00:00Z")

    def test_each_wrong_value_is_named(self):
        scopes = "must be a list of some of movies:write, watchlists:read, watchlists:write"
        name = "must be text of 1 to 100 characters, not blank, without U+0000"
        days = "must be a whole number from 1 to 365"
        for member, reason, values in (
            ("name", name, (None, 7, True, "", " ", "x" * 101, "\0", [], {})),
            ("days", days, (None, 0, -1, 366, 10**30, 1.5, True, "30", [], {})),
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

    def test_condition_on_the_list_is_kept_though_it_has_no_etag(self):
        for conditions, status in (
            ({"If-Match": '"nope"'}, 412),
            ({"If-None-Match": "*"}, 412),
            ({"If-Match": "*"}, 201),
            ({"If-None-Match": '"nope"'}, 201),
        ):
            with self.subTest(conditions=conditions):
                response = self.client.post(
                    "/v1/tokens",
                    json={"name": "Import", "scopes": ["movies:write"]},
                    headers=ALICE | conditions,
                )

                self.assertEqual(response.status_code, status, response.text)

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
        most = len(make_all_tokens(self))

        response = self.ask_for_token()

        self.assert_problem(response, 409, "Conflict")
        self.assertEqual(len(self.own_tokens()), most)
        self.assertEqual(self.ask_for_token(BOB, **PLANNER).status_code, 201, "bob has none yet")

    def test_what_is_revoked_does_not_count(self):
        first, *_ = make_all_tokens(self)

        self.client.delete(first, headers=ALICE)

        self.assertEqual(self.ask_for_token().status_code, 201, "one place was free")
        self.assertEqual(self.ask_for_token().status_code, 409, "and no other")

    def test_what_is_expired_does_not_count(self):
        make_all_tokens(self, days=1)

        self.it_is(NOON + timedelta(days=1))

        self.assertEqual(self.ask_for_token().status_code, 201)
        self.assertEqual(len(self.own_tokens()), 1)

    def test_nobody_keeps_the_answer(self):
        response = self.ask_for_token()

        self.assertEqual(response.headers.get("Cache-Control"), "no-store")

    def test_not_even_we_keep_the_answer(self):
        again = ALICE | {"Idempotency-Key": "1"}

        token = self.new_token(again)

        self.assertNotIn(token.encode(), self.database.serialize())
        self.assertNotEqual(self.new_token(again), token)


class ListTest(TokenTestCase):
    def test_list_is_empty_at_first(self):
        response = self.client.get("/v1/tokens", headers=ALICE)

        self.assertEqual((response.status_code, response.json), (200, {"tokens": []}))

    def test_everybody_sees_their_own(self):
        for user in (ALICE, BOB, ALICE):
            self.ask_for_token(user, **PLANNER)

        self.assertEqual((self.own_tokens(ALICE), self.own_tokens(BOB)), ([1, 3], [2]))

    def test_neither_token_nor_hash_is_in_the_list(self):
        token = self.new_token()

        listed = self.client.get("/v1/tokens", headers=ALICE)

        self.assertNotIn(token.removeprefix("cinema_")[:-4], listed.text)
        (shown,) = listed.json["tokens"]
        self.assertEqual(
            shown.keys(), SHOWN.keys(), "nothing else, such as a hash, is for its user"
        )

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
                one = self.client.get(f"/{version}/tokens/1", headers=ALICE)
                listed = self.client.get(f"/{version}/tokens", headers=ALICE)

                self.assertEqual(one.status_code, 200)
                self.assertEqual(one.json["url"], f"/{version}/tokens/1")
                self.assertEqual(listed.json, {"tokens": [one.json]})

    def test_nobody_keeps_the_answers(self):
        self.ask_for_token()

        for url in ("/v1/tokens", "/v1/tokens/1"):
            with self.subTest(url=url):
                response = self.client.get(url, headers=ALICE)

                self.assertEqual(response.headers.get("Cache-Control"), "no-store")


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

    def test_condition_is_kept_though_nothing_here_has_an_etag(self):
        for conditions, holds in (
            ({"If-Match": '"nope"'}, False),
            ({"If-None-Match": "*"}, False),
            ({"If-Match": "*"}, True),
            ({"If-None-Match": '"nope"'}, True),
        ):
            for is_list in (True, False):
                with self.subTest(conditions=conditions, is_list=is_list):
                    made = self.client.post("/v1/tokens", json=IMPORT, headers=ALICE).location
                    url = "/v1/tokens" if is_list else made

                    response = self.client.delete(url, headers=ALICE | conditions)

                    self.assertEqual(response.status_code, 204 if holds else 412, response.text)
                    shown = self.client.get(made, headers=ALICE)
                    self.assertEqual(shown.status_code, 404 if holds else 200)

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

    def test_password_set_by_command_revokes_all_tokens_of_this_user(self):
        of_alice, of_bob = self.make_token(), self.make_token(BOB, **PLANNER)

        command = ["set-password", "alice", "--password", NEW_PASSWORD]
        self.app.test_cli_runner().invoke(args=command)

        self.assert_invalid_token(self.client.get("/v1/movies/1", headers=of_alice))
        self.assertEqual(self.client.get("/v1/movies/1", headers=of_bob).status_code, 200)


class RaceTest(ServerTestCase):
    def test_nobody_has_more_tokens_by_asking_for_all_at_once(self):
        self.client = self.app.test_client()
        for url in make_all_tokens(self)[:2]:
            self.client.delete(url, headers=ALICE)

        def ask():
            return self.app.test_client().post("/v1/tokens", json=IMPORT, headers=ALICE).status_code

        statuses = all_at_once([ask] * 6)

        self.assertEqual(sorted(statuses), [201, 201, 409, 409, 409, 409], "two places were free")
