"""4.a1 Who is asking: a slow check is paid for once by many requests in a row."""

import hashlib
from unittest.mock import patch

from cinema.users.passwords import remembered

from tests import ALICE, BOB, PASSWORD, ServerTestCase, all_at_once, basic
from tests.users import (
    SLOW_CHECK,
    FailedLoginsTestCase,
    UserTestCase,
    check_slowly,
    forget_passwords,
)


class RememberedTest(UserTestCase):
    """A slow check is paid for once by many requests in a row.

    This looks inside: it counts the checks at `tests.users.SLOW_CHECK`.
    """

    def get(self, headers):
        return self.client.get("/v1/movies/1", headers=headers)

    def test_same_credentials_in_a_row_are_paid_for_once(self):
        checks = self.count_slow_checks()

        answers = [self.get(ALICE) for _ in range(3)]

        self.assertEqual([answer.status_code for answer in answers], [200, 200, 200])
        self.assertEqual(checks.call_count, 1, "who was right a moment ago should not wait again")

    def test_what_is_remembered_is_of_one_user_and_one_password(self):
        self.get(ALICE)
        checks = self.count_slow_checks()

        self.assertEqual(self.get(BOB).status_code, 200)
        self.assert_unauthorized(self.get(basic("alice", "wrong")))
        self.assert_unauthorized(self.get(basic("nobody")))
        self.assertEqual(checks.call_count, 3, "each of them should be checked")

    def test_credentials_are_remembered_for_a_minute(self):
        self.get(ALICE)
        checks = self.count_slow_checks()

        self.later(50)
        self.get(ALICE)
        self.assertEqual(checks.call_count, 0, "50 seconds later they should be remembered")
        self.later(20)
        self.get(ALICE)
        self.assertEqual(checks.call_count, 1, "70 seconds later they should be forgotten")

    def test_old_password_is_dead_when_a_new_one_is_set(self):
        self.get(ALICE)
        self.set_password("alice", "a new password")

        self.assert_unauthorized(self.get(ALICE))
        self.assertEqual(self.get(basic("alice", "a new password")).status_code, 200)

    def test_remembered_user_is_dead_when_deleted(self):
        self.get(ALICE)
        self.delete_user("alice")

        self.assert_unauthorized(self.get(ALICE))


class WhatIsRememberedTest(UserTestCase):
    """What is remembered tells no password, and does not grow for ever.

    This looks inside: at `cinema.users.passwords.remembered`, by the methods of any cache.
    """

    def test_it_does_not_tell_the_password(self):
        with patch.object(remembered, "set", wraps=remembered.set) as remember:
            self.client.get("/v1/movies/1", headers=ALICE)

        written = repr(remember.call_args_list)
        self.assertTrue(remember.called, "who was right should be remembered")
        self.assertNotIn(PASSWORD, written)
        for name in ("md5", "sha1", "sha256", "sha512"):
            self.assertNotIn(hashlib.new(name, PASSWORD.encode()).hexdigest(), written)

    def test_at_most_a_thousand_are_remembered(self):
        self.client.get("/v1/movies/1", headers=ALICE)
        for number in range(1001):
            remembered.set(str(number), True)
        checks = self.count_slow_checks()

        self.client.get("/v1/movies/1", headers=ALICE)

        self.assertEqual(checks.call_count, 1, "the oldest should have been forgotten")


class ParallelLoginsTest(ServerTestCase):
    """Requests come all at once, too. This looks inside: at `tests.users.SLOW_CHECK`."""

    def test_parallel_logins_are_paid_for_once(self):
        forget_passwords()

        def get():
            return self.app.test_client().get("/v1/movies", headers=ALICE).status_code

        with patch(SLOW_CHECK, wraps=check_slowly) as checks:
            statuses = all_at_once([get] * 8)

        self.assertEqual(statuses, [200] * 8)
        self.assertEqual(checks.call_count, 1, "who waits should look again before paying")


class NotLockedOutTest(FailedLoginsTestCase):
    """Whoever guesses alice's password does not lock her out."""

    def test_who_was_right_a_moment_ago_is_not_locked_out(self):
        self.client.get("/v1/movies/1", headers=ALICE)
        for _ in range(4):
            self.client.get("/v1/movies/1", headers=basic("alice", "guess"))

        response = self.client.get("/v1/movies/1", headers=ALICE)

        self.assertEqual(response.status_code, 200, "else anybody could lock alice out")
