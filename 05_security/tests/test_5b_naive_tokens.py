"""5.b Token authentication: each attack works on a naive variant, and not on ours."""

import hashlib
import hmac
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import count

from cinema.users.user import User
from flask import Flask, request
from sqlalchemy import delete, update

from tests import ALICE, BOB, METROPOLIS
from tests.lesson import made_in
from tests.test_5b_tokens import IMPORT, PLANNER, TokenTestCase, bearer

with made_in("5.b"):
    from cinema.users.tokens import ApiToken

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def steps(left, right):
    """Return how many letters a comparison finds right that ends at the first wrong one."""
    number = 0
    while number < len(left) and left[number] == right[number]:
        number += 1
    return number


class NaiveTokenTest(TokenTestCase):
    """What goes wrong without each of the rules; each attack works on a naive variant."""

    def test_stolen_database_that_holds_tokens_opens_every_door(self):
        def naive(stored, sent):
            return sent in stored

        token = self.new_token()
        self.assertTrue(naive(stored := [token], stored[0]), "the thief sends what is stored")

        stolen = self.database.serialize()

        self.assertNotIn(token.encode(), stolen)
        self.assertIn(IMPORT["name"].encode(), stolen, "else we look wrongly")
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
        mine, hers = self.new_token(), self.new_token()
        self.assertLess(
            steps(mine, hers), len("cinema_") + 10, "they should have nothing in common"
        )

    def test_clock_gives_a_token_away_letter_by_letter_where_tokens_are_compared(self):
        token = "cinema_" + "".join(secrets.choice(ALPHABET) for _ in range(10))

        def guess(how_long):
            """Try each letter at each place, and go on with the one that takes longest."""
            found = "cinema_"
            while len(found) < len(token):
                found = max((found + letter for letter in ALPHABET), key=how_long)
            return found

        def digest(text):
            return hashlib.sha256(text.encode()).hexdigest()

        naive = guess(lambda text: steps(text, token))
        ours = guess(lambda text: steps(digest(text), digest(token)))

        self.assertEqual(naive, token)
        self.assertNotEqual(ours, token, "the hash of a better guess is not a better hash")

    def test_scope_widens_what_a_user_may_do_where_nobody_compares(self):
        def naive(scope, _role):
            return "movies:write" in scope

        self.assertTrue(naive({"movies:write"}, "member"), "it forgets who bob is")
        token = self.make_token(BOB, **PLANNER)
        self.write_to_database(update(ApiToken).values(scope="movies:write"))

        self.assertEqual(self.try_it(token), 403, "bob may not, and so no token of his")

    def test_token_in_the_url_is_in_the_log_and_works_from_there(self):
        log, naive = [], Flask("naive")
        token = self.new_token()

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
        token = self.new_token()

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
