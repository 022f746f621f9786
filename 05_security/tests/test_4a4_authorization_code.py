"""4.a4 OAuth 2: codes, which a client trades for tokens; PKCE; where the browser is sent."""

from unittest import mock
from urllib.parse import urlsplit

from cinema.data.database import db, writing
from cinema.users.user import User

from tests import all_at_once
from tests.lesson import made_in
from tests.oauth import (
    ATTACKER,
    AUDIENCE,
    CALLBACK,
    ISSUER,
    REQUEST,
    VERIFIER,
    WEB_CLIENT,
    FileTestCase,
    OAuthTestCase,
    basic,
    parameters_of,
)

with made_in("4.a4"):
    from authorization_server.data.clients import Client
    from authorization_server.oauth.grants import AuthorizationCodeGrant


class AuthorizationCodeTest(OAuthTestCase):
    """The dance: the browser comes with a question and goes back with a code."""

    def test_whole_dance_gives_tokens(self):
        question = self.ask()
        back = self.log_in()
        consent = self.browser.get(self.place_of(back))
        answer = self.submit(consent, "/authorize", {"decision": "allow"})
        tokens = self.trade(self.code_in(answer))

        self.assert_asks_for_password(question)
        self.assert_status(back, 303)
        self.assert_asks_for_consent(consent)
        self.assert_status(answer, 303)
        self.assert_status(tokens, 200)
        self.assertEqual(
            tokens.json,
            {
                "token_type": "Bearer",
                "access_token": mock.ANY,
                "expires_in": 300,
                "refresh_token": mock.ANY,
                "scope": "watchlists:read watchlists:write",
            },
        )

    def test_answer_brings_back_the_state_and_says_who_answers(self):
        told = parameters_of(self.decide("allow"))

        self.assertEqual(told, {"code": mock.ANY, "state": "a state", "iss": ISSUER})

    def test_token_answer_is_never_stored(self):
        answer = self.trade(self.get_code())

        self.assert_not_stored(answer)

    def test_token_says_for_whom_from_whom_and_for_what_it_is(self):
        token = self.read(self.get_tokens()["access_token"])

        kid = self.key().get("kid")
        self.assertEqual(token.header, {"typ": "at+jwt", "alg": "ES256", "kid": kid})
        self.assertEqual(
            token.claims,
            {
                "iss": ISSUER,
                "aud": AUDIENCE,
                "sub": "alice",
                "client_id": "movie-night",
                "scope": "watchlists:read watchlists:write",
                "iat": mock.ANY,
                "exp": mock.ANY,
                "jti": mock.ANY,
            },
        )
        self.assertEqual(token.claims["exp"], token.claims["iat"] + 300, "five minutes")

    def test_no_two_tokens_have_the_same_id(self):
        first, second = (self.claims(self.get_tokens()["access_token"]) for _ in range(2))

        self.assertNotEqual(first.get("jti"), second.get("jti"))

    def test_user_may_deny(self):
        answer = self.decide("deny")

        self.assert_told_client(answer, "access_denied")

    def test_login_is_for_one_decision(self):
        self.decide("deny")

        self.assert_asks_for_password(self.ask())

    def test_login_does_not_last(self):
        self.log_in()

        self.later(601)

        self.assert_asks_for_password(self.ask())

    def test_redirect_uri_may_be_left_out_if_there_is_but_one(self):
        code = self.get_code(redirect_uri=None)

        self.assert_status(self.trade(code, redirect_uri=None), 200)

    def test_redirect_uri_must_be_given_if_there_are_several(self):
        uris = [CALLBACK, "https://phone.example/callback"]
        self.add_client(id="phone", redirect_uris=uris, scope="watchlists:read")

        self.assert_told_user_only(self.ask(client_id="phone", redirect_uri=None, scope=None))

    def test_code_lasts_a_minute(self):
        code = self.get_code()

        self.later(61)

        self.assert_error(self.trade(code), 400, "invalid_grant")

    def test_code_that_nobody_gave_is_refused(self):
        self.assert_error(self.trade("guessed"), 400, "invalid_grant")

    def test_code_is_for_the_redirect_uri_that_it_was_sent_to(self):
        answer = self.trade(self.get_code(), redirect_uri=f"{CALLBACK}/2")

        self.assert_error(answer, 400, "invalid_grant")

    def test_code_is_for_the_client_that_asked_for_it(self):
        self.add_client(id="other", redirect_uris=[CALLBACK], scope="watchlists:read")

        answer = self.trade(self.get_code(), client_id="other")

        self.assert_error(answer, 400, "invalid_grant")

    def test_code_works_once_and_its_second_use_takes_back_what_the_first_gave(self):
        code = self.get_code()
        tokens = self.tokens_in(self.trade(code))

        self.assert_error(self.trade(code), 400, "invalid_grant")
        self.assert_error(self.refresh(tokens["refresh_token"]), 400, "invalid_grant")
        self.assert_dead(tokens["access_token"])

    def test_confidential_client_needs_its_secret_too(self):
        self.add_client(**WEB_CLIENT)
        code = self.get_code(client_id="web", scope=None)

        without = self.trade(code, client_id="web")
        wrong = self.trade(code, client_id=None, headers=basic("web", "guessed"))
        right = self.trade(code, client_id=None, headers=basic("web", "secret"))

        self.assert_error(without, 401, "invalid_client")
        self.assert_error(wrong, 401, "invalid_client")
        self.assert_status(right, 200)

    def test_code_ends_with_its_user(self):
        code = self.get_code()
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, "alice"))

        self.assert_error(self.trade(code), 400, "invalid_grant")


