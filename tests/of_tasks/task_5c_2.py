"""5c.2: an old number that comes again ends the whole login."""

from cinema.users.sessions import LIFE, OVERLAP
from tests.test_5c_cookies import SECOND, CookieTestCase, later


class ThiefTest(CookieTestCase):
    def test_owner_who_comes_after_the_thief_ends_it_for_both(self):
        owner, _ = self.browser()
        thief = self.copy(owner)
        with later(LIFE / 2 + SECOND):
            self.assert_logged_in(thief)  # and so renews it

        with later(LIFE / 2 + OVERLAP + 2 * SECOND):
            self.assert_logged_in(thief)
            self.assert_stranger(owner)
            self.assert_stranger(thief)

    def test_old_number_is_good_while_requests_are_under_way(self):
        owner, _ = self.browser()
        copy = self.copy(owner)
        with later(LIFE / 2 + SECOND):
            self.assert_logged_in(owner)
            self.assert_logged_in(copy)
            self.assert_logged_in(owner)

    def test_other_logins_go_on(self):
        other, _ = self.browser()
        owner, _ = self.browser()
        old = self.copy(owner)
        with later(LIFE / 2 + SECOND):
            self.assert_logged_in(owner)

        with later(LIFE / 2 + OVERLAP + 2 * SECOND):
            self.assert_stranger(old)
            self.assert_logged_in(other)
