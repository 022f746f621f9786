"""5.d1 Password hashes: slow, salted, of the whole password, and stronger with the years."""

import hashlib
import unicodedata
from unittest.mock import patch

from argon2 import PasswordHasher, extract_parameters
from cinema.config import DEFAULTS
from cinema.data.database import CREDENTIALS, writing
from cinema.http.rate_limits import Limits
from cinema.users import credentials
from cinema.users.commands import add_user
from cinema.users.credentials import stored
from cinema.users.password_hashes import (
    check_password_hash,
    hash_of_nothing,
    hash_password,
    is_outdated,
)
from cinema.users.passwords import remembered
from sqlalchemy import text
from werkzeug.security import generate_password_hash

from tests import ALICE, BOB, PASSWORD, ApiTestCase, basic

NEW = "a sled named Rosebud"
CHANGE = {"current": PASSWORD, "new": NEW}
STORED = "cinema.users.credentials.stored"
OLD_HASHES = {
    "chapter 4": "scrypt:1024:8:1",  # scrypt, but for the tests a quick one
    "chapter 4's tests": "pbkdf2:sha256:1",
}


class PasswordTestCase(ApiTestCase):
    """What the tests of passwords need; none has been checked yet."""

    def setUp(self):
        super().setUp()
        remembered.clear()

    def logs_in(self, name, password):
        """Tell whether this is the password of the user."""
        return self.client.get("/v1/movies/1", headers=basic(name, password)).status_code == 200

    def log_in(self, name="alice", password=PASSWORD):
        """Return a browser with a session, and the header that its changes need."""
        browser = self.app.test_client()
        session = browser.post("/v1/session", json={"name": name, "password": password})
        return browser, {"X-CSRF-Token": session.json["csrf_token"]}

    def add_user(self, name, password):
        with self.app.app_context(), writing():
            add_user(name, "member", password)

    def hash_of(self, name):
        with self.app.app_context():
            return stored.find(name).password_hash

    def keep_hash(self, name, known):
        """Put a hash into the database that some earlier version of the API has made."""
        with self.app.app_context(), writing(CREDENTIALS) as connection:
            change = text("UPDATE credential SET password_hash = :known WHERE user_name = :name")
            connection.execute(change, {"name": name, "known": known})

    def hashing(self):
        """Return what notes each slow hash that is computed, in whatever scheme."""
        return self.enterContext(patch(f"{STORED}.check_password_hash", wraps=check_password_hash))


