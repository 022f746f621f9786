"""5.d1 Password hashes: slow, salted, of the whole password, and stronger with the years."""

import hashlib
import unicodedata
from unittest.mock import patch

from argon2 import PasswordHasher, Type, extract_parameters
from cinema.config import DEFAULTS
from cinema.data.database import writing
from cinema.users.commands import add_user
from werkzeug.security import generate_password_hash

from tests import ALICE, BOB, PASSWORD, ApiTestCase, basic
from tests.lesson import made_in
from tests.seams import COSTLY, by_another, kept_hash, work_of

with made_in("5.d1"):
    from cinema.users import credentials
    from cinema.users.password_hashes import check_password_hash, hash_password, is_outdated

NEW = "a sled named Rosebud"
CHANGE = {"current": PASSWORD, "new": NEW}
OWASP = ((47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5))  # KiB and passes, at least
OLD_HASHES = {
    "chapter 4": "scrypt:1024:8:1",  # scrypt, but for the tests a quick one
    "chapter 4's tests": "pbkdf2:sha256:1",
}
ARGON2ID = r"^\$argon2id\$"


class PasswordTestCase(ApiTestCase):
    """What the tests of passwords need."""

    def logs_in(self, name, password):
        """Tell whether this is the password of the user."""
        return self.client.get("/v1/movies/1", headers=basic(name, password)).status_code == 200

    def assert_logs_in(self, name, password, message="this password should be right"):
        self.assertTrue(self.logs_in(name, password), f"{name}, {password[:40]!r}: {message}")

    def assert_kept_out(self, name, password, message="this password should be wrong"):
        self.assertFalse(self.logs_in(name, password), f"{name}, {password[:40]!r}: {message}")

    def log_in(self, name="alice", password=PASSWORD):
        """Return a browser with a session, and the header that its changes need."""
        browser = self.app.test_client()
        response = browser.post("/v1/session", json={"name": name, "password": password})
        self.assertEqual(response.status_code, 201, "POST /v1/session should log in")
        return browser, {"X-CSRF-Token": response.json["csrf_token"]}

    def add_user(self, name, password):
        with self.app.app_context(), writing():
            add_user(name, "member", password)

    def hash_of(self, name):
        with self.app.app_context():
            return kept_hash(name)

    def keep_hash(self, name, known):
        """Keep a hash that some earlier version of the API has made."""
        with self.app.app_context(), patch.object(PasswordHasher, "hash", return_value=known):
            credentials.set_password(name, "of which this is taken for the hash")


