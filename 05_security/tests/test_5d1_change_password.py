"""5.d1 Password hashes: a password is changed, and what the old one has opened ends."""

from unittest.mock import patch

from cinema.users import credentials
from cinema.users.credentials import stored
from cinema.users.password_hashes import check_password_hash, hash_password
from cinema.users.passwords import change_password, check_password, end_logins, remembered
from flask import g

from tests import ALICE, BOB, METROPOLIS, PASSWORD, basic
from tests.test_5d1_password_hashes import CHANGE, NEW, STORED, PasswordTestCase


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
                self.assertTrue(self.logs_in("alice", NEW))
                self.assertFalse(self.logs_in("alice", PASSWORD))
                self.assertTrue(self.logs_in("bob", PASSWORD), "bob has changed nothing")

    def test_answer_may_be_left_out(self):
        response = self.change(headers=ALICE | {"Prefer": "return=minimal"})

        self.assertEqual((response.status_code, response.data), (204, b""))

    def test_answer_is_not_stored(self):
        self.assertEqual(self.change().headers.get("Cache-Control"), "no-store")

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

    def test_tokens_and_signing_key_end(self):
        wanted = {"name": "a program", "scopes": ["movies:write"]}
        token = self.client.post("/v1/tokens", json=wanted, headers=ALICE).json["token"]
        self.client.post("/v1/signing-key", headers=ALICE)

        self.change()

        bearer = {"Authorization": f"Bearer {token}"}
        self.assertEqual(self.client.get("/v1/movies/1", headers=bearer).status_code, 401)
        key = self.client.get("/v1/signing-key", headers=basic("alice", NEW))
        self.assertEqual(key.status_code, 404)

    def test_wrong_current_password_is_refused(self):
        response = self.change(current="a guess")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json["errors"], {"current": "is not your password"})
        self.assert_nothing_changed()

    def test_password_of_another_user_does_not_do(self):
        self.add_user("kane", "the password of kane")

        response = self.change(basic("kane", "the password of kane"))

        self.assertEqual(response.json["errors"], {"current": "is not your password"})

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

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"].keys(), wrong)
                self.assertNotIn(str(values["new"]), response.text)
        self.assert_nothing_changed()

    def test_stranger_is_refused(self):
        self.assert_challenged(self.change(headers=None))

    def test_token_is_not_enough(self):
        wanted = {"name": "a program", "scopes": ["movies:write"]}
        token = self.client.post("/v1/tokens", json=wanted, headers=ALICE).json["token"]

        response = self.change({"Authorization": f"Bearer {token}"})

        self.assert_problem(response, 403, "Forbidden")
        self.assertTrue(self.logs_in("alice", PASSWORD))

    def test_cookie_needs_the_csrf_token(self):
        browser, _ = self.log_in()

        self.assert_problem(self.change(None, client=browser), 403, "Forbidden")
        self.assertTrue(self.logs_in("alice", PASSWORD))

    def test_nobody_reads_a_password(self):
        response = self.client.get("/v1/password", headers=ALICE)

        self.assert_problem(response, 405, "Method Not Allowed")
        self.assertEqual(response.headers.get("Allow"), "OPTIONS, PUT")


