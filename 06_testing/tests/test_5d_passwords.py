"""5.d Storing passwords: slow and salted hashes, and no password that is guessed first."""

import hashlib
import unicodedata
from unittest.mock import patch

from argon2 import PasswordHasher, extract_parameters
from cinema.config import DEFAULTS
from cinema.data.database import CREDENTIALS, writing
from cinema.http.rate_limits import Limits
from cinema.users import credentials, password_rules
from cinema.users.commands import add_user
from cinema.users.credentials import stored
from cinema.users.password_hashes import (
    check_password_hash,
    hash_of_nothing,
    hash_password,
    is_outdated,
)
from cinema.users.password_rules import check_new_password, common_passwords
from cinema.users.passwords import change_password, check_password, end_logins, remembered
from flask import g
from sqlalchemy import text
from werkzeug.security import generate_password_hash

from tests import ALICE, BOB, METROPOLIS, PASSWORD, ApiTestCase, basic

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


class RulesTest(PasswordTestCase):
    """What may be a password."""

    def refusal(self, password, name="kane"):
        try:
            check_new_password(password, name)
        except ValueError as error:
            return str(error)
        return None

    def test_passwords_of_8_to_1000_characters_are_taken(self):
        for password in (
            "r0sebud!",
            "東京物語東京物語",
            "x" * 64,
            "ö" * 1000,
            " two spaces ",
            "🛷" * 8,
        ):
            with self.subTest(password=password[:20]):
                self.assertIsNone(self.refusal(password))

    def test_shorter_longer_blank_and_unprintable_ones_are_refused(self):
        decomposed = unicodedata.normalize("NFD", "éééé")  # 8 code points, 4 characters
        for password in (
            "",
            "7 chars",
            "x" * 1001,
            " " * 8,
            "in\nthe snow",
            "a\x7fb" * 4,
            "\0" * 8,
        ):
            with self.subTest(password=password[:20]):
                self.assertIn("8 to 1000 characters", self.refusal(password))
        self.assertIn("8 to 1000 characters", self.refusal(decomposed))
        self.assertIn("8 to 1000 characters", self.refusal("half a \ud83d smile"))

    def test_common_passwords_are_refused_however_they_are_written(self):
        for password in ("password", "PassWord", "12345678", "IloveYou", "TRUSTNO1"):
            with self.subTest(password=password):
                self.assertIn("guessed first", self.refusal(password))

    def test_own_name_is_refused_with_ornaments_too(self):
        for password in ("kane-kane", "Kane-Kane", "kane-kane2026!", "1kane-kane"):
            with self.subTest(password=password):
                self.assertIn("user's name", self.refusal(password, "kane-kane"))
                self.assertIsNone(self.refusal(password, "susan"))

    def test_list_ships_with_its_source_and_licence(self):
        head = password_rules.COMMON.read_text(encoding="utf-8")[:2000]

        self.assertIn("zxcvbn 4.5.0", head)
        self.assertIn("MIT License", head)
        self.assertEqual(len(common_passwords()), 10_000)
        self.assertEqual({each for each in common_passwords() if len(each) < 8}, set())
        self.assertTrue(all(each == each.casefold() for each in common_passwords()))

    def test_command_line_has_the_same_rules(self):
        for command, name in (("create-user", "kane-kane"), ("set-password", "alice")):
            for password in ("7 chars", "Password1", f"{name}12345"):
                with self.subTest(command=command, password=password):
                    result = self.app.test_cli_runner().invoke(
                        args=(command, name, "--password", password)
                    )

                    self.assertEqual(result.exit_code, 2)
                    self.assertIn("--password: a password is ", result.output)
        self.assert_nothing_changed()

    def test_first_users_get_their_password_by_the_same_way(self):
        with (
            patch.object(credentials, "set_password") as set_password,
            self.app.app_context(),
            writing(),
        ):
            add_user("kane", "member", NEW)

        set_password.assert_called_once_with("kane", NEW)


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
        self.assertEqual(self.change().headers["Cache-Control"], "no-store")

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
        self.assertEqual(response.headers["Allow"], "OPTIONS, PUT")


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
        before = self.client.get("/v1/watchlists").headers["ETag"]

        result = self.run_command("delete-user", "bob")

        self.assertEqual((result.exit_code, result.output), (0, "bob is no user any more.\n"))
        self.assertFalse(self.logs_in("bob", PASSWORD))
        self.assertEqual(self.client.get(watchlist).status_code, 404)
        self.assertNotEqual(self.client.get("/v1/watchlists").headers["ETag"], before)
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
