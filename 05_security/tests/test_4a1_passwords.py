"""4.a1 Who is asking: passwords are checked slowly, for everybody alike.

Beside our check stands a naive one, and an attack: it works on the naive one, not on ours.
"""

import base64
import hashlib
from string import ascii_lowercase

from werkzeug.security import generate_password_hash

from tests import PASSWORD, basic
from tests.users import SLOWER, UserTestCase


class SlowHashTest(UserTestCase):
    """Who steals the database has no password yet.

    This looks inside: at what is kept of a password, `tests.users.UserTestCase.kept_hashes`.
    """

    def test_database_does_not_hold_a_password_or_a_fast_hash_of_it(self):
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            fast = hashlib.new(name, PASSWORD.encode()).digest()
            for kept in (fast, fast.hex().encode(), base64.b64encode(fast)):
                self.assert_not_kept(kept, self.snapshot, f"{name} is fast, so words can be tried")
        self.assert_not_kept(PASSWORD.encode(), self.snapshot)

    def test_same_password_gives_another_hash_for_each_user(self):
        kept = self.kept_hashes()

        self.assertLessEqual({"alice", "bob"}, kept.keys())
        self.assertNotEqual(kept["alice"], kept["bob"], "a salt should tell them apart")


class SlowCheckTest(UserTestCase):
    """Each guess costs the time of a slow hash, whoever is meant.

    This looks inside: it counts the checks at `tests.users.SLOW_CHECK`.
    """

    settings = SLOWER  # so that a hash that is as cheap as the other tests' is noticed

    def get(self, headers):
        return self.client.get("/v1/movies/1", headers=headers)

    def test_unknown_user_and_wrong_password_get_the_same_answer_for_the_same_work(self):
        checks = self.count_slow_checks()

        answers = [self.get(basic(name, "wrong password")) for name in ("alice", "nobody")]

        hashes = [call.args[0] for call in checks.call_args_list]
        self.assertEqual(len(hashes), 2, "an unknown user should cost a slow hash, too")
        known, unknown = (kept.rsplit("$", 2)[0] for kept in hashes)  # method and parameters
        self.assertEqual(known, unknown, "both should cost the same hash")
        self.assertEqual(answers[0].json, answers[1].json, "it should not tell what was wrong")
        for answer in answers:
            self.assert_unauthorized(answer)

    def test_wrong_credentials_are_paid_for_each_time(self):
        checks = self.count_slow_checks()

        for _ in range(3):
            self.get(basic("alice", "wrong"))

        self.assertEqual(checks.call_count, 3, "what is wrong is not worth remembering")


class NaiveCheckTest(UserTestCase):
    """How passwords leak that are compared in haste.

    This looks inside: at `tests.users.SLOW_CHECK`, which takes the time.
    """

    def test_comparison_that_ends_early_gives_a_password_away_letter_by_letter(self):
        work = []

        def naive_check(password, known="rosebud"):
            for place, letter in enumerate(known):
                work.append(letter)  # stands for the time that it takes
                if password[place : place + 1] != letter:
                    return False
            return len(password) == len(known)

        def attempt(password):
            work.clear()
            return naive_check(password), len(work)

        stolen = ""
        while len(stolen) < 7:
            stolen += max(ascii_lowercase, key=lambda letter: attempt(stolen + letter))

        self.assertEqual(stolen, "rosebud")  # after 7 * 26 guesses, not 26 ** 7

    def test_ours_takes_as_long_for_a_good_guess_as_for_a_bad_one(self):
        self.add_user("kane", "rosebud!")
        checks = self.count_slow_checks()
        for guess in ("a", "r", "rosebud", "rosebud?"):
            with self.subTest(guess=guess):
                checks.reset_mock()

                self.client.get("/v1/movies/1", headers=basic("kane", guess))

                compared = [call.args for call in checks.call_args_list]
                whole = self.kept_hashes()["kane"], guess
                self.assertEqual(compared, [whole], "one slow hash of all of it, no look before")

    def test_answer_that_is_quick_for_unknown_users_tells_who_is_one(self):
        users = {"alice": generate_password_hash(PASSWORD, "pbkdf2:sha256:1")}
        checks = self.count_slow_checks()

        def naive_login(name, password):
            return name in users and checks(users[name], password)

        def ours(name, password):
            return self.client.get("/v1/movies/1", headers=basic(name, password))

        def is_slow(login, name):
            checks.reset_mock(return_value=True)
            login(name, "guess")
            return checks.called

        names = ("alice", "mallory")
        self.assertEqual([name for name in names if is_slow(naive_login, name)], ["alice"])
        self.assertEqual([name for name in names if is_slow(ours, name)], ["alice", "mallory"])