class MemoTest(PasswordTestCase):
    """What is remembered of a login is out of date when the password is another one."""

    def test_naive_memo_lets_the_old_password_in_and_ours_does_not(self):
        naive = {}

        def naive_login(name, password):
            if (name, password) not in naive:
                naive[name, password] = self.logs_in(name, password)
            return naive[name, password]

        naive_login("alice", PASSWORD)
        self.client.put("/v1/password", json=CHANGE, headers=ALICE)

        self.assertTrue(naive_login("alice", PASSWORD), "for as long as it is remembered")
        self.assertFalse(self.logs_in("alice", PASSWORD))

    def test_change_in_another_process_is_known_at_once(self):
        self.logs_in("alice", PASSWORD)
        memory = dict(remembered._cache)  # of this process, which hears nothing of the change
        with self.app.app_context():
            change_password("alice", NEW)

        remembered._cache.update(memory)

        self.assertFalse(self.logs_in("alice", PASSWORD))

    def test_login_that_is_under_way_is_not_remembered_beyond_the_change(self):
        def check_and_be_overtaken(*values):
            right = check_password_hash(*values)
            with self.app.app_context():
                change_password("alice", NEW)
            return right

        with patch(f"{STORED}.check_password_hash", check_and_be_overtaken):
            self.logs_in("alice", PASSWORD)

        self.assertFalse(self.logs_in("alice", PASSWORD))

    def test_login_in_the_midst_of_a_change_ends_with_it(self):
        browsers = []

        def set_password(name, password):
            browsers.append(self.log_in()[0])  # by the old password, which still counts
            stored.set_password(name, password)

        with patch.object(credentials, "set_password", set_password), self.app.app_context():
            change_password("alice", NEW)

        self.assertEqual(browsers[0].get("/v1/session").status_code, 404)
        self.assertFalse(self.logs_in("alice", PASSWORD))

    def test_login_that_is_overtaken_by_a_change_begins_no_session(self):
        def check_and_be_overtaken(*values):
            right = check_password_hash(*values)
            with self.app.app_context():
                change_password("alice", NEW)
            return right

        with patch(f"{STORED}.check_password_hash", check_and_be_overtaken):
            login = {"name": "alice", "password": PASSWORD}
            response = self.client.post("/v1/session", json=login)

        self.assertEqual(response.status_code, 401)
        self.assertEqual(self.client.get("/v1/session").status_code, 404)

    def test_request_that_is_overtaken_by_a_change_leaves_nothing_by_which_to_come_back(self):
        """A thief who has the old password must not be left with a token, a key or a new one."""

        def check_and_be_overtaken(*values):
            user = check_password(*values)
            with self.app.app_context():
                change_password("alice", NEW)
            return user

        token = {"name": "thief", "scopes": ["movies:write"]}
        password = {"current": PASSWORD, "new": "what the thief wants"}
        for method, url, body, where in (
            ("POST", "/v1/tokens", token, "users.authentication.basic"),
            ("POST", "/v1/signing-key", None, "users.authentication.basic"),
            ("PUT", "/v1/password", password, "api.password"),
        ):
            with self.subTest(url=url):
                self.set_back()
                with patch(f"cinema.{where}.check_password", check_and_be_overtaken):
                    response = self.client.open(url, method=method, json=body, headers=ALICE)

                self.assertEqual(response.status_code, 401)
                self.assertTrue(self.logs_in("alice", NEW))
                owner = basic("alice", NEW)
                self.assertEqual(self.client.get("/v1/tokens", headers=owner).json["tokens"], [])
                key = self.client.get("/v1/signing-key", headers=owner)
                self.assertEqual(key.status_code, 404)

    def test_naive_change_lets_a_key_live_that_was_written_in_its_midst_and_ours_does_not(self):
        """A request comes by the old password, and writes when there is a new one."""

        def naive_change(name, password):
            end_logins(name, but="")
            credentials.set_password(name, password)
            end_logins(name, but="")

        def key_of_the_thief(change):
            """Return the status of the thief's request, and the key that is left afterwards."""
            answers = []

            def set_password(*values):
                def write_key(name, key):  # the thief was let in, and is overtaken here
                    stored.set_password(*values)
                    stored.set_signing_key(name, key)

                with patch.object(credentials, "set_signing_key", write_key):
                    answers.append(self.client.post("/v1/signing-key", headers=ALICE))

            with (
                patch.object(credentials, "set_password", set_password),
                self.app.app_context(),
            ):
                change("alice", NEW)
            with self.app.app_context():
                return answers[0].status_code, credentials.signing_key("alice")

        status, key = key_of_the_thief(naive_change)
        self.set_back()

        self.assertEqual(status, 201)
        self.assertIsNotNone(key, "with which the thief could go on")
        self.assertEqual(key_of_the_thief(change_password), (201, None))

    def set_back(self):
        """Let the password be the first one again."""
        with self.app.app_context():
            change_password("alice", PASSWORD)

    def test_user_of_the_same_name_is_another_one(self):
        self.add_user("kane", "the first of this name")
        self.logs_in("kane", "the first of this name")
        self.app.test_cli_runner().invoke(args=("delete-user", "kane"))
        self.add_user("kane", "the second of this name")

        self.assertFalse(self.logs_in("kane", "the first of this name"))

    def test_if_the_change_breaks_off_nobody_is_logged_in_by_the_old_password(self):
        browser, _ = self.log_in()

        with (
            patch.object(credentials, "set_password", side_effect=KeyboardInterrupt),
            self.app.app_context(),
            self.assertRaises(KeyboardInterrupt),
        ):
            change_password("alice", NEW)

        self.assertEqual(browser.get("/v1/session").status_code, 404)
        self.assertTrue(self.logs_in("alice", PASSWORD), "and the change can be made again")


class DeleteUserTest(PasswordTestCase):
    def run_command(self, *arguments):
        return self.app.test_cli_runner().invoke(args=arguments)

    def test_user_goes_with_all_that_is_theirs(self):
        watchlist = "/v1/watchlists/favourites"
        self.client.put(watchlist, json={"title": "Favourites"}, headers=BOB)
        before = self.client.get("/v1/watchlists").headers.get("ETag")

        result = self.run_command("delete-user", "bob")

        self.assertEqual((result.exit_code, result.output), (0, "bob is no user any more.\n"))
        self.assertFalse(self.logs_in("bob", PASSWORD))
        self.assertEqual(self.client.get(watchlist).status_code, 404)
        self.assertNotEqual(self.client.get("/v1/watchlists").headers.get("ETag"), before)
        with self.app.app_context():
            self.assertIsNone(stored.find("bob"))
        self.assertTrue(self.logs_in("alice", PASSWORD))

    def test_nobody_cannot_be_deleted(self):
        result = self.run_command("delete-user", "nobody")

        self.assertEqual(result.output, "Error: There is no user nobody.\n")
        self.assert_nothing_changed()

    def test_credentials_without_a_user_log_nobody_in(self):
        with self.app.app_context():
            credentials.set_password("ghost", NEW)

        self.assertFalse(self.logs_in("ghost", NEW))


class ParallelChangeTest(PasswordTestCase):
    def test_movies_are_still_written_while_passwords_are_hashed(self):
        """The slow hash stands in no block in which writers wait for each other."""
        blocks = []

        def note(*values):
            blocks.append(set(g.get("writing", ())))
            return hash_password(*values)

        with patch(f"{STORED}.hash_password", note):
            self.client.put("/v1/password", json=CHANGE, headers=ALICE)

        self.assertEqual(blocks, [set()])
        self.assertEqual(
            self.client.post(
                "/v1/movies", json=METROPOLIS, headers=basic("alice", NEW)
            ).status_code,
            201,
        )
