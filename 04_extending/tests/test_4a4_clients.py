"""4.a4 OAuth 2: programs that act for themselves, and how clients are registered."""

import re
from unittest import TestCase, mock

from click import ClickException

from tests.lesson import made_in
from tests.oauth import (
    CALLBACK,
    PASSWORD,
    ROBOT,
    ROBOT_SECRET,
    SETTINGS,
    WEB_CLIENT,
    OAuthTestCase,
    basic,
)
from tests.users import challenges, told

with made_in("4.a4"):
    from authorization_server import create_app


class ClientCredentialsTest(OAuthTestCase):
    """A program that acts for itself, with a secret of its own."""

    def test_robot_gets_a_token_for_itself(self):
        answer = self.ask_as_robot()

        self.assert_status(answer, 200)
        self.assertEqual(
            answer.json,
            {
                "token_type": "Bearer",
                "access_token": mock.ANY,
                "expires_in": 300,
                "scope": "movies:write",
            },
        )
        claims = self.claims(told(answer, "access_token"))
        self.assertEqual(claims.get("sub"), "cinema-robot", "it acts for itself")
        self.assertEqual(claims.get("client_id"), "cinema-robot")

    def test_robot_gets_no_more_than_it_is_registered_for(self):
        answer = self.ask_as_robot(scope="movies:write watchlists:write")

        self.assert_error(answer, 400, "invalid_scope")

    def test_wrong_credentials_get_the_same_answer_whatever_is_wrong(self):
        form = {"grant_type": "client_credentials"}

        wrong_secret, no_client, public, nothing = (
            self.client.post("/token", data=form, headers=headers)
            for headers in (
                basic("cinema-robot", "guessed"),
                basic("nobody", "guessed"),
                basic("movie-night", ""),
                {},
            )
        )

        self.assert_error(wrong_secret, 401, "invalid_client")
        self.assertIn("basic", challenges(wrong_secret), "it should name what would do")
        self.assertEqual(wrong_secret.data, no_client.data)
        self.assertEqual(wrong_secret.data, public.data)
        self.assertEqual(wrong_secret.data, nothing.data)

    def test_secret_may_be_form_encoded(self):
        headers = basic("cinema%2Drobot", ROBOT_SECRET.replace(" ", "+").replace("'", "%27"))

        answer = self.client.post(
            "/token", data={"grant_type": "client_credentials"}, headers=headers
        )

        self.assert_status(answer, 200)

    def test_scheme_is_written_in_any_case(self):
        for scheme in ("basic", "BASIC", "Basic"):
            with self.subTest(scheme=scheme):
                value = ROBOT["Authorization"].replace("Basic", scheme)

                answer = self.client.post(
                    "/token",
                    data={"grant_type": "client_credentials"},
                    headers={"Authorization": value},
                )

                self.assert_status(answer, 200, "a scheme has no case")

    def test_scope_of_nothing_is_refused(self):
        self.assert_error(self.ask_as_robot(scope=" "), 400, "invalid_scope")

    def test_public_client_cannot_act_for_itself(self):
        form = {"grant_type": "client_credentials", "client_id": "movie-night"}

        self.assert_error(self.client.post("/token", data=form), 401, "invalid_client")

    def test_client_that_acts_for_users_cannot_act_for_itself(self):
        self.add_client(**WEB_CLIENT)
        form = {"grant_type": "client_credentials"}

        answer = self.client.post("/token", data=form, headers=basic("web", "secret"))

        self.assert_error(answer, 400, "unauthorized_client")


class RefusedGrantsTest(OAuthTestCase):
    """What OAuth 2.1 has left out, and why."""

    def test_implicit_grant_which_puts_tokens_into_addresses_is_refused(self):
        for response_type in ("token", "code token", "id_token"):
            with self.subTest(response_type):
                answer = self.ask(response_type=response_type)

                self.assert_told_client(answer, "unsupported_response_type")

    def test_response_type_that_is_missing_is_an_invalid_request(self):
        for response_type in (None, ""):
            with self.subTest(response_type):
                answer = self.ask(response_type=response_type)

                self.assert_told_client(answer, "invalid_request")

    def test_grant_type_that_is_missing_is_an_invalid_request(self):
        for form in ({}, {"grant_type": ""}):
            with self.subTest(form=form):
                self.assert_error(self.client.post("/token", data=form), 400, "invalid_request")

    def test_password_grant_which_gives_passwords_to_clients_is_refused(self):
        form = {"grant_type": "password", "username": "alice", "password": PASSWORD}

        answer = self.client.post("/token", data=form, headers=ROBOT)

        self.assert_error(answer, 400, "unsupported_grant_type")


class ClientCommandsTest(OAuthTestCase):
    """Clients are registered by who runs the server."""

    def run_command(self, *arguments):
        return self.app.test_cli_runner(catch_exceptions=False).invoke(args=arguments)

    def test_seeding_twice_changes_nothing(self):
        result = self.run_command("seed")

        self.assertEqual(result.exit_code, 0, result.output)
        self.assert_status(self.ask_as_robot(), 200)

    def test_public_client_is_created(self):
        result = self.run_command(
            "create-client", "phone", "--redirect-uri", CALLBACK, "--scope", "watchlists:read"
        )

        self.assertEqual(result.exit_code, 0, result.output)
        self.assertIn("phone", result.output, "it should tell the client_id")
        self.assert_status(self.ask(client_id="phone", scope=None), 200)

    def test_confidential_client_is_created_with_a_secret(self):
        result = self.run_command(
            "create-client", "worker", "--confidential", "--scope", "movies:write"
        )
        shown = re.search(r"client_secret: (\S+)", result.output)
        self.assertIsNotNone(shown, f"it should show the secret once: {result.output}")
        secret = shown[1]

        answer = self.client.post(
            "/token", data={"grant_type": "client_credentials"}, headers=basic("worker", secret)
        )

        self.assert_status(answer, 200)

    def test_client_is_refused(self):
        scope = ("--scope", "movies:write")
        for arguments in (
            ("phone", *scope),  # neither a redirect URI nor a secret
            ("phone", "--redirect-uri", CALLBACK),  # no scope
            ("phone", "--redirect-uri", CALLBACK, "--scope", "everything"),
            ("phone", "--redirect-uri", "http://attacker.example/callback", *scope),
            ("phone", "--redirect-uri", f"{CALLBACK}#fragment", *scope),
            ("phone", "--redirect-uri", "javascript:alert(1)", *scope),
            ("Phone Number", "--redirect-uri", CALLBACK, *scope),
            ("movie-night", "--redirect-uri", CALLBACK, *scope),  # is there
            ("alice", "--redirect-uri", CALLBACK, *scope),  # is a user's name
        ):
            with self.subTest(arguments):
                result = self.run_command("create-client", *arguments)

                self.assertNotEqual(result.exit_code, 0)
                self.assertIn("Error: ", result.output)


class StartTest(TestCase):
    """What is wrong with the settings is said at the start."""

    def test_issuer_without_tls_on_a_network_is_refused(self):
        with self.assertRaises(ClickException) as refusal:
            create_app(SETTINGS | {"AUTHORIZATION_SERVER_URL": "http://auth.example"})

        self.assertIn("https://", refusal.exception.message)
