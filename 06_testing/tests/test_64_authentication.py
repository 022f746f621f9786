"""6.4 Authentication: each mechanism lets in whom it must, and keeps out all others.

Success is one case, failure is many: so the tables below are of what must not happen.
"""

import hmac
import time
from base64 import b64encode
from datetime import timedelta
from unittest.mock import patch

from cinema.data.database import db, writing
from cinema.http.rate_limits import Limits
from cinema.users.password_hashes import check_password_hash
from cinema.users.passwords import change_password, remembered
from cinema.users.sessions import LIFE, REMEMBERED_LIFE
from cinema.users.user import User
from flask import Flask
from joserfc.jwk import ECKey

from . import ALICE, BOB, METROPOLIS, PASSWORD, ApiTestCase, basic
from .credentials import (
    HEADER,
    ISSUER,
    ISSUERS_KEY,
    WAYS,
    access_token,
    bearer,
    forged,
    in_base64,
    issuer_without_a_network,
    later,
    new_key,
    own_token,
    signed,
)

MINE = "/v1/watchlists/mine"
LIST = {"title": "Mine"}
NEW_PASSWORD = "a sled named Rosebud"
SECOND = timedelta(seconds=1)
EVIL = "https://evil.example"


class AuthenticationTestCase(ApiTestCase):
    """An application that has checked no password yet, and knows who issues tokens."""

    def setUp(self):
        super().setUp()
        remembered.clear()
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

    def count_slow_hashes(self):
        """Return what counts how often a password is compared, which is what takes the time."""
        counted = patch(
            "cinema.users.credentials.stored.check_password_hash", wraps=check_password_hash
        )
        return self.enterContext(counted)

    def assert_refused(self, response, code=21):
        """Check that an answer is a 401 that says which credentials would do, kept by nobody."""
        self.assert_challenged(response)
        self.assertEqual(response.json["code"], code)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        bearer_challenge = response.headers.getlist("WWW-Authenticate")[1]
        self.assertEqual('error="invalid_token"' in bearer_challenge, code == 22)


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
        challenge = self.client.put(MINE, json=LIST).headers.getlist("WWW-Authenticate")[1]
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
        main, credentials = self.database.serialize().parts

        with self.client.session_transaction() as session:
            secrets = [PASSWORD, token, token.removeprefix("cinema_"), session["token"]]
        for secret in secrets:
            self.assertNotIn(secret.encode(), main + credentials, "keep a hash of it")
        self.assertNotIn(key, main, "keep it where the passwords are")


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

    def test_wrong_password_and_unknown_user_cost_the_same(self):
        counted = self.count_slow_hashes()

        for name in ("bob", "nobody"):
            self.get(basic(name, "wrong"))

        of_bob, of_nobody = (call.args[0].split("$") for call in counted.call_args_list)
        self.assertEqual(of_bob[:4], of_nobody[:4], "one hash each, of the same cost")
        self.assertEqual(list(map(len, of_bob)), list(map(len, of_nobody)))

    def test_malformed_credentials_are_refused_and_cost_nothing(self):
        counted = self.count_slow_hashes()
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
        self.assertEqual(counted.call_count, 0)

    def test_same_password_in_a_row_is_compared_once_and_a_wrong_one_each_time(self):
        for headers, times in ((BOB, 1), (basic("bob", "wrong"), 3)):
            with self.subTest(headers):
                counted = self.count_slow_hashes()

                for _ in range(3):
                    self.get(headers)

                self.assertEqual(counted.call_count, times)

    def test_what_is_remembered_is_of_one_user_and_one_password_for_a_minute(self):
        self.get(BOB)

        self.assert_refused(self.get(basic("bob", "wrong")))
        self.assert_refused(self.get(basic("nobody")))
        with later(seconds=61):
            counted = self.count_slow_hashes()
            self.get(BOB)
        self.assertEqual(counted.call_count, 1)

    def test_who_guesses_has_to_wait_even_with_the_right_password(self):
        limits = Limits(self.app.config | {"FAILED_LOGINS": "3 per minute"})
        with patch.dict(self.app.extensions, limits=limits):
            for name in ("bob", "nobody"):
                guesses = [self.get(basic(name, "guess")).status_code for _ in range(4)]
                self.assertEqual(guesses, [401, 401, 401, 429], "whoever they guess at")

            too_early = self.get(BOB)
            with later(seconds=61):
                in_time = self.get(BOB)

        self.assert_problem(too_early, 429, "Too Many Requests")
        self.assertIn("Retry-After", too_early.headers)
        self.assertEqual(in_time.status_code, 200)

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


