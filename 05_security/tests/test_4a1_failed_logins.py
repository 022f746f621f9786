"""4.a1 Who is asking: who guesses passwords does not get far (OWASP: credential stuffing)."""

import time
from functools import partial
from threading import Event
from unittest.mock import patch

from cinema.data.database import db

from tests import ALICE, BOB, SETTINGS, ServerTestCase, all_at_once, basic
from tests.users import FEW, SLOW_CHECK, FailedLoginsTestCase, forget_passwords

WRONG = basic("alice", "guess")


class GuessesTestCase(FailedLoginsTestCase):
    def get(self, headers=WRONG, address="127.0.0.1"):
        return self.client.get(
            "/v1/movies/1", headers=headers, environ_base={"REMOTE_ADDR": address}
        )

    def guess(self, times=3):
        return [self.get().status_code for _ in range(times)]


class FailedLoginsTest(GuessesTestCase):
    """The fourth wrong password within a minute is not even looked at."""

    def test_fourth_failure_is_429_and_says_how_long_to_wait(self):
        self.assertEqual(self.guess(3), [401, 401, 401], "the first three are only wrong")

        response = self.get()

        self.assert_problem(response, 429, "Too Many Requests")
        wait = response.headers.get("Retry-After", "")
        self.assertRegex(wait, "^[0-9]+$", "Retry-After should say how many seconds to wait")
        self.assertIn(int(wait), range(1, 61))

    def test_right_password_is_refused_until_the_window_ends(self):
        self.guess()

        self.assert_status(self.get(ALICE), 429, "otherwise guessing could go on")
        self.later(61)
        self.assert_status(self.get(ALICE), 200, "a minute later all is as before")

    def test_other_users_and_other_addresses_are_not_concerned(self):
        self.guess()

        self.assert_status(self.get(BOB), 200, "bob has done nothing")
        self.assert_status(self.get(ALICE, address="192.0.2.7"), 200, "alice is elsewhere")

    def test_success_is_not_counted(self):
        self.guess(2)
        for _ in range(3):
            forget_passwords()
            self.assert_status(self.get(ALICE), 200, "the right password is no failure")

        self.assertEqual(self.guess(2), [401, 429])

    def test_unknown_users_are_limited_too(self):
        statuses = [self.get(basic("nobody", "guess")).status_code for _ in range(4)]

        self.assertEqual(statuses, [401, 401, 401, 429], "otherwise 429 would tell who is a user")


class NoCheckTest(GuessesTestCase):
    """After too many failures nothing slow is done.

    This looks inside: it counts the checks at `tests.users.SLOW_CHECK`.
    """

    def test_no_password_is_checked_after_too_many_failures(self):
        self.guess()
        checks = self.count_slow_checks()

        self.get()
        self.get(ALICE)

        self.assertEqual(checks.call_count, 0, "a refused login should cost us nothing")


class ParallelGuessesTest(ServerTestCase):
    """Guesses that come all at once are no more than others."""

    def setUp(self):
        self.enterContext(patch.dict(SETTINGS, FEW))
        super().setUp()

    def test_parallel_guesses_are_counted_one_by_one(self):
        def guess():
            return self.app.test_client().get("/v1/movies", headers=WRONG).status_code

        statuses = all_at_once([guess] * 8)

        self.assertEqual(sorted(statuses), [401] * 3 + [429] * 5)


class SlowCheckForAllTest(ServerTestCase):
    """Who guesses at many names at once makes others who guess wait, and nobody else."""

    def ask(self, headers=None):
        return self.app.test_client().get("/v1/movies", headers=headers)

    def test_slow_check_leaves_the_database_to_others(self):
        taken = []

        def check(*_values):
            with self.app.app_context():
                taken.extend(engine.pool.checkedout() for engine in db.engines.values())
            return False

        with patch(SLOW_CHECK, check):
            response = self.ask(WRONG)

        self.assertEqual(response.status_code, 401)
        self.assertEqual(set(taken), {0}, "a connection should be given back before the slow check")

    def test_many_who_guess_are_refused_soon_and_others_are_answered(self):
        read, refused = Event(), []

        def guess(number):
            response = self.ask(basic(f"nobody-{number}", "guess"))
            if response.status_code == 503:
                refused.append(response.headers.get("Retry-After"))
            return response.status_code

        def read_as_stranger():
            for _ in range(100):
                if refused:
                    break
                time.sleep(0.1)
            status = self.ask().status_code
            read.set()
            return status

        with patch(SLOW_CHECK, lambda *_values: not read.wait(20)):
            guesses = [partial(guess, number) for number in range(24)]
            *guessed, status = all_at_once([*guesses, read_as_stranger])

        self.assertEqual(status, 200, "a stranger should not wait for those who guess")
        self.assertEqual(set(guessed), {401, 503})
        self.assertEqual(set(refused), {"2"}, "Retry-After should say when to try again")
