"""6.4 Authentication: each mechanism lets in whom it must, and keeps out all others.

Success is one case, failure is many: so the tables below are of what must not happen.
"""

from base64 import b64encode

from cinema.data.database import db, writing
from cinema.users.user import User

from . import ALICE, BOB, PASSWORD, ApiTestCase, basic
from .credentials import (
    ISSUER,
    WAYS,
    challenge_of,
    in_base64,
    issuer_without_a_network,
    later,
    new_key,
    own_token,
)
from .seams import COSTLY, work_of

MINE = "/v1/watchlists/mine"
LIST = {"title": "Mine"}
NEW_PASSWORD = "a sled named Rosebud"


class AuthenticationTestCase(ApiTestCase):
    """An application that knows who issues tokens."""

    def setUp(self):
        super().setUp()
        self.enterContext(issuer_without_a_network(self.app))

    def get(self, headers):
        return self.client.get("/v1/movies/1", headers=headers)

    def log_in(self, browser=None, name="bob", password=PASSWORD, headers=None, **members):
        body = {"name": name, "password": password} | members
        return (browser or self.client).post("/v1/session", json=body, headers=headers)

    def command(self, *words):
        """Do as an administrator would."""
        result = self.app.test_cli_runner().invoke(args=words)
        self.assertEqual(result.exit_code, 0, result.output)

    def assert_refused(self, response, code=21):
        """Check that an answer is a 401 that says which credentials would do, kept by nobody."""
        self.assert_challenged(response)
        self.assertEqual(response.json.get("code"), code)
        self.assertEqual(response.headers.get("Cache-Control"), "no-store")
        of_tokens = challenge_of(response, "Bearer")
        self.assertEqual('error="invalid_token"' in of_tokens, code == 22, of_tokens)


class EveryWayTest(AuthenticationTestCase):
    """What is true of all five ways to say who one is."""

    def setUp(self):
        super().setUp()
        self.sends = {way: make(self.app, "bob") for way, make in WAYS.items()}

    def test_each_says_who_is_asking(self):
        for way, send in self.sends.items():
            with self.subTest(way):
                url = f"/v1/watchlists/{way.replace(' ', '-')}"

                response = send(url, method="PUT", json=LIST)

                self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_stranger_is_asked_for_credentials(self):
        response = self.client.put(MINE, json=LIST)

        self.assert_refused(response, code=20)

    def test_challenge_leads_to_who_issues_tokens(self):
        challenge = challenge_of(self.client.put(MINE, json=LIST), "Bearer")
        _, _, metadata = challenge.partition('resource_metadata="http://localhost')

        response = self.client.get(metadata.rstrip('"'))

        self.assertEqual(response.json["authorization_servers"], [ISSUER])

    def test_none_does_more_than_its_user_may(self):
        for way, send in self.sends.items():
            with self.subTest(way):
                response = send("/v1/movies/1", method="DELETE")

                self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(self.get({}).status_code, 200, "the movie should still be there")

    def test_role_is_the_one_of_now(self):
        editors = {way: make(self.app, "alice") for way, make in WAYS.items()}
        request = {"path": "/v1/movies/1", "method": "PATCH", "json": {"year": 1941}}
        before = [send(**request).status_code for send in editors.values()]

        with self.app.app_context(), writing():
            db.session.get(User, "alice").role = "member"

        self.assertEqual(before, [200] * 5, "else it proves nothing that they may not do it now")
        for way, send in editors.items():
            with self.subTest(way):
                self.assert_problem(send(**request), 403, "Forbidden")

    def test_each_ends_with_its_user(self):
        for send in self.sends.values():
            send("/v1/movies/1")  # each has been good, and may be remembered

        self.command("delete-user", "bob")

        for way, send in self.sends.items():
            with self.subTest(way):
                self.assert_challenged(send(MINE, method="PUT", json=LIST))

    def test_new_password_ends_all_that_the_old_one_has_opened(self):
        del self.sends["access token"]  # is the authorization server's, and over in five minutes
        for send in self.sends.values():
            send("/v1/movies/1")

        self.command("set-password", "bob", "--password", NEW_PASSWORD)

        for way, send in self.sends.items():
            with self.subTest(way):
                self.assert_challenged(send(MINE, method="PUT", json=LIST))
        self.assertEqual(self.get(basic("bob", NEW_PASSWORD)).status_code, 200)
        self.assertEqual(self.get(ALICE).status_code, 200, "others keep what they have")

    def test_nobody_reads_the_secrets_in_a_stolen_database(self):
        token, key = own_token(self.app, "bob"), new_key(self.app, "alice")
        self.log_in()
        stolen = self.database.serialize()

        with self.client.session_transaction() as session:
            secrets = [PASSWORD, token, token.removeprefix("cinema_"), session["token"]]
        for secret in secrets:
            self.assertNotIn(secret.encode(), stolen, "keep a hash of it")
        self.assertNotIn(key, stolen.parts[0], "keep it where the passwords are")