class CookieTest(AuthenticationTestCase):
    """A session: log in once, and the browser brings the cookie."""

    def thief(self, cookie):
        """Return the browser of somebody who has got hold of a cookie."""
        thief = self.app.test_client()
        thief.set_cookie("session", cookie)
        return thief

    def cookie(self):
        return self.client.get_cookie("session").value

    def assert_nobodys(self, cookie):
        self.assert_problem(self.thief(cookie).get("/v1/session"), 404, "Not Found")

    def test_login_is_a_session_that_is_created(self):
        response = self.log_in()

        cookie = self.client.get_cookie("session")
        self.assertEqual((response.status_code, response.location), (201, "/v1/session"))
        self.assertEqual(self.client.get(response.location).json, response.json)
        self.assertEqual((cookie.http_only, cookie.same_site, cookie.path), (True, "Lax", "/"))
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_login_that_fails_sets_no_cookie_and_tells_nobody_why(self):
        counted = self.count_slow_hashes()

        wrong, unknown = self.log_in(password="wrong"), self.log_in(name="nobody")

        for response in (wrong, unknown):
            self.assert_refused(response)
            self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(wrong.data, unknown.data)
        self.assertEqual(counted.call_count, 2)
        self.assert_nothing_changed()

    def test_login_begins_a_new_session_and_ends_the_one_that_was_planted(self):
        self.log_in()
        planted = self.cookie()

        self.log_in(name="alice")

        self.assertNotEqual(self.cookie(), planted)
        self.assertEqual(self.client.get("/v1/session").json["user"], "alice")
        self.assert_nobodys(planted)

    def test_session_gets_another_token_in_the_second_half_of_its_life(self):
        self.log_in()
        first = self.cookie()
        for hours, is_another in ((5, False), (7, True)):
            with self.subTest(hours=hours), later(hours=hours):
                response = self.client.get("/v1/session")

                self.assertEqual("Set-Cookie" in response.headers, is_another)
                self.assertEqual(self.cookie() != first, is_another)
                self.assertEqual(self.client.get("/v1/session").json["user"], "bob")

    def test_logout_ends_the_session_on_our_side(self):
        csrf = {"X-CSRF-Token": self.log_in().json["csrf_token"]}
        copy = self.cookie()

        response = self.client.delete("/v1/session", headers=csrf)

        self.assertEqual(response.status_code, 204)
        self.assertIsNone(self.client.get_cookie("session"))
        self.assert_nobodys(copy)

    def test_session_ends_to_the_second(self):
        for remember, life in ((False, LIFE), (True, REMEMBERED_LIFE)):
            with self.subTest(remember=remember):
                self.log_in(remember=remember)
                cookie = self.cookie()

                with later(seconds=(life - SECOND).total_seconds()):
                    self.assertEqual(self.thief(cookie).get("/v1/session").status_code, 200)
                with later(seconds=life.total_seconds()):
                    self.assert_nobodys(cookie)

    def test_tampered_and_forged_cookies_are_nobodys(self):
        self.log_in()
        payload, moment, mac = self.cookie().split(".")
        forger = Flask("forger")
        forger.secret_key = "guessed"
        with self.client.session_transaction() as session:
            known = forger.session_interface.get_signing_serializer(forger).dumps(dict(session))
        for cookie in (
            f"{payload}.{moment}.{mac[::-1]}",
            f"{in_base64(b'{}')}.{moment}.{mac}",
            f"{payload}.{moment}.",
            f"{payload}.{moment}",
            payload,
            known,
            "junk",
            "",
        ):
            with self.subTest(cookie):
                self.assert_nobodys(cookie)

    def test_login_that_is_overtaken_by_a_new_password_begins_no_session(self):
        def check_and_be_overtaken(*values):
            right = check_password_hash(*values)
            with self.app.app_context():
                change_password("bob", NEW_PASSWORD)
            return right

        with patch("cinema.users.credentials.stored.check_password_hash", check_and_be_overtaken):
            response = self.log_in()

        self.assert_refused(response)
        self.assert_problem(self.client.get("/v1/session"), 404, "Not Found")


