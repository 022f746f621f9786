"""5.d1 Password hashes: a password is changed, and what the old one has opened ends."""

from threading import Thread, current_thread
from unittest.mock import patch

from argon2 import PasswordHasher

from tests import ALICE, BOB, METROPOLIS, PASSWORD, ServerTestCase, basic
from tests.lesson import made_in
from tests.seams import by_another, kept_hash, overtaken_by
from tests.test_5b_tokens import bearer_challenge
from tests.test_5d1_password_hashes import CHANGE, NEW, PasswordTestCase

with made_in("5.d1"):
    from cinema.users import credentials

TOKEN = {"name": "a program", "scopes": ["movies:write"]}


class ChangeTest(PasswordTestCase):
    """`PUT /v1/password`: who knows the current one sets a new one."""

    def change(self, headers=ALICE, url="/v1/password", client=None, **values):
        return (client or self.client).put(url, json=CHANGE | values, headers=headers)

    def test_new_password_counts_and_the_old_one_no_longer(self):
        for url in ("/v1/password", "/v2/password"):
            with self.subTest(url=url):
                self.setUp()

                response = self.change(url=url)

                self.assertEqual((response.status_code, response.json), (200, {"user": "alice"}))
                self.assert_logs_in("alice", NEW)
                self.assert_kept_out("alice", PASSWORD)
                self.assert_logs_in("bob", PASSWORD, "bob has changed nothing")

    def test_answer_may_be_left_out(self):
        response = self.change(headers=ALICE | {"Prefer": "return=minimal"})

        self.assertEqual((response.status_code, response.data), (204, b""))

    def test_condition_is_kept_though_a_password_has_no_etag(self):
        for conditions, status in (
            ({"If-Match": '"nope"'}, 412),
            ({"If-None-Match": "*"}, 412),
            ({"If-Match": "*"}, 200),
            ({"If-None-Match": '"nope"'}, 200),
        ):
            with self.subTest(conditions=conditions):
                self.setUp()

                response = self.change(headers=ALICE | conditions)

                self.assertEqual(response.status_code, status, response.text)
                self.assert_logs_in("alice", NEW if status == 200 else PASSWORD)

    def test_answer_is_not_stored(self):
        self.assertEqual(self.change().headers.get("Cache-Control"), "no-store")

    def make_token(self, scope="movies:write", headers=ALICE):
        """Return the header that brings a new token of a user."""
        wanted = TOKEN | {"scopes": [scope]}
        response = self.client.post("/v1/tokens", json=wanted, headers=headers)
        self.assertEqual(response.status_code, 201, "POST /v1/tokens should make a token")
        return {"Authorization": f"Bearer {response.json['token']}"}

    def assert_wrong(self, response, *names):
        """Check that an answer names the values that are wrong, and that nothing was done."""
        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json.get("errors", {}).keys(), set(names))
        self.assert_nothing_changed()

    def test_other_sessions_end_and_the_own_stays(self):
        own, csrf = self.log_in()
        other, _ = self.log_in()
        of_bob, _ = self.log_in("bob")

        self.assertEqual(self.change(csrf, client=own).status_code, 200)

        browsers = (own, other, of_bob)
        statuses = [browser.get("/v1/session").status_code for browser in browsers]
        self.assertEqual(statuses, [200, 404, 200])

    def test_all_sessions_end_when_the_change_comes_without_one(self):
        browser, _ = self.log_in()

        self.change()

        self.assertEqual(browser.get("/v1/session").status_code, 404)

    def test_tokens_and_signing_key_end_and_those_of_others_stay(self):
        of_alice, of_bob = self.make_token(), self.make_token("watchlists:write", BOB)
        for headers in (ALICE, BOB):
            self.client.post("/v1/signing-key", headers=headers)

        self.change()

        refused = self.client.get("/v1/movies/1", headers=of_alice)
        self.assert_challenged(refused)
        self.assertIn('error="invalid_token"', bearer_challenge(refused))
        self.assertEqual(self.client.get("/v1/movies/1", headers=of_bob).status_code, 200)
        for headers, status in ((basic("alice", NEW), 404), (BOB, 200)):
            key = self.client.get("/v1/signing-key", headers=headers)
            self.assertEqual(key.status_code, status)

    def test_wrong_current_password_is_refused(self):
        self.assert_wrong(self.change(current="a guess"), "current")

    def test_password_of_another_user_does_not_do(self):
        self.add_user("kane", "the password of kane")
        self.snapshot = self.database.serialize()

        self.assert_wrong(self.change(basic("kane", "the password of kane")), "current")

    def test_all_that_is_wrong_is_named_and_the_password_is_not(self):
        for values, wrong in (
            ({"new": "7 chars"}, {"new"}),
            ({"new": "password1"}, {"new"}),
            ({"new": "Alice-2026"}, {"new"}),
            ({"new": None, "current": 7}, {"new", "current"}),
            ({"new": " " * 9, "user": "bob"}, {"new", "user"}),
            ({"new": "x" * 1001}, {"new"}),
        ):
            with self.subTest(values=values):
                response = self.change(**values)

                self.assert_wrong(response, *wrong)
                self.assertNotIn(str(values["new"]), response.text)

    def test_stranger_is_refused(self):
        self.assert_challenged(self.change(headers=None))

    def test_token_is_not_enough(self):
        token = self.make_token()

        for url in ("/v1/password", "/v2/password"):
            with self.subTest(url=url):
                response = self.change(token, url)

                self.assert_problem(response, 403, "Forbidden")
                detail = "A token is not enough for this: log in yourself."
                self.assertEqual(response.json["detail"], detail)
                self.assert_logs_in("alice", PASSWORD)

    def test_cookie_needs_the_csrf_token(self):
        browser, _ = self.log_in()

        self.assert_problem(self.change(None, client=browser), 403, "Forbidden")
        self.assert_logs_in("alice", PASSWORD)

    def test_nobody_reads_a_password(self):
        response = self.client.get("/v1/password", headers=ALICE)

        self.assert_problem(response, 405, "Method Not Allowed")
        self.assertEqual(response.headers.get("Allow"), "OPTIONS, PUT")