class PkceTest(OAuthTestCase):
    """A code that falls into wrong hands is of no use there (RFC 7636)."""

    def test_request_without_challenge_is_refused(self):
        answer = self.ask(code_challenge=None, code_challenge_method=None)

        self.assert_told_client(answer, "invalid_request")

    def test_plain_challenge_is_refused(self):
        for method in ("plain", None):  # plain is what the RFC means by none
            with self.subTest(method):
                answer = self.ask(code_challenge=VERIFIER, code_challenge_method=method)

                self.assert_told_client(answer, "invalid_request")

    def test_challenge_that_cannot_be_one_is_refused(self):
        self.assert_told_client(self.ask(code_challenge="short"), "invalid_request")

    def test_confidential_client_needs_a_challenge_too(self):
        self.add_client(**WEB_CLIENT)

        answer = self.ask(
            client_id="web", scope=None, code_challenge=None, code_challenge_method=None
        )

        self.assert_told_client(answer, "invalid_request")

    def test_missing_verifier_is_refused(self):
        answer = self.trade(self.get_code(), code_verifier=None)

        self.assert_error(answer, 400, "invalid_request")

    def test_wrong_verifier_is_refused(self):
        answer = self.trade(self.get_code(), code_verifier=VERIFIER[::-1])

        self.assert_error(answer, 400, "invalid_grant")