class HashTest(PasswordTestCase):
    """What is kept of a password."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.app.app_context())

    def test_parameters_are_among_those_that_owasp_asks_of_argon2id(self):
        cost = {name: DEFAULTS[name] for name in DEFAULTS if name.startswith("ARGON2")}

        with patch.dict(self.app.config, cost):
            made = extract_parameters(hash_password(NEW))

        self.assertEqual(made.type, Type.ID, "argon2id, and neither argon2i nor argon2d")
        enough = [
            (memory, passes)
            for memory, passes in OWASP
            if made.memory_cost >= memory and made.time_cost >= passes
        ]
        self.assertNotEqual(enough, [], f"too cheap: m={made.memory_cost}, t={made.time_cost}")

    def test_equal_passwords_have_different_hashes(self):
        self.assertNotEqual(hash_password(NEW), hash_password(NEW), "each has its own salt")

    def test_hash_is_of_this_password_and_no_other(self):
        known = hash_password(NEW)

        self.assertIs(check_password_hash(known, NEW), True)
        for other in ("", NEW[:-1], NEW + " ", " " + NEW, NEW.upper(), NEW + "\0"):
            with self.subTest(other=other):
                self.assertIs(check_password_hash(known, other), False)

    def test_nul_does_not_end_a_password_as_it_does_in_c(self):
        known = hash_password("rosebud\0 sled")

        for other in ("rosebud", "rosebud\0 sleigh"):
            with self.subTest(other=other):
                self.assertIs(check_password_hash(known, other), False)

    def test_hash_is_outdated_if_it_costs_less_than_ours(self):
        now = {"ARGON2_MEMORY_COST": 32, "ARGON2_TIME_COST": 2}
        for memory, passes, outdated in ((32, 2, 0), (64, 3, 0), (31, 3, 1), (64, 1, 1)):
            with self.subTest(memory=memory, passes=passes), patch.dict(self.app.config, now):
                known = PasswordHasher(passes, memory, parallelism=1).hash(NEW)

                self.assertEqual(is_outdated(known), bool(outdated))


class RehashTest(PasswordTestCase):
    """Hashes grow stronger with the years: at a login, when the password is known."""

    settings = {"ARGON2_TIME_COST": 2}

    def weaker(self, password):
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)

    def test_hashes_of_chapter_4_still_verify_and_are_replaced_at_login(self):
        for scheme, method in OLD_HASHES.items():
            with self.subTest(scheme=scheme):
                password = f"the password of {scheme}"
                self.keep_hash("alice", generate_password_hash(password, method))

                self.assert_logs_in("alice", password)
                self.assertRegex(self.hash_of("alice"), ARGON2ID)
                self.assert_logs_in("alice", password, "the new hash should be as good")

    def test_weaker_parameters_are_replaced_at_login(self):
        self.keep_hash("alice", self.weaker("a weak one"))

        self.assert_logs_in("alice", "a weak one")

        self.assertEqual(extract_parameters(self.hash_of("alice")).time_cost, 2)

    def test_stronger_parameters_stay(self):
        strong = PasswordHasher(time_cost=3, memory_cost=8, parallelism=1).hash("a strong one")
        self.keep_hash("alice", strong)

        self.assert_logs_in("alice", "a strong one")

        self.assertEqual(self.hash_of("alice"), strong)

    def test_wrong_password_replaces_nothing(self):
        old = generate_password_hash(PASSWORD, OLD_HASHES["chapter 4"])
        self.keep_hash("alice", old)

        self.assert_kept_out("alice", "a guess")
        self.assertEqual(self.hash_of("alice"), old)

    def test_rehash_ends_no_session_and_no_token(self):
        browser, _ = self.log_in()
        wanted = {"name": "a program", "scopes": ["movies:write"]}
        made = self.client.post("/v1/tokens", json=wanted, headers=ALICE)
        self.keep_hash("alice", self.weaker("an older password"))

        self.assert_logs_in("alice", "an older password")

        self.assertEqual(browser.get("/v1/session").status_code, 200)
        token = {"Authorization": f"Bearer {made.json['token']}"}
        self.assertEqual(self.client.get("/v1/movies/1", headers=token).status_code, 200)

    def test_rehash_keeps_the_signing_key(self):
        self.keep_hash("alice", self.weaker("one with a key"))
        with self.app.app_context():
            credentials.set_signing_key("alice", b"key")

        self.assert_logs_in("alice", "one with a key")

        with self.app.app_context():
            self.assertEqual(credentials.signing_key("alice"), b"key")


class RehashRaceTest(PasswordTestCase):
    """Looks inside: a change comes in the midst of a login; the library argon2 is the seam."""

    settings = RehashTest.settings

    def set_password(self, password):
        with self.app.app_context():
            credentials.set_password("alice", password)

    def test_rehash_does_not_undo_a_change_that_was_faster(self):
        older = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("a slow one")
        self.keep_hash("alice", older)
        make_hash, changes = PasswordHasher.hash, [NEW]

        def hash_and_be_overtaken(hasher, password):
            if changes:
                new = changes.pop()
                by_another(lambda: self.set_password(new))
            return make_hash(hasher, password)

        with patch.object(PasswordHasher, "hash", hash_and_be_overtaken):
            self.logs_in("alice", "a slow one")

        self.assertEqual(changes, [], "else no new hash was made")
        with self.app.app_context():
            known = kept_hash("alice")
            self.assertTrue(check_password_hash(known, NEW), "the change should have the last word")


class EnumerationTest(PasswordTestCase):
    """Nobody learns who is a user: not by the answer, and not by the time that it takes."""

    settings = COSTLY

    def guess(self, name):
        return self.client.get("/v1/movies/1", headers=basic(name, "a guess"))

    def test_unknown_user_gets_the_same_answer_after_the_same_work(self):
        answer, work = self.guess("alice"), work_of(lambda: self.guess("alice"))

        for name in ("nobody", "", "no\u00a0body", "x" * 500):
            with self.subTest(name=name[:10]):
                self.assertEqual(self.guess(name).data, answer.data)
                more = work_of(lambda name=name: self.guess(name)) / work
                self.assertGreater(more, 1 / 2, "the clock tells that there is no such user")
                self.assertLess(more, 2, "the clock tells that there is no such user")

    def test_naive_login_tells_who_is_a_user_by_its_work(self):
        def naive_login(name):
            with self.app.app_context():
                known = kept_hash(name)
                return known is not None and check_password_hash(known, "a guess")

        of_alice, of_nobody = (
            work_of(lambda name=name: naive_login(name)) for name in ("alice", "nobody")
        )

        self.assertGreater(of_alice, 4 * of_nobody)

    def test_guess_at_the_current_password_costs_a_slow_hash(self):
        browser, csrf = self.log_in()
        guess = CHANGE | {"current": "a guess"}

        work = work_of(lambda: browser.put("/v1/password", json=guess, headers=csrf))

        self.assertGreater(work, work_of(lambda: self.guess("alice")) / 2)


class LimitTest(PasswordTestCase):
    settings = {"FAILED_LOGINS": "3 per minute"}

    def change(self, headers, **values):
        """Ask for a new password from an address that no other test has."""
        return self.client.put(
            "/v1/password",
            json=CHANGE | values,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": "192.0.2.51"},
        )

    def test_guesses_are_limited_wherever_they_are_made(self):
        statuses = [self.change(ALICE, current="a guess").status_code for _ in range(4)]
        of_bob = self.change(BOB).status_code

        self.assertEqual(statuses, [400, 400, 400, 429], "three guesses are enough")
        self.assertEqual(of_bob, 200, "bob has not guessed")


class WholePasswordTest(PasswordTestCase):
    """All of a password counts, and it counts the same on each keyboard."""

    def test_passwords_that_differ_after_72_bytes_are_the_same_to_bcrypt_and_not_to_us(self):
        first, second = "x" * 72 + "rosebud", "x" * 72 + "sled"

        def naive_hash(password):  # bcrypt reads no further
            return hashlib.sha256(password.encode()[:72]).hexdigest()

        self.add_user("kane", first)

        self.assertEqual(naive_hash(first), naive_hash(second))
        self.assert_logs_in("kane", first)
        self.assert_kept_out("kane", second)

    def test_thousand_characters_count_to_the_last(self):
        password = "ö" * 999 + "!"
        self.add_user("kane", password)

        self.assert_logs_in("kane", password)
        self.assert_kept_out("kane", "ö" * 1000)
        self.assert_kept_out("kane", "ö" * 999)

    def test_nothing_is_trimmed(self):
        password = "  in  the  snow  "
        self.client.put("/v1/password", json=CHANGE | {"new": password}, headers=ALICE)

        self.assert_logs_in("alice", password)
        for other in (password.strip(), password.rstrip(), "in the snow"):
            with self.subTest(other=other):
                self.assert_kept_out("alice", other)

    def test_accent_in_one_code_point_or_in_two_is_the_same_password(self):
        composed, decomposed = (
            unicodedata.normalize(form, "Rósebúd på snö") for form in ("NFC", "NFD")
        )

        def naive_hash(password):
            return hashlib.sha256(password.encode()).hexdigest()

        self.add_user("kane", decomposed)

        self.assertNotEqual(naive_hash(composed), naive_hash(decomposed), "locks out who moves")
        self.assert_logs_in("kane", composed)
        self.assert_logs_in("kane", decomposed)

    def test_what_only_looks_alike_is_another_password(self):
        self.add_user("kane", "ﬁlm noir 1941")  # with a ligature: NFKC would take it for fi

        self.assert_kept_out("kane", "film noir 1941")