class OtherSitesTest(AuthenticationTestCase):
    """A browser sends the cookie for any site that asks: a change needs a proof (OWASP: CSRF)."""

    CHANGES = (
        ("PUT", MINE),
        ("POST", "/v1/tokens"),
        ("POST", "/v1/signing-key"),
        ("PUT", "/v1/password"),
        ("DELETE", "/v1/session"),
    )

    def setUp(self):
        super().setUp()
        self.csrf_token = self.log_in().json["csrf_token"]
        self.snapshot = self.database.serialize()

    def assert_kept_out(self, method="PUT", url=MINE, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}

        response = self.client.open(url, method=method, json=LIST, headers=headers)

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_change_with_the_proof_is_made(self):
        for headers in ({}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}):
            with self.subTest(headers):
                headers |= {"X-CSRF-Token": self.csrf_token}

                response = self.client.put(MINE, json=LIST, headers=headers)

                self.assertLess(response.status_code, 300)

    def test_change_by_the_cookie_alone_is_refused(self):
        for method, url in self.CHANGES:
            with self.subTest(method=method, url=url):
                self.assert_kept_out(method, url)

    def test_proof_is_of_one_session(self):
        others = self.app.test_client()
        own_elsewhere = self.log_in(others).json["csrf_token"]
        alices = self.log_in(others, "alice").json["csrf_token"]
        self.snapshot = self.database.serialize()
        for token in ("", "é", self.csrf_token[:-1], own_elsewhere, alices):
            with self.subTest(token):
                self.assert_kept_out(X_CSRF_Token=token)

    def test_other_site_is_refused_even_with_the_proof(self):
        for headers in (
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Origin": "http://localhost:8080"},
            {"Origin": "http://localhost.evil.example"},
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
        ):
            with self.subTest(headers):
                self.assert_kept_out(X_CSRF_Token=self.csrf_token, **headers)

    def test_other_site_logs_nobody_in(self):
        response = self.log_in(name="alice", headers={"Origin": EVIL})

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(self.client.get("/v1/session").json["user"], "bob")

    def test_other_site_gets_no_key_by_a_password_that_the_browser_keeps(self):
        other = self.app.test_client()

        response = other.post("/v1/signing-key", headers=BOB | {"Origin": EVIL})

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_reading_needs_no_proof(self):
        self.client.put(MINE, json=LIST | {"private": True}, headers=BOB)

        self.assertEqual(self.client.get(MINE).status_code, 200)


class SignatureTest(AuthenticationTestCase):
    """A signed request: the secret is never sent (RFC 9421, hmac-sha256)."""

    def setUp(self):
        super().setUp()
        self.key = new_key(self.app, "bob")
        self.sent = signed(self.key, "bob", "PUT", MINE, LIST)
        self.snapshot = self.database.serialize()

    def assert_signature_refused(self, **request):
        self.assert_refused(self.client.open(**request))

    def test_signed_request_is_answered(self):
        response = self.client.open(**self.sent)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_what_was_changed_on_its_way_is_refused(self):
        fields = self.sent["headers"]
        for name, change in {
            "method": {"method": "PATCH"},
            "path": {"path": "/v1/watchlists/yours"},
            "query": {"path": f"{MINE}?x=1"},
            "host": {"base_url": "http://other.example"},
            "body": {"data": b'{"title": "Yours"}'},
            "no body": {"data": b""},
            "type": {"headers": fields | {"Content-Type": "application/ld+json"}},
            "condition": {"headers": fields | {"If-Match": '"1"'}},
            "user": {"headers": replaced(fields, "Signature-Input", "bob", "alice")},
            "components": {"headers": replaced(fields, "Signature-Input", '"@path" ', "")},
            "signature": {"headers": replaced(fields, "Signature", "sig=:", "sig=:AAAA")},
            "algorithm": {"headers": replaced(fields, "Signature-Input", ";k", ';alg="none";k')},
            "half of it": {"headers": fields | {"Signature": ""}},
            "the other half": {"headers": fields | {"Signature-Input": ""}},
        }.items():
            with self.subTest(name):
                self.assert_signature_refused(**self.sent | change)
        self.assert_nothing_changed()
        self.assertEqual(self.client.open(**self.sent).status_code, 201, "no nonce is used up")

    def test_copy_of_a_request_is_refused(self):
        self.client.open(**self.sent)

        self.assert_signature_refused(**self.sent)

    def test_nonce_is_good_once_for_each_user(self):
        alices = new_key(self.app, "alice")
        self.client.open(**signed(self.key, "bob", "GET", MINE, nonce="n"))

        other = self.client.open(**signed(alices, "alice", "GET", "/v1/movies/1", nonce="n"))

        self.assertEqual(other.status_code, 200)
        self.assert_signature_refused(**signed(self.key, "bob", "GET", "/v1/movies/1", nonce="n"))

    def test_old_copy_is_refused_when_its_nonce_is_forgotten(self):
        self.client.open(**self.sent)
        for minutes in (4, 6, 11):
            with self.subTest(minutes=minutes), later(minutes=minutes):
                self.client.open(**signed(self.key, "bob", "GET", MINE))  # old ones are cleared
                self.assert_signature_refused(**self.sent)

    def test_signature_is_good_for_five_minutes_and_not_from_the_future(self):
        moment = int(time.time())
        for created, status in ((-299, 200), (-302, 401), (25, 200), (60, 401)):
            with self.subTest(created=created):
                request = signed(self.key, "bob", "GET", "/v1/movies/1", created=moment + created)

                self.assertEqual(self.client.open(**request).status_code, status)

    def test_wrong_key_unknown_user_and_user_without_key_are_told_the_same(self):
        wrong = bytes(32)

        answers = [
            self.client.open(**signed(wrong, name, "GET", "/v1/movies/1"))
            for name in ("bob", "nobody", "alice")
        ]

        for answer in answers:
            self.assert_refused(answer)
        self.assertEqual(len({answer.data for answer in answers}), 1)

    def test_key_ends_with_the_next_one_or_when_it_is_deleted(self):
        new_key(self.app, "bob")
        self.assert_signature_refused(**self.sent)

        key = new_key(self.app, "bob")
        self.client.delete("/v1/signing-key", headers=BOB)
        self.assert_signature_refused(**signed(key, "bob", "PUT", MINE, LIST))

    def test_key_is_shown_once(self):
        response = self.client.get("/v1/signing-key", headers=BOB)

        self.assertEqual(response.status_code, 200)
        self.assertNotIn("key", response.json)