class HashTest(PasswordTestCase):
    """What is kept of a password."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.app.app_context())

    def test_parameters_are_those_that_owasp_asks_of_argon2id(self):
        cost = {name: DEFAULTS[name] for name in DEFAULTS if name.startswith("ARGON2")}

        self.assertEqual(
            cost, {"ARGON2_MEMORY_COST": 19_456, "ARGON2_TIME_COST": 2, "ARGON2_PARALLELISM": 1}
        )
        with patch.dict(self.app.config, cost):
            self.assertTrue(hash_password(NEW).startswith("$argon2id$v=19$m=19456,t=2,p=1$"))

    def test_equal_passwords_have_different_hashes(self):
        self.assertNotEqual(hash_password(NEW), hash_password(NEW), "each has its own salt")

    def test_hash_is_of_this_password_and_no_other(self):
        known = hash_password(NEW)

        self.assertTrue(check_password_hash(known, NEW))
        for other in ("", NEW[:-1], NEW + " ", " " + NEW, NEW.upper(), NEW + "\0"):
            with self.subTest(other=other):
                self.assertFalse(check_password_hash(known, other))

    def test_hash_of_nothing_costs_what_a_hash_costs(self):
        real, dummy = hash_password(NEW), hash_of_nothing()

        self.assertEqual(extract_parameters(dummy), extract_parameters(real))
        self.assertFalse(check_password_hash(dummy, ""))
        self.assertFalse(check_password_hash(dummy, NEW))

    def test_hash_is_outdated_if_it_costs_less_than_ours(self):
        now = {"ARGON2_MEMORY_COST": 32, "ARGON2_TIME_COST": 2}
        for memory, passes, outdated in ((32, 2, 0), (64, 3, 0), (31, 3, 1), (64, 1, 1)):
            with self.subTest(memory=memory, passes=passes), patch.dict(self.app.config, now):
                known = PasswordHasher(passes, memory, parallelism=1).hash(NEW)

                self.assertEqual(is_outdated(known), bool(outdated))


class RehashTest(PasswordTestCase):
    """Hashes grow stronger with the years: at a login, when the password is known."""

    def test_hashes_of_chapter_4_still_verify_and_are_replaced_at_login(self):
        for scheme, method in OLD_HASHES.items():
            with self.subTest(scheme=scheme):
                remembered.clear()
                self.keep_hash("alice", generate_password_hash(PASSWORD, method))

                self.assertTrue(self.logs_in("alice", PASSWORD))
                self.assertTrue(self.hash_of("alice").startswith("$argon2id$"))
                remembered.clear()
                self.assertTrue(self.logs_in("alice", PASSWORD), "the new hash should be as good")

    def test_weaker_parameters_are_replaced_at_login(self):
        with patch.dict(self.app.config, ARGON2_TIME_COST=3):
            self.assertTrue(self.logs_in("alice", PASSWORD))

        self.assertEqual(extract_parameters(self.hash_of("alice")).time_cost, 3)

    def test_stronger_parameters_stay(self):
        with patch.dict(self.app.config, ARGON2_TIME_COST=3):
            self.logs_in("alice", PASSWORD)
        known = self.hash_of("alice")
        remembered.clear()

        self.assertTrue(self.logs_in("alice", PASSWORD))
        self.assertEqual(self.hash_of("alice"), known)

    def test_wrong_password_replaces_nothing(self):
        old = generate_password_hash(PASSWORD, OLD_HASHES["chapter 4"])
        self.keep_hash("alice", old)

        self.assertFalse(self.logs_in("alice", "a guess"))
        self.assertEqual(self.hash_of("alice"), old)

    def test_rehash_ends_no_session_and_no_signing_key(self):
        self.client.post("/v1/signing-key", headers=ALICE)
        browser, _ = self.log_in()
        remembered.clear()

        with patch.dict(self.app.config, ARGON2_TIME_COST=3):
            self.logs_in("alice", PASSWORD)

        self.assertEqual(browser.get("/v1/session").status_code, 200)
        self.assertEqual(self.client.get("/v1/signing-key", headers=ALICE).status_code, 200)

    def test_rehash_does_not_undo_a_change_that_was_faster(self):
        def change_meanwhile(known):
            with self.app.app_context():
                credentials.set_password("alice", NEW)
            return True

        with patch(f"{STORED}.is_outdated", change_meanwhile):
            self.logs_in("alice", PASSWORD)

        remembered.clear()
        self.assertEqual([self.logs_in("alice", each) for each in (PASSWORD, NEW)], [False, True])


class EnumerationTest(PasswordTestCase):
    """Nobody learns who is a user: not by the answer, and not by the time that it takes."""

    def test_unknown_user_costs_the_same_hash(self):
        hashing = self.hashing()

        answers = [
            self.client.get("/v1/movies/1", headers=basic(name, "a guess"))
            for name in ("alice", "nobody", "", "no\u00a0body", "x" * 500)
        ]

        costs = [extract_parameters(call.args[0]) for call in hashing.call_args_list]
        self.assertEqual((len(costs), len(set(map(str, costs)))), (5, 1))
        self.assertEqual([answer.json for answer in answers], [answers[0].json] * 5)

    def test_naive_login_tells_who_is_a_user_by_the_hashes_that_it_computes(self):
        hashing = self.hashing()

        def naive_login(name, password):
            with self.app.app_context():
                known = stored.find(name)
                return known is not None and hashing(known.password_hash, password)

        def work(login, name):
            hashing.reset_mock()
            login(name, "a guess")
            return hashing.call_count

        self.assertEqual([work(naive_login, name) for name in ("alice", "nobody")], [1, 0])
        self.assertEqual([work(self.logs_in, name) for name in ("alice", "nobody")], [1, 1])

    def test_guess_at_the_current_password_costs_a_slow_hash(self):
        self.logs_in("alice", PASSWORD)
        hashing = self.hashing()

        self.client.put("/v1/password", json=CHANGE | {"current": "a guess"}, headers=ALICE)

        self.assertEqual(hashing.call_count, 1)

    def test_guesses_are_limited_wherever_they_are_made(self):
        limits = Limits(self.app.config | {"FAILED_LOGINS": "3 per minute"})
        self.logs_in("alice", PASSWORD)
        guess = CHANGE | {"current": "a guess"}

        with patch.dict(self.app.extensions, limits=limits):
            statuses = [
                self.client.put("/v1/password", json=guess, headers=ALICE).status_code
                for _ in range(4)
            ]
            later = self.client.put("/v1/password", json=CHANGE, headers=BOB).status_code

        self.assertEqual(statuses, [400, 400, 400, 429])
        self.assertEqual(later, 200, "bob has not guessed")


class WholePasswordTest(PasswordTestCase):
    """All of a password counts, and it counts the same on each keyboard."""

    def test_passwords_that_differ_after_72_bytes_are_the_same_to_bcrypt_and_not_to_us(self):
        first, second = "x" * 72 + "rosebud", "x" * 72 + "sled"

        def naive_hash(password):  # bcrypt reads no further
            return hashlib.sha256(password.encode()[:72]).hexdigest()

        self.add_user("kane", first)

        self.assertEqual(naive_hash(first), naive_hash(second))
        self.assertEqual([self.logs_in("kane", each) for each in (first, second)], [True, False])

    def test_thousand_characters_count_to_the_last(self):
        password = "ö" * 999 + "!"
        self.add_user("kane", password)

        self.assertTrue(self.logs_in("kane", password))
        self.assertFalse(self.logs_in("kane", "ö" * 1000))
        self.assertFalse(self.logs_in("kane", "ö" * 999))

    def test_nothing_is_trimmed(self):
        password = "  in  the  snow  "
        self.client.put("/v1/password", json=CHANGE | {"new": password}, headers=ALICE)

        self.assertTrue(self.logs_in("alice", password))
        for other in (password.strip(), password.rstrip(), "in the snow"):
            with self.subTest(other=other):
                self.assertFalse(self.logs_in("alice", other))

    def test_nul_does_not_end_a_password_as_it_does_in_c(self):
        with self.app.app_context():
            known = hash_password("rosebud\0 sled")

            self.assertFalse(check_password_hash(known, "rosebud"))
            self.assertFalse(check_password_hash(known, "rosebud\0 sleigh"))

    def test_accent_in_one_code_point_or_in_two_is_the_same_password(self):
        composed, decomposed = (
            unicodedata.normalize(form, "Rósebúd på snö") for form in ("NFC", "NFD")
        )

        def naive_hash(password):
            return hashlib.sha256(password.encode()).hexdigest()

        self.add_user("kane", decomposed)

        self.assertNotEqual(naive_hash(composed), naive_hash(decomposed), "locks out who moves")
        self.assertTrue(self.logs_in("kane", composed) and self.logs_in("kane", decomposed))

    def test_what_only_looks_alike_is_another_password(self):
        self.add_user("kane", "ﬁlm noir 1941")  # with a ligature: NFKC would take it for fi

        self.assertFalse(self.logs_in("kane", "film noir 1941"))