class RedirectTest(OAuthTestCase):
    """A browser is sent nowhere but to a client's own address, written exactly so."""

    def test_other_redirect_uris_are_refused_here(self):
        for uri in (
            ATTACKER,
            f"{CALLBACK}/",
            f"{CALLBACK}?next={ATTACKER}",
            f"{CALLBACK}#fragment",
            f"{CALLBACK}/../other",
            "http://127.0.0.1:8204/Callback",
            "http://127.0.0.1:8204",
            "http://127.0.0.1:8204@attacker.example/callback",
            "http://127.0.0.1:8204.attacker.example/callback",
            "http://localhost:8204/callback",
            "https://127.0.0.1:8204/callback",
            "http://127.0.0.1:820400/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:82x4/callback",
            "http://127.0.0.2:8204/callback",
            "http://user@127.0.0.1:8204/callback",
            "http://[::1]:8204/callback",
            "//attacker.example",
            "javascript:alert(1)",
            "http://127.0.0.1:8204/callback%00",
            'http://127.0.0.1:8204/callback"',
            "http://127.0.0.1:8204\\@attacker.example/callback",
            "http://127.0.0.1:8204/cällback",
        ):
            with self.subTest(uri):
                self.assert_told_user_only(self.ask(redirect_uri=uri))

    def test_program_on_this_machine_may_listen_at_any_port(self):
        for port in (":49152", ":1", ""):
            with self.subTest(port):
                uri = f"http://127.0.0.1{port}/callback"

                code = self.get_code(redirect_uri=uri)

                self.assert_status(self.trade(code), 400, "the code was not sent there")
                code = self.get_code(redirect_uri=uri)
                self.assert_status(self.trade(code, redirect_uri=uri), 200)

    def test_port_of_a_web_site_counts(self):
        uris = ["https://app.example/callback", "https://127.0.0.1:8204/callback"]
        self.add_client(id="site", redirect_uris=uris, scope="watchlists:read")
        for uri in ("https://app.example:444/callback", "https://127.0.0.1:9/callback"):
            with self.subTest(uri):
                self.assert_told_user_only(self.ask(client_id="site", redirect_uri=uri, scope=None))

    def test_errors_are_not_sent_to_other_addresses_either(self):
        for changes in (
            {"response_type": "token"},
            {"response_type": None},
            {"scope": "everything"},
            {"code_challenge": None},
        ):
            with self.subTest(changes):
                self.assert_told_user_only(self.ask(redirect_uri=ATTACKER, **changes))

    def test_unknown_client_is_told_to_the_user_only(self):
        for client_id in ("unknown", None, ""):
            with self.subTest(client_id):
                self.assert_told_user_only(self.ask(client_id=client_id))

    def test_client_without_redirect_uri_cannot_ask_users(self):
        self.assert_told_user_only(self.ask(client_id="cinema-robot", scope=None))

    def test_repeated_parameter_is_told_to_the_user_only(self):
        for repeated in REQUEST.items():
            with self.subTest(repeated):
                query = [*REQUEST.items(), repeated]

                self.assert_told_user_only(self.browser.get("/authorize", query_string=query))

    def test_login_leads_back_to_our_own_page_only(self):
        tricks = {"_external": "1", "_scheme": "javascript", "next": ATTACKER, "//": ATTACKER}

        answer = self.log_in(**tricks)

        self.assertEqual((answer.location or "").partition("?")[0], "/authorize")

    def test_page_does_not_tell_its_address_to_others(self):
        self.assertEqual(self.ask().headers.get("Referrer-Policy"), "no-referrer")
        self.assertEqual(self.decide("allow").headers.get("Referrer-Policy"), "no-referrer")


class RaceTest(FileTestCase):
    """Requests that come all at once."""

    def test_code_gives_tokens_to_one(self):
        code = self.get_code()

        answers = all_at_once([lambda: self.trade(code)] * 4)

        self.assertEqual(sorted(answer.status_code for answer in answers), [200, 400, 400, 400])


class NaiveServerTest(OAuthTestCase):
    """Attacks that work on a naive server, and not on ours.

    This looks inside: at the grants and the clients that `put_in_place` and a patch make naive.
    """

    def test_attack_with_an_intercepted_code_works_without_pkce_and_fails_with_it(self):
        def steal():
            code = self.get_code()  # seen by the attacker, in a log or on the way
            return self.trade(code, code_verifier="what-the-attacker-makes-up-" + "0" * 20)

        ours = steal()
        self.put_in_place(AuthorizationCodeGrant)  # and no ProofKey
        naive = steal()

        self.assertIn("access_token", naive.json)
        self.assert_error(ours, 400, "invalid_grant")

    def test_attack_on_loosely_compared_redirect_uris(self):
        trap = "http://127.0.0.1:8204@attacker.example/"  # a user name, as browsers read it

        def begins_well(_client, uri):
            return uri.startswith("http://127.0.0.1:8204")

        ours = self.ask(redirect_uri=trap)
        with mock.patch.object(Client, "check_redirect_uri", begins_well):
            naive = self.decide("allow", redirect_uri=trap)

        self.assertEqual(urlsplit(naive.location).hostname, "attacker.example")
        self.assertIn("code", parameters_of(naive))
        self.assert_told_user_only(ours)