def replaced(headers, name, old, new):
    assert headers[name].count(old) == 1, f"{old} should be in {headers[name]}"
    return headers | {name: headers[name].replace(old, new)}


def public_key_as_secret(message):
    """Sign with what everybody knows, taken for the secret of an HMAC."""
    return hmac.digest(ISSUERS_KEY.as_pem(private=False), message, "sha256")


class AccessTokenTest(AuthenticationTestCase):
    """OAuth 2: a JWT that the authorization server has issued (RFC 6750, RFC 9068)."""

    def test_good_token_is_let_in(self):
        for token in (
            access_token(),
            access_token(aud=["urn:theatre:api", "urn:cinema:api"]),
            access_token(header=HEADER | {"typ": "application/at+jwt"}),
        ):
            with self.subTest(token):
                self.assertEqual(self.get(bearer(token)).status_code, 200)

    def test_token_that_says_something_else_is_refused(self):
        moment = int(time.time())
        for claims in (
            {"iss": "http://127.0.0.1:8105"},
            {"aud": "urn:theatre:api"},
            {"aud": ["urn:theatre:api"]},
            {"exp": moment - 1},
            {"nbf": moment + 60},
            {"iat": moment + 60},
            {"sub": "nobody"},
            {"scope": ["movies:write"]},
            *({name: None} for name in ("iss", "aud", "exp", "sub", "client_id", "scope")),
        ):
            with self.subTest(claims):
                self.assert_refused(self.get(bearer(access_token(**claims))), code=22)

    def test_token_ends_by_itself(self):
        token = bearer(access_token())

        with later(seconds=298):
            self.assertEqual(self.get(token).status_code, 200)
        with later(seconds=301):
            self.assert_refused(self.get(token), code=22)

    def test_token_that_nobody_has_signed_is_refused(self):
        good = access_token()
        head, claims, signature = good.split(".")
        others = ECKey.generate_key("P-256", {"kid": "first"})
        for name, token in {
            "alg none": forged({"alg": "none", "typ": "at+jwt"}, good),
            "alg none and a kid": forged(HEADER | {"alg": "none"}, good),
            "the public key as a secret": forged(
                HEADER | {"alg": "HS256"}, good, public_key_as_secret
            ),
            "another key": access_token(others),
            "another key that it brings along": access_token(
                others, HEADER | {"jwk": others.as_dict(private=False)}
            ),
            "a key that is not there": access_token(header=HEADER | {"kid": "second"}),
            "claims of another": f"{head}.{access_token(sub='alice').split('.')[1]}.{signature}",
            "signature reversed": f"{head}.{claims}.{signature[::-1]}",
            "no signature": f"{head}.{claims}.",
            "two parts": f"{head}.{claims}",
            "an id token": access_token(header=HEADER | {"typ": "JWT"}),
            "junk": "junk",
            "nothing": "",
        }.items():
            with self.subTest(name):
                self.assert_refused(self.get(bearer(token)), code=22)

    def test_scope_narrows_what_a_user_may_do_and_never_widens_it(self):
        for name, scope, status in (
            ("alice", "movies:write", 204),
            ("alice", "watchlists:write", 403),
            ("alice", "movies:write2 MOVIES:WRITE", 403),
            ("bob", "movies:write", 403),
        ):
            with self.subTest(name=name, scope=scope):
                token = bearer(access_token(sub=name, scope=scope))

                response = self.client.delete("/v1/movies/3", headers=token)

                self.assertEqual(response.status_code, status)
                if status == 403:
                    challenge = response.headers["WWW-Authenticate"]
                    self.assertIn('error="insufficient_scope", scope="movies:write"', challenge)

    def test_program_that_asks_for_itself_has_no_watchlists(self):
        program = bearer(access_token(sub="robot", client_id="robot"))

        movie = self.client.post("/v1/movies", json=METROPOLIS, headers=program)
        watchlist = self.client.put(MINE, json=LIST, headers=program)

        self.assertEqual((movie.status_code, watchlist.status_code), (201, 403))

    def test_token_is_looked_for_in_the_header_only(self):
        token = {"access_token": access_token()}

        in_url = self.client.put(MINE, json=LIST, query_string=token)
        in_form = self.client.post("/v1/movies", data=token)

        self.assert_refused(in_url, code=20)
        self.assert_refused(in_form, code=20)