class PasswordTest(AuthenticationTestCase):
    """Basic: a name and a password with each request (RFC 7617)."""

    def test_right_password_is_let_in(self):
        response = self.client.put(MINE, json=LIST, headers=BOB)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_wrong_password_and_unknown_user_are_told_the_same(self):
        answers = []
        for name, password in (
            ("bob", "wrong"),
            ("bob", ""),
            ("bob", PASSWORD[:-1]),
            ("bob", f"{PASSWORD} "),
            ("bob", PASSWORD.upper()),
            ("nobody", PASSWORD),
            ("Bob", PASSWORD),
            ("", PASSWORD),
            ("' OR 1=1 --", "x"),
        ):
            with self.subTest(name=name, password=password):
                response = self.get(basic(name, password))

                self.assert_refused(response)
                answers.append(response.data)
        self.assertEqual(len(set(answers)), 1, "no answer should tell who is a user")

    def test_malformed_credentials_are_refused(self):
        for sent in (
            "",
            "x",
            "====",
            in_base64(b"bob"),  # has no colon
            b64encode(b"bob:\xff").decode(),  # is not UTF-8
            b64encode(b"bob:a\nb").decode(),
            b64encode(f"bob:{PASSWORD}".encode()).decode()[:-2],
        ):
            with self.subTest(sent):
                self.assert_refused(self.get({"Authorization": f"Basic {sent}"}))

    def test_right_password_opens_the_door_for_no_other(self):
        self.get(BOB)

        self.assert_refused(self.get(basic("bob", "wrong")))
        self.assert_refused(self.get(basic("nobody")))

    def change_password(self, new, current=PASSWORD):
        change = {"current": current, "new": new}
        return self.client.put("/v1/password", json=change, headers=BOB)

    def test_own_password_is_changed_by_who_knows_it(self):
        for new in (NEW_PASSWORD, "colon: and : colon", "schlüssel 🗝", f" {NEW_PASSWORD} "):
            with self.subTest(new):
                self.begin_again()

                response = self.change_password(new)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(self.get(basic("bob", new)).status_code, 200)
                self.assert_refused(self.get(BOB))

    def test_password_that_is_guessed_first_is_refused(self):
        for new in (
            "password1",
            "Password1",
            "PASSWORD1",
            "12345678",
            "bob12345",
            "short",
            " " * 9,
        ):
            with self.subTest(new):
                response = self.change_password(new)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["new"])
        self.assert_nothing_changed()

    def test_open_login_is_not_enough_for_a_new_password(self):
        response = self.change_password(NEW_PASSWORD, current="a guess")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(list(response.json["errors"]), ["current"])
        self.assert_nothing_changed()


class WorkTest(AuthenticationTestCase):
    """Looks inside: whether a slow hash is computed, by the seconds of the processor."""

    settings = COSTLY

    def work_of(self, headers):
        return work_of(lambda: self.get(headers))

    def test_wrong_password_and_unknown_user_cost_the_same(self):
        of_bob, of_nobody = (self.work_of(basic(name, "wrong")) for name in ("bob", "nobody"))

        self.assertGreater(of_nobody / of_bob, 1 / 2, "the clock tells that there is no such user")
        self.assertLess(of_nobody / of_bob, 2, "the clock tells that there is no such user")

    def test_malformed_credentials_cost_nothing(self):
        work = self.work_of(basic("bob", "wrong"))

        for sent in ("Basic", "Basic ====", f"Basic {in_base64(b'bob')}"):
            with self.subTest(sent):
                self.assertLess(self.work_of({"Authorization": sent}), work / 2)


class GuessTest(AuthenticationTestCase):
    settings = {"FAILED_LOGINS": "3 per minute"}

    def get(self, headers):
        """Ask from an address that no other test has."""
        address = {"REMOTE_ADDR": "192.0.2.64"}
        return self.client.get("/v1/movies/1", headers=headers, environ_overrides=address)

    def test_who_guesses_has_to_wait_even_with_the_right_password(self):
        for name in ("bob", "nobody"):
            guesses = [self.get(basic(name, "guess")).status_code for _ in range(4)]
            self.assertEqual(guesses, [401, 401, 401, 429], "whoever they guess at")

        too_early = self.get(BOB)
        with later(seconds=61):
            in_time = self.get(BOB)

        self.assert_problem(too_early, 429, "Too Many Requests")
        self.assertRegex(too_early.headers.get("Retry-After", ""), "^[1-9]")
        self.assertEqual(in_time.status_code, 200)