class OldPasswordTest(PasswordTestCase):
    """What was remembered of a login is out of date when the password is another one."""

    def test_naive_memo_lets_the_old_password_in_and_ours_does_not(self):
        naive = {}

        def naive_login(name, password):
            if (name, password) not in naive:
                naive[name, password] = self.logs_in(name, password)
            return naive[name, password]

        naive_login("alice", PASSWORD)
        self.client.put("/v1/password", json=CHANGE, headers=ALICE)

        self.assertTrue(naive_login("alice", PASSWORD), "for as long as it is remembered")
        self.assert_kept_out("alice", PASSWORD)

    def test_user_of_the_same_name_is_another_one(self):
        self.add_user("kane", "the first of this name")
        self.assert_logs_in("kane", "the first of this name")
        self.app.test_cli_runner().invoke(args=("delete-user", "kane"))
        self.add_user("kane", "the second of this name")

        self.assert_kept_out("kane", "the first of this name")


class OvertakenTest(PasswordTestCase):
    """Looks inside: a change comes while somebody uses the old password.

    The seams are `verify`, `set_password` and `set_signing_key` of `users/credentials`:
    before and after each of them something else may happen.
    """

    def setUp(self):
        super().setUp()
        self.set_password(PASSWORD)  # nobody has come by it yet, so it will be looked at

    def set_password(self, password):
        words = "set-password", "alice", "--password", password
        result = by_another(lambda: self.app.test_cli_runner().invoke(args=words))
        self.assertEqual(result.exit_code, 0, result.output)

    def overtaken(self):
        """Let the password change each time when somebody's old one was just found to be right."""
        verify = credentials.verify

        def verify_and_be_overtaken(*values):
            right = verify(*values)
            self.set_password(NEW)
            return right

        return patch.object(credentials, "verify", verify_and_be_overtaken)

    def test_login_that_is_under_way_is_not_remembered_beyond_the_change(self):
        with self.overtaken():
            self.logs_in("alice", PASSWORD)

        self.assert_kept_out("alice", PASSWORD)

    def test_login_that_is_overtaken_by_a_change_begins_no_session(self):
        with self.overtaken():
            login = {"name": "alice", "password": PASSWORD}
            response = self.client.post("/v1/session", json=login)

        self.assertEqual(response.status_code, 401)
        self.assertEqual(self.client.get("/v1/session").status_code, 404)

    def test_request_that_is_overtaken_leaves_nothing_by_which_to_come_back(self):
        """A thief who has the old password must not be left with a token or a key."""
        for url, body in (("/v1/tokens", TOKEN), ("/v1/signing-key", None)):
            with self.subTest(url=url):
                self.set_password(PASSWORD)
                with self.overtaken():
                    response = self.client.post(url, json=body, headers=ALICE)

                self.assertEqual(response.status_code, 401)
                self.assert_only_the_owner_is_left()

    def test_change_that_is_overtaken_by_another_is_none(self):
        browser, csrf = self.log_in()
        self.keep_hash("alice", PasswordHasher(1, 8, 1).hash("which the thief knows"))
        wanted = {"current": "which the thief knows", "new": "what the thief wants"}

        with self.overtaken():
            response = browser.put("/v1/password", json=wanted, headers=csrf)

        self.assertEqual(response.status_code, 401)
        self.assert_only_the_owner_is_left()

    def assert_only_the_owner_is_left(self):
        self.assert_logs_in("alice", NEW)
        owner = basic("alice", NEW)
        self.assertEqual(self.client.get("/v1/tokens", headers=owner).json, {"tokens": []})
        self.assertEqual(self.client.get("/v1/signing-key", headers=owner).status_code, 404)

    def test_login_in_the_midst_of_a_change_ends_with_it(self):
        browsers, set_password = [], credentials.set_password

        def be_slow(name, password):
            browsers.append(by_another(self.log_in)[0])  # the old password still counts
            set_password(name, password)

        with patch.object(credentials, "set_password", be_slow):
            self.set_password(NEW)

        self.assertEqual(browsers[0].get("/v1/session").status_code, 404)
        self.assert_kept_out("alice", PASSWORD)

    def test_key_that_is_written_in_the_midst_of_a_change_does_not_outlive_it(self):
        """The thief's request comes by the old password, and writes when there is a new one."""
        set_password, set_signing_key = credentials.set_password, credentials.set_signing_key
        answers = []

        def ask_for_a_key():
            return self.client.post("/v1/signing-key", headers=ALICE)

        def be_slow(*values):
            def write_late(name, key):  # the thief was let in, and is overtaken here
                set_password(*values)
                set_signing_key(name, key)

            with patch.object(credentials, "set_signing_key", write_late):
                answers.append(by_another(ask_for_a_key))

        with patch.object(credentials, "set_password", be_slow):
            self.set_password(NEW)

        self.assertEqual(len(answers), 1, "else nothing was tried")
        with self.app.app_context():
            left = credentials.signing_key("alice")
            self.assertIsNone(left, "the thief could go on with this key")

    def test_if_the_change_breaks_off_nobody_is_logged_in_by_the_old_password(self):
        browser, _ = self.log_in()

        with (
            patch.object(credentials, "set_password", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.client.put("/v1/password", json=CHANGE, headers=ALICE)

        self.assertEqual(browser.get("/v1/session").status_code, 404)
        self.assert_logs_in("alice", PASSWORD, "so the change can be made again")


class TwoProcessesTest(ServerTestCase):
    """Two applications on the same databases: neither hears what the other does."""

    def test_change_in_another_process_counts_at_once(self):
        one, other = (self.start("cinema.db").test_client() for _ in range(2))
        for client in (one, other):
            self.assertEqual(client.get("/v1/movies", headers=ALICE).status_code, 200)

        one.put("/v1/password", json=CHANGE, headers=ALICE)

        by_old, by_new = (
            other.get("/v1/movies", headers=headers) for headers in (ALICE, basic("alice", NEW))
        )
        self.assertEqual((by_old.status_code, by_new.status_code), (401, 200))


class ParallelChangeTest(ServerTestCase):
    """Looks inside: what others can do while a slow hash is computed; argon2 is the seam."""

    def test_others_write_while_a_password_is_hashed(self):
        for work in ("hash", "verify"):
            with self.subTest(work):
                self.assertEqual(
                    self.statuses_during(work), {201}, "writers should not have to wait"
                )

    def statuses_during(self, work):
        """Change a password; return how others are answered each time when argon2 is at work."""
        at_work, here, statuses = getattr(PasswordHasher, work), current_thread(), set()
        browser = self.app.test_client()
        login = browser.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        self.assertEqual(login.status_code, 201, "POST /v1/session should log in")
        csrf = {"X-CSRF-Token": login.json["csrf_token"]}

        def write_a_movie():
            movie = METROPOLIS | {"imdb_id": None}
            statuses.add(browser.post("/v1/movies", json=movie, headers=csrf).status_code)

        def write_a_key():
            statuses.add(browser.post("/v1/signing-key", headers=csrf).status_code)

        def be_slow(hasher, *values):
            if current_thread() is here:
                for write in (write_a_movie, write_a_key):
                    other = Thread(target=write, daemon=True)
                    other.start()
                    other.join(10)  # seconds, and then it is found to have no status
                    if other.is_alive():
                        statuses.add("still waiting")
            return at_work(hasher, *values)

        with patch.object(PasswordHasher, work, be_slow):
            self.app.test_client().put("/v1/password", json=CHANGE, headers=BOB)
        return statuses


class DeleteUserTest(PasswordTestCase):
    def run_command(self, *arguments):
        return self.app.test_cli_runner().invoke(args=arguments)

    def test_user_goes_with_all_that_is_theirs(self):
        watchlist = "/v1/watchlists/favourites"
        self.client.put(watchlist, json={"title": "Favourites"}, headers=BOB)
        before = self.client.get("/v1/watchlists").headers.get("ETag", "")

        result = self.run_command("delete-user", "bob")

        self.assertEqual(result.exit_code, 0, result.output)
        self.assert_kept_out("bob", PASSWORD)
        self.assertEqual(self.client.get(watchlist).status_code, 404)
        self.assertNotEqual(self.client.get("/v1/watchlists").headers.get("ETag"), before)
        with self.app.app_context():
            self.assertIsNone(kept_hash("bob"), "no hash of his password should be left")
        self.assert_logs_in("alice", PASSWORD)

    def test_user_who_is_deleted_while_they_write_is_told_to_read_again(self):
        with overtaken_by(lambda: self.run_command("delete-user", "bob"), self.app):
            response = self.client.put("/v1/watchlists/x", json={"title": "X"}, headers=BOB)

        self.assert_problem(response, 412, "Precondition Failed")
        self.assertEqual(self.client.get("/v1/watchlists/x").status_code, 404)

    def test_nobody_cannot_be_deleted(self):
        result = self.run_command("delete-user", "nobody")

        self.assertNotEqual(result.exit_code, 0, "this should be refused")
        self.assertIn("nobody", result.output, "and say who is no user")
        self.assert_nothing_changed()

    def test_credentials_without_a_user_log_nobody_in(self):
        with self.app.app_context():
            credentials.set_password("ghost", NEW)

        self.assert_kept_out("ghost", NEW)