class OwnTokenTest(AuthenticationTestCase):
    """Tokens of our own: random, kept as a hash, narrow, soon over, and revoked at once."""

    def setUp(self):
        super().setUp()
        self.token = own_token(self.app, "bob")  # for a day

    def test_token_says_who_is_asking(self):
        response = self.client.put(MINE, json=LIST, headers=bearer(self.token))

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_token_is_shown_once(self):
        shown = self.client.get("/v1/tokens/1", headers=BOB)

        self.assertEqual(shown.status_code, 200)
        self.assertEqual(shown.json["ending"], self.token[-4:])
        self.assertNotIn(self.token[:-4], shown.text)

    def test_no_two_tokens_are_the_same(self):
        self.assertNotEqual(own_token(self.app, "bob"), self.token)

    def test_what_is_almost_the_token_is_refused(self):
        for token in (
            self.token[:-1],
            f"{self.token}A",
            self.token.swapcase(),
            self.token.removeprefix("cinema_"),
            f"cinema_{'A' * 43}",
            "cinema_",
            "cinema_%",
        ):
            with self.subTest(token):
                self.assert_refused(self.get(bearer(token)), code=22)

    def test_token_ends_to_the_second(self):
        with later(hours=23, minutes=59, seconds=58):
            self.assertEqual(self.get(bearer(self.token)).status_code, 200)
        with later(hours=24):
            self.assert_refused(self.get(bearer(self.token)), code=22)

    def test_revoked_token_is_worthless_at_once_and_others_stay(self):
        other = own_token(self.app, "bob")
        self.assertEqual(self.get(bearer(self.token)).status_code, 200)

        response = self.client.delete("/v1/tokens/1", headers=BOB)

        self.assertEqual(response.status_code, 204)
        self.assert_refused(self.get(bearer(self.token)), code=22)
        self.assertEqual(self.get(bearer(other)).status_code, 200)

    def test_all_tokens_of_a_user_are_revoked_together(self):
        tokens = [self.token, own_token(self.app, "bob")]
        alices = own_token(self.app, "alice")

        self.client.delete("/v1/tokens", headers=BOB)

        for token in tokens:
            self.assert_refused(self.get(bearer(token)), code=22)
        self.assertEqual(self.get(bearer(alices)).status_code, 200)

    def test_nobody_revokes_the_token_of_somebody_else(self):
        response = self.client.delete("/v1/tokens/1", headers=ALICE)

        self.assert_problem(response, 404, "Not Found")
        self.assertEqual(self.get(bearer(self.token)).status_code, 200)

    def test_nobody_gives_away_what_they_do_not_have(self):
        body = {"name": "a program", "scopes": ["movies:write"]}

        response = self.client.post("/v1/tokens", json=body, headers=BOB)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(list(response.json["errors"]), ["scopes"])

    def test_token_may_do_what_its_scope_says(self):
        narrow = bearer(own_token(self.app, "alice", ["watchlists:write"]))

        response = self.client.post("/v1/movies", json=METROPOLIS, headers=narrow)

        self.assert_problem(response, 403, "Forbidden")

    def test_token_makes_no_token(self):
        body = {"name": "for ever", "scopes": ["watchlists:read"], "days": 365}

        response = self.client.post("/v1/tokens", json=body, headers=bearer(self.token))

        self.assert_problem(response, 403, "Forbidden")
