"""4.a Authentication: who asks proves who they are, in four ways, and each way withstands attacks.

Beside each mechanism stands a naive one, and an attack: it works on the naive one, not on ours.
"""

import hmac
import json
import time
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from itertools import count, product
from secrets import token_hex
from string import ascii_lowercase
from types import SimpleNamespace
from unittest.mock import Mock, patch

import requests
from argon2 import PasswordHasher
from cinema.data.database import db, writing
from cinema.http.message_signatures import CLOCK_SKEW, WINDOW, sign
from cinema.http.rate_limits import Limits
from cinema.users.authentication import login_required
from cinema.users.authentication.login import NotAuthenticated
from cinema.users.authentication.oauth_keys import IssuerKeys
from cinema.users.authentication.signed_request import ACCEPT_SIGNATURE, UsedNonce
from cinema.users.commands import add_user
from cinema.users.credentials.stored import Credential
from cinema.users.password_hashes import check_password_hash
from cinema.users.passwords import remembered
from cinema.users.sessions import LIFE, LoginSession, now
from cinema.users.user import User
from flask import Flask, request, session
from joserfc import jws, jwt
from joserfc.jwk import ECKey
from sqlalchemy import delete, select
from werkzeug.security import generate_password_hash

from tests import (
    ALICE,
    BOB,
    METROPOLIS,
    PASSWORD,
    ApiTestCase,
    ServerTestCase,
    all_at_once,
    basic,
)

SITE = "http://localhost"
METADATA = f'resource_metadata="{SITE}/.well-known/oauth-protected-resource"'
BASIC_CHALLENGE = 'Basic realm="cinema", charset="UTF-8"'
BEARER_CHALLENGE = f'Bearer realm="cinema", {METADATA}'
INVALID_TOKEN = f'{BEARER_CHALLENGE}, error="invalid_token"'
FAVOURITES = "/v1/watchlists/favourites"
EVIL = "https://evil.example"
WRITES = ("PUT", "PATCH", "DELETE")
PASSWORDS = (
    "with:several:colons:",
    " spaces at both ends ",
    "schlüssel",
    "пароль из кино",
    "東京物語東京物語",
    "no-break\u00a0space and\u3000wide space",
    "family 👩‍👩‍👧 and 🗝",  # joined by U+200D, which str.isprintable() does not like
    "x" * 64,
    "x" * 900,
    "%00%0a+&=?#",
)
NONCES = map(str, count())
ISSUER = "http://127.0.0.1:8104"
ISSUERS_KEY = ECKey.generate_key("P-256", {"kid": "first"})
ANOTHER_KEY = ECKey.generate_key("P-256", {"kid": "second"})
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "first"}
ALL = "movies:write watchlists:read watchlists:write"


def basic_header(pair):
    """Return the header that brings these bytes as Basic credentials."""
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def signed(
    key, keyid="alice", method="GET", path="/v1/movies/1", data=b"", created=None, nonce=None
):
    """Return a signed request, as the arguments of the test client."""
    headers = {"Content-Type": "application/json"} if data else {}
    created, nonce = created or int(time.time()), nonce or next(NONCES)
    added = sign(key, keyid, method, SITE + path, headers, data, created, nonce)
    return {"path": path, "method": method, "headers": headers | added, "data": data}


def encoded(value):
    """Return a value as a part of a token: JSON in URL-safe Base64."""
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decoded(part):
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(**changes):
    """Return what a good token says, with changes; None leaves something out."""
    moment = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": "urn:cinema:api",
        "sub": "alice",
        "client_id": "movie-night",
        "scope": ALL,
        "iat": moment,
        "exp": moment + 300,
        "jti": token_hex(8),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def token(key=ISSUERS_KEY, header=HEADER, **changes):
    return jwt.encode(header, claims(**changes), key)


def forged(header, mac=lambda _signed: b""):
    """Return a token that is signed by whatever means."""
    parts = f"{encoded(header)}.{encoded(claims())}"
    return f"{parts}.{urlsafe_b64encode(mac(parts.encode())).decode().rstrip('=')}"


def public_key_as_secret(message):
    """Sign with what everybody knows: the issuer's public key, taken for the secret of an HMAC."""
    return hmac.digest(ISSUERS_KEY.as_pem(private=False), message, "sha256")


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


class AuthenticationTestCase(ApiTestCase):
    """What the tests of all mechanisms need; no password has been checked yet."""

    def setUp(self):
        super().setUp()
        remembered.clear()

    def add_user(self, name, password=PASSWORD, role="member"):
        with self.app.app_context(), writing():
            add_user(name, role, password)

    def change_user(self, name, **values):
        with self.app.app_context(), writing():
            for attribute, value in values.items():
                setattr(db.session.get(User, name), attribute, value)

    def delete_user(self, name):
        with self.app.app_context(), writing():
            db.session.delete(db.session.get(User, name))

    def rows(self, model):
        with self.app.app_context():
            return db.session.scalars(select(model)).all()

    def put_favourites(self, headers=None, client=None, **members):
        """Ask for a watchlist, as any user may."""
        body = {"title": "Favourites"} | members
        return (client or self.client).put(FAVOURITES, json=body, headers=headers)

    def count_slow_hashes(self):
        """Return what notes how often a password is checked, which is what takes the time."""
        checked = patch(
            "cinema.users.credentials.stored.check_password_hash", wraps=check_password_hash
        )
        return self.enterContext(checked)

    def later(self, seconds):
        """Let time pass."""
        self.enterContext(patch("time.time", return_value=time.time() + seconds))

    def assert_unauthorized(self, response, code=20):
        """Check that an answer is a 401 that names every mechanism that would do."""
        self.assert_problem(response, 401, "Unauthorized")
        self.assertEqual(response.json["code"], code)
        bearer = INVALID_TOKEN if code == 22 else BEARER_CHALLENGE
        challenges = response.headers.getlist("WWW-Authenticate")
        self.assertEqual(challenges, [BASIC_CHALLENGE, bearer])
        self.assertEqual(response.headers["Accept-Signature"], ACCEPT_SIGNATURE)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def assert_forbidden(self, response, detail):
        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["detail"], detail)


class LoginRequiredTest(AuthenticationTestCase):
    """Who changes something must say who they are."""

    OPEN = {"v1.sessions.create_session", "v2.sessions.create_session"}
    GONE_ANYWAY = {"v1.sessions.delete_session", "v2.sessions.delete_session"}  # 404 to a stranger

    def test_every_change_needs_a_login(self):
        for rule in self.app.url_map.iter_rules():
            url = rule.rule.replace("<id:movie_id>", "1").replace("<name>", "favourites")
            url = url.replace("<id:token_id>", "1")
            for method in rule.methods - {"GET", "HEAD", "OPTIONS"}:
                if rule.endpoint not in self.OPEN | self.GONE_ANYWAY:
                    with self.subTest(method=method, url=url):
                        response = self.client.open(url, method=method)

                        self.assert_unauthorized(response)
        self.assert_nothing_changed()

    def test_stranger_is_refused_before_the_body_is_looked_at(self):
        response = self.client.post("/v1/movies", data="no JSON", content_type="text/plain")

        self.assert_unauthorized(response)

    def test_wrong_credentials_are_refused_where_none_are_needed(self):
        for version in ("v1", "v2"):
            for path in ("movies", "movies/1", "movies/99", "watchlists", "watchlists/x"):
                with self.subTest(version=version, path=path):
                    response = self.client.get(f"/{version}/{path}", headers=basic("alice", "no"))

                    self.assert_unauthorized(response, code=21)

    def test_unknown_scheme_is_as_good_as_none(self):
        for value in ("x", "Key x", "Digest username=alice", "Basic2 x", "Bearerx x", "", " "):
            with self.subTest(value=value):
                headers = {"Authorization": value}

                self.assertEqual(self.client.get("/v1/movies/1", headers=headers).status_code, 200)
                self.assert_unauthorized(self.put_favourites(headers))

    def test_head_of_a_401_has_the_challenges_and_no_body(self):
        response = self.client.head("/v1/signing-key")

        self.assertEqual((response.status_code, response.data), (401, b""))
        self.assertEqual(len(response.headers.getlist("WWW-Authenticate")), 2)

    def test_view_does_not_run_for_a_stranger(self):
        view = Mock(__name__="view")

        with self.app.test_request_context(), self.assertRaises(NotAuthenticated):
            login_required(view)()

        view.assert_not_called()

    def test_view_runs_for_a_user_as_it_is_called(self):
        view = Mock(__name__="view", return_value="answer")

        with self.app.test_request_context(headers=ALICE):
            answer = login_required(view)(1, name="x")

        self.assertEqual(answer, "answer")
        view.assert_called_once_with(1, name="x")

    def test_view_keeps_its_name(self):
        @login_required
        def delete_everything():
            """Delete everything."""

        self.assertEqual(delete_everything.__name__, "delete_everything", "use functools.wraps")
        self.assertEqual(delete_everything.__doc__, "Delete everything.")


class RolesTest(AuthenticationTestCase):
    """What somebody may do depends on who they are."""

    def test_editor_may_write_movies(self):
        response = self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)

        self.assertEqual(response.status_code, 201)

    def test_member_may_not_write_movies(self):
        for method, url in (("POST", "/v1/movies"), *((m, "/v1/movies/1") for m in WRITES)):
            with self.subTest(method=method):
                response = self.client.open(url, method=method, json=METROPOLIS, headers=BOB)

                self.assert_forbidden(response, "This needs the permission movies:write.")
                self.assertEqual(response.json["code"], 31)
                self.assertNotIn("WWW-Authenticate", response.headers, "that is for tokens only")
        self.assert_nothing_changed()

    def test_members_and_editors_have_watchlists(self):
        for name in ("alice", "bob"):
            response = self.client.put(
                f"/v1/watchlists/{name}", json={"title": "M"}, headers=basic(name)
            )

            self.assertEqual((response.status_code, response.json["owner"]), (201, name))

    def test_role_counts_from_the_moment_it_is_given(self):
        self.client.post("/v1/movies", json=METROPOLIS, headers=ALICE)
        self.change_user("alice", role="member")

        response = self.client.delete("/v1/movies/1", headers=ALICE)

        self.assert_forbidden(response, "This needs the permission movies:write.")

    def test_user_has_a_known_role_and_a_good_name(self):
        for values in ({"role": "king"}, {"name": "Alice"}, {"name": ""}, {"name": "a" * 65}):
            with self.subTest(values=values), self.assertRaises(ValueError):
                User(**values)

    def test_stranger_reads_public_watchlists_only(self):
        self.put_favourites(ALICE)
        self.client.put(
            "/v1/watchlists/secret", json={"title": "S", "private": True}, headers=ALICE
        )

        names = [each["name"] for each in self.client.get("/v1/watchlists").json["watchlists"]]

        self.assertEqual(names, ["favourites"])
        self.assertEqual(self.client.get(FAVOURITES).status_code, 200)
        self.assertEqual(self.client.get("/v1/watchlists/secret").status_code, 404)

    def test_private_watchlist_is_not_there_for_others(self):
        created = self.put_favourites(ALICE, private=True)
        missing = self.client.get("/v1/watchlists/missing", headers=BOB)
        for method in ("GET", *WRITES):
            with self.subTest(method=method):
                response = self.client.open(
                    FAVOURITES, method=method, json={"title": "Mine"}, headers=BOB
                )

                self.assert_problem(response, 404, "Not Found")
                self.assertEqual(response.json["code"], missing.json["code"])
        self.assertEqual(self.client.get(FAVOURITES, headers=ALICE).json, created.json)

    def test_public_watchlist_of_somebody_else_is_read_only(self):
        created = self.put_favourites(ALICE)
        for method in WRITES:
            with self.subTest(method=method):
                response = self.client.open(
                    FAVOURITES, method=method, json={"title": "Mine"}, headers=BOB
                )

                self.assert_forbidden(response, "This belongs to alice.")
        self.assertEqual(self.client.get(FAVOURITES).json, created.json)

    def test_nobody_can_give_a_watchlist_to_somebody_else(self):
        response = self.put_favourites(BOB, owner="alice")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json["errors"], {"owner": "is bob at this URL"})


class BasicTest(AuthenticationTestCase):
    """Basic authentication: name and password with every request (RFC 7617)."""

    def test_name_and_password_say_who_is_asking(self):
        response = self.put_favourites(ALICE)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "alice"))

    def test_scheme_is_written_in_any_case(self):
        encoded = ALICE["Authorization"].removeprefix("Basic ")
        for scheme in ("basic ", "BASIC ", "bAsIc ", "Basic   "):
            with self.subTest(scheme=scheme):
                response = self.put_favourites({"Authorization": scheme + encoded})

                self.assertLess(response.status_code, 300)

    def test_any_password_will_do(self):
        for number, password in enumerate(PASSWORDS):
            with self.subTest(password=password):
                self.add_user(f"user-{number}", password)

                response = self.client.get(
                    "/v1/movies/1", headers=basic(f"user-{number}", password)
                )

                self.assertEqual(response.status_code, 200, "nothing is trimmed or cut off")

    def test_password_is_the_same_however_its_accents_are_typed(self):
        for name, known, sent in (
            ("composed", "caf\u00e9 creme", "cafe\u0301 creme"),
            ("decomposed", "cafe\u0301 creme", "caf\u00e9 creme"),
        ):
            with self.subTest(known=known):
                self.add_user(name, known)

                response = self.client.get("/v1/movies/1", headers=basic(name, sent))

                self.assertEqual(response.status_code, 200, "compare in one form (RFC 8265)")

    def test_wrong_credentials_are_refused(self):
        for name, password in (
            ("alice", "wrong"),
            ("alice", ""),
            ("alice", PASSWORD + " "),
            ("alice", PASSWORD[:-1]),
            ("alice", PASSWORD.upper()),
            ("alice", PASSWORD.replace("e", "\uff45")),  # looks wide, is another letter
            ("Alice", PASSWORD),
            ("alice ", PASSWORD),
            ("nobody", PASSWORD),
            ("", PASSWORD),
            ("", ""),
            ("' OR 1=1 --", "x"),
            ("x" * 10_000, "x" * 10_000),
        ):
            with self.subTest(name=name[:20], password=password[:20]):
                response = self.put_favourites(basic(name, password))

                self.assert_unauthorized(response, code=21)
                detail = "There is no user of this name and password."
                self.assertEqual(response.json["detail"], detail)
        self.assert_nothing_changed()

    def test_malformed_credentials_are_refused(self):
        encoded = b64encode(b"alice:schl\xc3\xbcssel~~~").decode()
        for value in (
            "Basic",
            "Basic ",
            "Basic x",
            "Basic ====",
            "Basic !!!!",
            "Basic é",
            f"Basic {encoded[:-1]}",
            f"Basic {encoded} x",
            f"Basic {encoded[:4]} {encoded[4:]}",
            f"Basic {encoded}, Basic {encoded}",
            f"Basic {encoded.replace('+', '-').replace('/', '_')}_",
            'Basic realm="cinema"',
            basic_header(b"alice")["Authorization"],  # no colon
            basic_header(b"alice:schl\xfcssel")["Authorization"],  # Latin-1
            basic_header("alice:x".encode("utf-16"))["Authorization"],
        ):
            with self.subTest(value=value):
                response = self.client.get("/v1/movies/1", headers={"Authorization": value})

                self.assert_unauthorized(response, code=21)
                self.assertIn("the Base64 of name:password", response.json["detail"])

    def test_control_characters_are_refused(self):
        for character in map(chr, (*range(0x20), *range(0x7F, 0xA0))):
            for pair in (f"ali{character}ce:{PASSWORD}", f"alice:{PASSWORD}{character}"):
                with self.subTest(pair=pair):
                    response = self.client.get("/v1/movies/1", headers=basic_header(pair.encode()))

                    self.assert_unauthorized(response, code=21)
                    self.assertIn("the Base64 of name:password", response.json["detail"])


class SlowHashTest(AuthenticationTestCase):
    """A password is checked slowly, for everybody alike, and once for many requests in a row."""

    def get(self, headers):
        return self.client.get("/v1/movies/1", headers=headers)

    def test_only_a_slow_salted_hash_is_kept(self):
        alice, bob = sorted(self.rows(Credential), key=lambda credential: credential.user_name)

        self.assertTrue(alice.password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$"))
        self.assertNotEqual(alice.password_hash, bob.password_hash, "they have the same password")
        self.assertNotIn(PASSWORD.encode(), self.snapshot)

    def test_unknown_user_and_wrong_password_get_the_same_answer_for_the_same_work(self):
        hashing = self.count_slow_hashes()

        answers = [self.get(basic(name, "wrong password")) for name in ("alice", "nobody")]

        known, unknown = (call.args[0].split("$") for call in hashing.call_args_list)
        self.assertEqual(known[0], unknown[0], "both should pay for the same hash")
        self.assertEqual(len(known[1]), len(unknown[1]), "with as much salt")
        self.assertEqual(answers[0].json, answers[1].json)
        for answer in answers:
            self.assert_unauthorized(answer, code=21)

    def test_same_credentials_in_a_row_are_paid_for_once(self):
        hashing = self.count_slow_hashes()

        answers = [self.get(ALICE) for _ in range(3)]

        self.assertEqual([answer.status_code for answer in answers], [200, 200, 200])
        self.assertEqual(hashing.call_count, 1)

    def test_wrong_credentials_are_paid_for_each_time(self):
        hashing = self.count_slow_hashes()

        for _ in range(3):
            self.get(basic("alice", "wrong"))

        self.assertEqual(hashing.call_count, 3, "what is wrong is not worth remembering")

    def test_what_is_remembered_is_of_one_user_and_one_password(self):
        self.get(ALICE)
        hashing = self.count_slow_hashes()

        self.assertEqual(self.get(BOB).status_code, 200)
        self.assert_unauthorized(self.get(basic("alice", "wrong")), code=21)
        self.assert_unauthorized(self.get(basic("nobody")), code=21)
        self.assertEqual(hashing.call_count, 3)

    def test_what_is_remembered_does_not_tell_the_password(self):
        with patch.object(remembered, "set", wraps=remembered.set) as remember:
            self.get(ALICE)

        [call] = remember.call_args_list
        self.assertRegex(call.args[0], "^[0-9a-f]{64}$")
        self.assertIs(call.args[1], True)

    def test_credentials_are_remembered_for_a_minute(self):
        self.get(ALICE)
        hashing = self.count_slow_hashes()

        with patch("cachelib.simple.time", return_value=time.time() + 50):
            self.get(ALICE)
        self.assertEqual(hashing.call_count, 0)
        with patch("cachelib.simple.time", return_value=time.time() + 61):
            self.get(ALICE)
        self.assertEqual(hashing.call_count, 1)

    def test_at_most_a_thousand_are_remembered(self):
        self.get(ALICE)
        for number in range(1001):
            remembered.set(str(number), True)
        hashing = self.count_slow_hashes()

        self.get(ALICE)

        self.assertEqual(hashing.call_count, 1, "the oldest should have been forgotten")

    def test_old_password_is_dead_when_a_new_one_is_set(self):
        self.get(ALICE)
        self.app.test_cli_runner().invoke(
            args=("set-password", "alice", "--password", "a new password")
        )

        self.assert_unauthorized(self.get(ALICE), code=21)
        self.assertEqual(self.get(basic("alice", "a new password")).status_code, 200)

    def test_remembered_user_is_dead_when_deleted(self):
        self.get(ALICE)
        self.delete_user("alice")

        self.assert_unauthorized(self.get(ALICE), code=21)


class FailedLoginsTest(AuthenticationTestCase):
    """Who guesses passwords does not get far (OWASP: credential stuffing)."""

    WRONG = basic("alice", "guess")

    def setUp(self):
        super().setUp()
        limits = Limits(self.app.config | {"FAILED_LOGINS": "3 per minute"})
        self.enterContext(patch.dict(self.app.extensions, limits=limits))

    def get(self, headers=WRONG, address="127.0.0.1"):
        return self.client.get(
            "/v1/movies/1", headers=headers, environ_base={"REMOTE_ADDR": address}
        )

    def fail(self, times=3):
        return [self.get().status_code for _ in range(times)]

    def test_fourth_failure_is_429_and_says_how_long_to_wait(self):
        statuses = self.fail(3)

        response = self.get()

        self.assertEqual(statuses, [401, 401, 401])
        self.assert_problem(response, 429, "Too Many Requests")
        seconds = int(response.headers["Retry-After"])
        self.assertIn(seconds, range(1, 61))
        self.assertEqual(response.json["detail"], f"Ask again in {seconds} seconds.")

    def test_right_password_is_refused_until_the_window_ends(self):
        self.fail()

        self.assertEqual(self.get(ALICE).status_code, 429, "else guessing could go on")
        self.later(61)
        self.assertEqual(self.get(ALICE).status_code, 200)

    def test_no_password_is_checked_after_too_many_failures(self):
        self.fail()
        hashing = self.count_slow_hashes()

        self.get()
        self.get(ALICE)

        self.assertEqual(hashing.call_count, 0)

    def test_who_is_remembered_is_not_locked_out(self):
        self.get(ALICE)
        self.fail()

        self.assertEqual(self.get(ALICE).status_code, 200)

    def test_other_users_and_other_addresses_are_not_concerned(self):
        self.fail()

        self.assertEqual(self.get(BOB).status_code, 200)
        self.assertEqual(self.get(ALICE, address="192.0.2.7").status_code, 200)

    def test_success_is_not_counted(self):
        self.fail(2)
        for _ in range(3):
            remembered.clear()
            self.assertEqual(self.get(ALICE).status_code, 200)

        self.assertEqual(self.fail(2), [401, 429])

    def test_unknown_users_are_limited_too(self):
        statuses = [self.get(basic("nobody", "guess")).status_code for _ in range(4)]

        self.assertEqual(statuses, [401, 401, 401, 429], "else 429 would tell who is a user")

    def test_all_that_check_passwords_count_together(self):
        self.fail(2)
        credentials = {"name": "alice", "password": "guess"}

        statuses = [self.client.post("/v1/session", json=credentials).status_code for _ in "12"]

        self.assertEqual(statuses, [401, 429])


class ParallelLoginsTest(ServerTestCase):
    """Requests come all at once, too."""

    def setUp(self):
        super().setUp()
        remembered.clear()

    def get(self, headers):
        return self.app.test_client().get("/v1/movies", headers=headers).status_code

    def test_parallel_logins_are_paid_for_once(self):
        def check_slowly(*values):
            time.sleep(0.02)
            return check_password_hash(*values)

        with patch(
            "cinema.users.credentials.stored.check_password_hash", wraps=check_slowly
        ) as hashing:
            statuses = all_at_once([lambda: self.get(ALICE)] * 8)

        self.assertEqual(statuses, [200] * 8)
        self.assertEqual(hashing.call_count, 1, "who waits should look again before paying")

    def test_parallel_guesses_are_no_more_than_others(self):
        limits = Limits(self.app.config | {"FAILED_LOGINS": "3 per minute"})

        with patch.dict(self.app.extensions, limits=limits):
            statuses = all_at_once([lambda: self.get(basic("alice", "guess"))] * 8)

        self.assertEqual(sorted(statuses), [401] * 3 + [429] * 5)


class NaiveBasicTest(AuthenticationTestCase):
    """How passwords leak that are compared in haste."""

    def test_comparison_that_ends_early_gives_a_password_away_letter_by_letter(self):
        work = []

        def naive_check(password, known="rosebud"):
            for place, letter in enumerate(known):
                work.append(letter)  # stands for the time that it takes
                if password[place : place + 1] != letter:
                    return False
            return len(password) == len(known)

        def attempt(password):
            work.clear()
            return naive_check(password), len(work)

        stolen = ""
        while len(stolen) < 7:
            stolen += max(ascii_lowercase, key=lambda letter: attempt(stolen + letter))

        self.assertEqual(stolen, "rosebud")  # after 7 * 26 guesses, not 26 ** 7

    def test_our_comparison_takes_as_long_for_a_good_guess_as_for_a_bad_one(self):
        self.add_user("kane", "rosebud!")
        with patch.object(PasswordHasher, "verify", autospec=True, return_value=True) as compare:
            for guess in ("a", "r", "rosebud", "rosebud?"):
                self.client.get("/v1/movies/1", headers=basic("kane", guess))

        compared = {call.args[1] for call in compare.call_args_list}
        self.assertEqual((compare.call_count, len(compared)), (4, 1), "all with the whole hash")

    def test_answer_that_is_quick_for_unknown_users_tells_who_is_one(self):
        users = {"alice": generate_password_hash(PASSWORD, "pbkdf2:sha256:1")}
        hashing = self.count_slow_hashes()

        def naive_login(name, password):
            return name in users and hashing(users[name], password)

        def ours(name, password):
            return self.client.get("/v1/movies/1", headers=basic(name, password))

        def is_slow(login, name):
            hashing.reset_mock()
            login(name, "guess")
            return hashing.called

        names = ("alice", "mallory")
        self.assertEqual([name for name in names if is_slow(naive_login, name)], ["alice"])
        self.assertEqual([name for name in names if is_slow(ours, name)], ["alice", "mallory"])


class UserCommandsTest(AuthenticationTestCase):
    """The commands that make users and change their passwords."""

    HELP = "If left out, you are asked for it, and nobody finds it among your commands."

    def run_command(self, *arguments, typed=""):
        result = self.app.test_cli_runner().invoke(args=arguments, input=typed)
        self.assertNotIn("Traceback", result.output)
        return result

    def logs_in(self, name, password):
        """Tell whether this is the password of the user."""
        return self.client.get("/v1/movies/1", headers=basic(name, password)).status_code == 200

    def test_new_password_ends_the_signing_key(self):
        self.client.post("/v1/signing-key", headers=ALICE)

        self.run_command("set-password", "alice", "--password", "another one")

        response = self.client.get("/v1/signing-key", headers=basic("alice", "another one"))
        self.assert_problem(response, 404, "Not Found")

    def test_form_of_another_site_does_not_replace_the_signing_key(self):
        for sign_of_it in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            with self.subTest(sign_of_it=sign_of_it):
                response = self.client.post("/v1/signing-key", headers=ALICE | sign_of_it)

                self.assert_problem(response, 403, "Forbidden")

        self.assertEqual(self.client.get("/v1/signing-key", headers=ALICE).status_code, 404)

    def test_seed_makes_alice_and_bob_once(self):
        with self.app.app_context(), writing():
            db.session.execute(delete(User))

        first, second = self.run_command("seed"), self.run_command("seed")

        self.assertIn("New users: alice, bob.", first.output)
        self.assertNotIn("New users", second.output)
        self.assertTrue(self.logs_in("alice", PASSWORD) and self.logs_in("bob", PASSWORD))

    def test_new_user_is_a_member(self):
        result = self.run_command("create-user", "carol", "--password", "long enough")

        self.assertEqual((result.exit_code, result.output), (0, "carol is a user now: member.\n"))
        self.assertTrue(self.logs_in("carol", "long enough"))
        [carol] = [user for user in self.rows(User) if user.name == "carol"]
        [known] = [each for each in self.rows(Credential) if each.user_name == "carol"]
        self.assertEqual((carol.role, known.signing_key), ("member", None))

    def test_new_user_may_be_an_editor(self):
        result = self.run_command(
            "create-user", "carol", "--role", "editor", "--password", "long enough"
        )

        self.assertEqual((result.exit_code, result.output), (0, "carol is a user now: editor.\n"))
        headers = basic("carol", "long enough")
        created = self.client.post("/v1/movies", json=METROPOLIS, headers=headers)
        self.assertEqual(created.status_code, 201)

    def test_password_is_asked_for_twice_and_not_shown(self):
        for command, name in (("create-user", "carol"), ("set-password", "bob")):
            with self.subTest(command=command):
                result = self.run_command(command, name, typed="long enough\nlong enough\n")

                self.assertEqual(result.exit_code, 0)
                self.assertIn("Password: \nRepeat for confirmation: \n", result.output)
                self.assertNotIn("long enough", result.output)
                self.assertTrue(self.logs_in(name, "long enough"))

    def test_passwords_that_differ_are_asked_for_again(self):
        typed = "long enough\nlong enouhg\nlong enough\nlong enough\n"

        result = self.run_command("create-user", "carol", typed=typed)

        self.assertIn("Error: The two entered values do not match.", result.output)
        self.assertTrue(self.logs_in("carol", "long enough"))

    def test_short_password_is_refused(self):
        for command, name in (("create-user", "carol"), ("set-password", "alice")):
            with self.subTest(command=command):
                result = self.run_command(command, name, "--password", "7 chars")

                self.assertEqual(result.exit_code, 2)
                self.assertIn("a password is 8 to 1000 characters", result.output)
        self.assert_nothing_changed()

    def test_bad_names_and_roles_are_refused_in_one_clear_line(self):
        slug = "The name must be 1 to 64 small letters or digits, in words joined by hyphens."
        for arguments, code, message in (
            (("Carol",), 1, slug),
            (("carol!",), 1, slug),
            (("",), 1, slug),
            (("c" * 65,), 1, slug),
            (("alice",), 1, "There is a user alice already."),
            (("carol", "--role", "king"), 2, "'king' is not one of 'member', 'editor'."),
            ((), 2, "Missing argument 'NAME'."),
        ):
            with self.subTest(arguments=arguments):
                result = self.run_command("create-user", *arguments, "--password", "long enough")

                self.assertEqual(result.exit_code, code)
                self.assertTrue(result.output.endswith(f"{message}\n"), result.output)
        self.assert_nothing_changed()

    def test_second_run_changes_nothing(self):
        self.run_command("create-user", "carol", "--password", "long enough")

        result = self.run_command("create-user", "carol", "--password", "another one")

        self.assertEqual(
            (result.exit_code, result.output), (1, "Error: There is a user carol already.\n")
        )
        self.assertTrue(self.logs_in("carol", "long enough"))
        self.assertFalse(self.logs_in("carol", "another one"))

    def test_set_password_replaces_the_old_one(self):
        result = self.run_command("set-password", "alice", "--password", "a new password")

        self.assertEqual((result.exit_code, result.output), (0, "alice has a new password.\n"))
        self.assertTrue(self.logs_in("alice", "a new password"))
        self.assertFalse(self.logs_in("alice", PASSWORD))
        self.assertTrue(self.logs_in("bob", PASSWORD))

    def test_set_password_of_nobody_is_refused(self):
        result = self.run_command("set-password", "nobody", "--password", "a new password")

        self.assertEqual(
            (result.exit_code, result.output), (1, "Error: There is no user nobody.\n")
        )

    def test_help_says_what_the_commands_do(self):
        for command, purpose in (
            ("create-user", "Add a user."),
            ("set-password", "Change a user's password, and end their sessions"),
        ):
            with self.subTest(command=command):
                result = self.run_command(command, "--help")

                self.assertEqual(result.exit_code, 0)
                for text in (purpose, self.HELP):
                    self.assertIn(text, " ".join(result.output.split()))


class SessionTestCase(AuthenticationTestCase):
    """Browsers that log in and keep the cookie."""

    def log_in(self, browser=None, name="alice", password=PASSWORD, headers=None):
        return (browser or self.client).post(
            "/v1/session", json={"name": name, "password": password}, headers=headers
        )

    def browser(self, name="alice"):
        """Return a client that has logged in, and the headers with which it may write."""
        browser = self.app.test_client()
        return browser, {"X-CSRF-Token": self.log_in(browser, name).json["csrf_token"]}

    def cookie_of(self, browser):
        return browser.get_cookie("session").value

    def thief(self, cookie):
        """Return a client of somebody who has got hold of a cookie."""
        thief = self.app.test_client()
        thief.set_cookie("session", cookie)
        return thief

    def assert_stranger(self, client):
        """Check that nobody is logged in with this client, and that nothing breaks."""
        self.assert_problem(client.get("/v1/session"), 404, "Not Found")
        self.assertEqual(client.get("/v1/movies/1").status_code, 200)
        self.assert_unauthorized(self.put_favourites(client=client))


class SessionTest(SessionTestCase):
    """Log in once, and the browser brings the rest."""

    def test_login_is_201_with_a_session(self):
        response = self.log_in()

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, "/v1/session")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        csrf_token = response.json["csrf_token"]
        self.assertRegex(csrf_token, "^[0-9a-f]{64}$")
        self.assertEqual(
            response.json,
            {
                "user": "alice",
                "role": "editor",
                "permissions": ["movies:write", "watchlists:read", "watchlists:write"],
                "csrf_token": csrf_token,
                "url": "/v1/session",
            },
        )

    def test_session_is_found_at_its_location(self):
        created = self.log_in(name="bob")

        response = self.client.get(created.location)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, created.json)
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_cookie_is_out_of_reach_of_scripts_and_other_sites(self):
        [cookie] = self.log_in().headers.getlist("Set-Cookie")

        pair, *attributes = cookie.split("; ")
        self.assertTrue(pair.startswith("session="))
        self.assertEqual(set(attributes), {"HttpOnly", "Path=/", "SameSite=Lax"})

    def test_cookie_says_nothing_of_the_user(self):
        self.log_in()

        payload, *_ = self.cookie_of(self.client).split(".")
        self.assertEqual(list(json.loads(decoded(payload))), ["token"])

    def test_database_does_not_hold_the_token(self):
        self.log_in()
        payload, *_ = self.cookie_of(self.client).split(".")
        token = json.loads(decoded(payload))["token"]

        self.assertGreaterEqual(len(decoded(token)), 32)
        self.assertNotIn(token.encode(), self.database.serialize(), "keep a hash of it")

    def test_cookie_says_who_is_asking(self):
        browser, csrf = self.browser("bob")

        response = self.put_favourites(csrf, browser)

        self.assertEqual((response.status_code, response.json["owner"]), (201, "bob"))

    def test_reading_needs_the_cookie_only(self):
        self.put_favourites(ALICE, private=True)
        browser, _ = self.browser()

        for method in ("GET", "HEAD", "OPTIONS"):
            with self.subTest(method=method):
                self.assertEqual(browser.open(FAVOURITES, method=method).status_code, 200)

    def test_role_of_a_session_counts_from_the_moment_it_is_given(self):
        browser, csrf = self.browser()
        self.change_user("alice", role="member")

        response = browser.post("/v1/movies", json=METROPOLIS, headers=csrf)

        self.assert_forbidden(response, "This needs the permission movies:write.")
        self.assertEqual(browser.get("/v1/session").json["role"], "member")

    def test_wrong_password_and_unknown_user_get_the_same_answer(self):
        wrong, unknown = self.log_in(password="wrong"), self.log_in(name="nobody")

        for response in (wrong, unknown):
            self.assert_unauthorized(response, code=21)
            self.assertNotIn("Set-Cookie", response.headers)
        self.assertEqual(wrong.json, unknown.json)
        self.assert_nothing_changed()

    def test_password_is_the_same_as_for_basic(self):
        for number, password in enumerate(PASSWORDS):
            with self.subTest(password=password):
                self.add_user(f"user-{number}", password)

                self.assertEqual(self.log_in(None, f"user-{number}", password).status_code, 201)

    def test_bad_bodies_are_400_with_every_reason(self):
        no_text = "must be text of 1 to 1000 characters, not blank, without U+0000"
        neither = {"name": no_text, "password": no_text}
        for body, errors in (
            ({}, neither),
            ({"name": "alice"}, {"password": no_text}),
            ({"name": None, "password": 7}, neither),
            ({"name": ["alice"], "password": {"": 1}}, neither),
            ({"name": " ", "password": "\0"}, neither),
            ({"name": "x" * 1001, "password": "x" * 1001}, neither),
            (
                {"name": "alice", "password": PASSWORD, "role": "editor"},
                {"role": "is not one of name, password, remember"},
            ),
        ):
            with self.subTest(body=body):
                response = self.client.post("/v1/session", json=body)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"], errors)
                self.assertNotIn("Set-Cookie", response.headers)
        self.assert_nothing_changed()

    def test_bodies_that_are_no_json_object_are_refused(self):
        pair = json.dumps({"name": "alice", "password": PASSWORD})
        for body, content_type, status in (
            ("{", "application/json", 400),
            ("[]", "application/json", 400),
            ("", "application/json", 400),
            (pair, "text/plain", 415),  # what a form of another site can send
            (f"name=alice&password={PASSWORD}", "application/x-www-form-urlencoded", 415),
        ):
            with self.subTest(body=body, content_type=content_type):
                response = self.client.post("/v1/session", data=body, content_type=content_type)

                self.assertEqual(response.status_code, status)
        self.assert_nothing_changed()

    def test_login_begins_another_session_and_ends_the_one_before(self):
        browser, _ = self.browser()
        before = self.cookie_of(browser)

        self.log_in(browser, "bob")

        self.assertNotEqual(self.cookie_of(browser), before)
        self.assertEqual(browser.get("/v1/session").json["user"], "bob")
        self.assert_stranger(self.thief(before))

    def test_failed_login_leaves_the_session_as_it_is(self):
        browser, _ = self.browser()

        self.log_in(browser, "bob", "wrong")

        self.assertEqual(browser.get("/v1/session").json["user"], "alice")

    def test_logout_is_204_and_takes_the_cookie_back(self):
        browser, csrf = self.browser()

        response = browser.delete("/v1/session", headers=csrf)

        self.assertEqual((response.status_code, response.data), (204, b""))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertIn("Max-Age=0", response.headers["Set-Cookie"])
        self.assertIsNone(browser.get_cookie("session"))

    def test_logout_shows_what_was_if_the_client_prefers_so(self):
        browser, csrf = self.browser()
        before = browser.get("/v1/session").json

        response = browser.delete("/v1/session", headers=csrf | {"Prefer": "return=representation"})

        self.assertEqual((response.status_code, response.json), (200, before))
        self.assertIsNone(browser.get_cookie("session"))

    def test_copy_of_the_cookie_is_dead_after_logout(self):
        browser, csrf = self.browser()
        copy = self.cookie_of(browser)

        browser.delete("/v1/session", headers=csrf)

        self.assertEqual(self.put_favourites(csrf, self.thief(copy)).status_code, 401)
        self.assert_stranger(self.thief(copy))
        self.assertEqual(self.rows(LoginSession), [])

    def test_logout_ends_one_session_only(self):
        at_home, csrf = self.browser()
        at_work, _ = self.browser()

        at_home.delete("/v1/session", headers=csrf)

        self.assertEqual(at_work.get("/v1/session").status_code, 200)

    def test_logout_without_a_session_is_404(self):
        self.assert_problem(self.client.delete("/v1/session"), 404, "Not Found")

    def test_session_ends_after_its_time(self):
        browser, _ = self.browser()

        with patch("cinema.users.sessions.now", return_value=now() + LIFE - timedelta(minutes=1)):
            self.assertEqual(browser.get("/v1/session").status_code, 200)
        with patch("cinema.users.sessions.now", return_value=now() + LIFE):
            self.assert_stranger(browser)

    def test_what_has_expired_is_cleared_away_at_the_next_login(self):
        self.browser()

        with patch("cinema.users.sessions.now", return_value=now() + LIFE):
            self.browser("bob")

        self.assertEqual([each.user_name for each in self.rows(LoginSession)], ["bob"])

    def test_new_password_ends_all_sessions_of_its_user(self):
        alices, bobs = self.browser()[0], self.browser("bob")[0]

        self.app.test_cli_runner().invoke(
            args=("set-password", "alice", "--password", "a new password")
        )

        self.assert_stranger(alices)
        self.assertEqual(bobs.get("/v1/session").status_code, 200)

    def test_session_ends_with_its_user(self):
        browser, _ = self.browser()

        self.delete_user("alice")

        self.assert_stranger(browser)

    def test_junk_cookies_are_nobodys(self):
        for cookie in (
            *("", "x", ".", "..", "a.b.c", "....", "{}", "é", "\x01", "%00", "null", "x" * 4000),
            encoded({"token": "guessed"}),
            f"{encoded({'token': 'guessed'})}.aaaaaa.{'a' * 27}",
        ):
            with self.subTest(cookie=cookie[:40]):
                self.assert_stranger(self.thief(cookie))

    def test_tampered_cookies_are_nobodys(self):
        browser, _ = self.browser()
        payload, created, mac = self.cookie_of(browser).split(".")
        for cookie in (
            f"{payload}.{created}.{mac[::-1]}",
            f"{payload}.{created[::-1]}.{mac}",
            f"{payload[::-1]}.{created}.{mac}",
            f"{encoded({'token': 'guessed'})}.{created}.{mac}",
            f"{payload}.{created}.",
            f"{payload}.{created}",
            payload,
        ):
            with self.subTest(cookie=cookie):
                self.assert_stranger(self.thief(cookie))

    def test_cookies_of_another_secret_are_nobodys(self):
        forger = Flask("forger")
        forger.secret_key = "guessed"
        browser, _ = self.browser()
        token = json.loads(decoded(self.cookie_of(browser).split(".")[0]))["token"]
        forged = forger.session_interface.get_signing_serializer(forger).dumps({"token": token})

        self.assert_stranger(self.thief(forged))

    def test_junk_cookie_does_not_keep_anybody_from_logging_in(self):
        response = self.log_in(self.thief("junk"))

        self.assertEqual(response.status_code, 201)


class CsrfTest(SessionTestCase):
    """A browser sends the cookie for any site that asks: a change needs more (OWASP: CSRF)."""

    NO_TOKEN = "A change by cookie needs the session's csrf_token, as X-CSRF-Token."
    OTHER_SITE = "This request comes from another site."
    CHANGES = (
        ("POST", "/v1/movies"),
        ("DELETE", "/v1/movies/1"),
        ("PUT", FAVOURITES),
        ("PATCH", FAVOURITES),
        ("DELETE", FAVOURITES),
        ("POST", "/v1/signing-key"),
        ("DELETE", "/v1/signing-key"),
        ("DELETE", "/v1/session"),
    )
    OTHER_SITES = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another host of ours, perhaps in other hands
        {"Sec-Fetch-Site": "anything new"},
        {"Sec-Fetch-Site": ""},
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"{SITE}.evil.example"},
        {"Origin": f"{SITE}:8080"},
        {"Origin": f"{EVIL}/localhost"},
        {"Origin": f"{SITE}@evil.example"},
        {"Origin": "localhost"},
        {"Origin": "http://["},  # malformed: urlsplit() fails
        {"Origin": "é"},
        {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"},
        {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    )
    OUR_SITE = (
        {},
        {"Origin": SITE},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},  # typed by the user
        {"Origin": SITE, "Sec-Fetch-Site": "same-origin"},
    )

    def test_change_by_cookie_alone_is_refused(self):
        self.put_favourites(ALICE)
        browser, _ = self.browser()
        before = self.database.serialize()
        for method, url in self.CHANGES:
            with self.subTest(method=method, url=url):
                response = browser.open(url, method=method, json={})

                self.assert_forbidden(response, self.NO_TOKEN)
        self.assertTrue(self.database.serialize() == before, "nothing should have changed")

    def test_token_must_be_that_of_the_session(self):
        former, _ = self.browser()
        token_before = former.get("/v1/session").json["csrf_token"]
        token = self.log_in(former).json["csrf_token"]
        _, elsewhere = self.browser()
        _, bobs = self.browser("bob")
        for wrong in (
            *("", "x", "é", token[:-1], token + "0", token.upper(), token_before),
            *(elsewhere["X-CSRF-Token"], bobs["X-CSRF-Token"]),
        ):
            with self.subTest(wrong=wrong):
                response = self.put_favourites({"X-CSRF-Token": wrong}, former)

                self.assert_forbidden(response, self.NO_TOKEN)
        self.assertEqual(self.put_favourites({"X-CSRF-Token": token}, former).status_code, 201)

    def test_change_that_another_site_causes_is_refused(self):
        browser, csrf = self.browser()
        for headers in self.OTHER_SITES:
            with self.subTest(headers=headers):
                response = self.put_favourites(csrf | headers, browser)

                self.assert_forbidden(response, self.OTHER_SITE)
        self.assertEqual(browser.get(FAVOURITES).status_code, 404)

    def test_change_from_our_own_pages_passes(self):
        browser, csrf = self.browser()
        for headers in self.OUR_SITE:
            with self.subTest(headers=headers):
                self.assertIn(self.put_favourites(csrf | headers, browser).status_code, (200, 201))

    def test_other_site_cannot_log_its_visitors_in(self):
        for headers in self.OTHER_SITES:
            with self.subTest(headers=headers):
                response = self.log_in(name="bob", headers=headers)

                self.assert_forbidden(response, self.OTHER_SITE)
                self.assertNotIn("Set-Cookie", response.headers)
        self.assert_nothing_changed()

    def test_our_own_pages_can_log_in(self):
        for headers in self.OUR_SITE:
            with self.subTest(headers=headers):
                self.assertEqual(self.log_in(headers=headers).status_code, 201)

    def test_reading_needs_no_token_wherever_it_comes_from(self):
        browser, _ = self.browser()
        for method in ("GET", "HEAD", "OPTIONS"):
            for headers in self.OTHER_SITES:
                with self.subTest(method=method, headers=headers):
                    response = browser.open("/v1/movies/1", method=method, headers=headers)

                    self.assertEqual(response.status_code, 200)

    def test_dead_session_is_no_session_whatever_its_token(self):
        browser, csrf = self.browser()
        copy = self.thief(self.cookie_of(browser))
        browser.delete("/v1/session", headers=csrf)

        self.assert_unauthorized(self.put_favourites(csrf, copy))

    def test_credentials_that_no_browser_adds_need_no_token(self):
        response = self.put_favourites(ALICE | {"Origin": EVIL})

        self.assertEqual(response.status_code, 201)


class NaiveSessionTest(SessionTestCase):
    """What a cookie must not be, in five lines each."""

    def test_name_in_a_cookie_can_be_written_by_anybody(self):
        naive = Flask("naive")

        @naive.get("/")
        def who():
            return request.cookies.get("user", "nobody")

        forger = naive.test_client()
        forger.set_cookie("user", "alice")

        self.assertEqual(forger.get("/").text, "alice")
        for forged in ("alice", encoded("alice"), encoded({"user": "alice"})):
            self.assert_stranger(self.thief(forged))

    def test_session_that_is_only_a_signed_cookie_outlives_its_logout(self):
        naive = Flask("naive")
        naive.secret_key = "secret"

        @naive.get("/")
        def who():
            return session.get("user", "nobody")

        @naive.post("/")
        def log_in():
            session["user"] = "alice"
            return "", 201

        @naive.delete("/")
        def log_out():
            session.clear()
            return "", 204

        victim, thief = naive.test_client(), naive.test_client()
        victim.post("/")
        thief.set_cookie("session", self.cookie_of(victim))
        victim.delete("/")

        self.assertEqual(thief.get("/").text, "alice")  # for as long as the secret stays the same
        browser, csrf = self.browser()
        copy = self.cookie_of(browser)
        browser.delete("/v1/session", headers=csrf)
        self.assert_stranger(self.thief(copy))

    def test_session_that_keeps_its_id_at_login_can_be_planted(self):
        naive, users = Flask("naive"), {}

        @naive.get("/")
        def who():
            return users.get(request.cookies.get("id"), "nobody")

        @naive.post("/<name>")
        def log_in(name):
            session_id = request.cookies.get("id") or token_hex()
            users[session_id] = name
            return "", 201, {"Set-Cookie": f"id={session_id}"}

        attacker, victim = naive.test_client(), naive.test_client()
        attacker.post("/mallory")
        victim.set_cookie("id", attacker.get_cookie("id").value)  # by a link, or a subdomain
        victim.post("/alice")

        self.assertEqual(attacker.get("/").text, "alice")
        attacker, _ = self.browser("bob")
        planted = self.cookie_of(attacker)
        self.log_in(self.thief(planted), "alice")
        self.assert_stranger(attacker)

    def test_change_that_needs_the_cookie_only_can_be_caused_by_any_site(self):
        naive, movies = Flask("naive"), {1: "Kitty Foyle"}
        naive.secret_key = "secret"

        @naive.post("/login")
        def log_in():
            session["user"] = "alice"
            return "", 201

        @naive.post("/movies/<int:movie_id>/delete")
        def delete_movie(movie_id):
            if "user" not in session:
                return "", 401
            del movies[movie_id]
            return "", 204

        browser = naive.test_client()
        browser.post("/login")
        form_of_another_site = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
        browser.post("/movies/1/delete", headers=form_of_another_site)

        self.assertEqual(movies, {})
        browser, _ = self.browser()
        self.assertEqual(
            browser.delete("/v1/movies/1", headers=form_of_another_site).status_code, 403
        )
        self.assertEqual(self.client.get("/v1/movies/1").status_code, 200)


class SignedTestCase(AuthenticationTestCase):
    """Users who have a key, and sign with it."""

    def get_key(self, headers=ALICE):
        response = self.client.post("/v1/signing-key", headers=headers)
        return b64decode(response.json["key"])

    def assert_signature_refused(self, response, detail):
        self.assert_unauthorized(response, code=21)
        self.assertEqual(response.json["detail"], detail)


class SigningKeyTest(SignedTestCase):
    """The key with which a user signs."""

    def test_new_key_is_201_and_shown(self):
        response = self.client.post("/v1/signing-key", headers=ALICE)

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.location, "/v1/signing-key")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        key = response.json["key"]
        self.assertEqual(len(b64decode(key, validate=True)), 32)
        self.assertEqual(
            response.json,
            {"keyid": "alice", "alg": "hmac-sha256", "url": "/v1/signing-key", "key": key},
        )

    def test_key_is_shown_once(self):
        created = self.client.post("/v1/signing-key", headers=ALICE)

        response = self.client.get(created.location, headers=ALICE)

        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json, {"keyid": "alice", "alg": "hmac-sha256", "url": "/v1/signing-key"}
        )

    def test_no_two_keys_are_the_same(self):
        keys = {self.get_key(headers) for headers in (ALICE, ALICE, BOB)}

        self.assertEqual(len(keys), 3)

    def test_user_without_a_key_gets_404(self):
        for method in ("GET", "DELETE"):
            with self.subTest(method=method):
                response = self.client.open("/v1/signing-key", method=method, headers=ALICE)

                self.assert_problem(response, 404, "Not Found")
                self.assertEqual(response.json["detail"], "You have no signing key.")

    def test_next_key_replaces_the_one_before(self):
        old, new = self.get_key(), self.get_key()

        self.assert_signature_refused(
            self.client.open(**signed(old)), "The signature does not fit the request."
        )
        self.assertEqual(self.client.open(**signed(new)).status_code, 200)

    def test_deleted_key_is_dead(self):
        key = self.get_key()

        response = self.client.delete("/v1/signing-key", headers=ALICE)

        self.assertEqual((response.status_code, response.data), (204, b""))
        self.assertEqual(self.client.get("/v1/signing-key", headers=ALICE).status_code, 404)
        self.assert_unauthorized(self.client.open(**signed(key)), code=21)

    def test_keys_of_others_stay(self):
        bobs = self.get_key(BOB)
        self.get_key(ALICE)

        self.client.delete("/v1/signing-key", headers=ALICE)

        self.assertEqual(self.client.open(**signed(bobs, "bob")).status_code, 200)


class SignedRequestTest(SignedTestCase):
    """Signed requests: the secret itself is never sent (RFC 9421)."""

    DOES_NOT_FIT = "The signature does not fit the request."
    USED = "This nonce was used before: sign each request anew."
    BODY = json.dumps(METROPOLIS).encode()

    def setUp(self):
        super().setUp()
        self.key = self.get_key()

    def post(self, **changes):
        """Return a signed request for a new movie."""
        return signed(self.key, method="POST", path="/v1/movies", data=self.BODY) | changes

    def test_signed_get_says_who_is_asking(self):
        self.put_favourites(ALICE, private=True)

        response = self.client.open(**signed(self.key, path=FAVOURITES))

        self.assertEqual((response.status_code, response.json["owner"]), (200, "alice"))

    def test_signed_post_creates(self):
        response = self.client.open(**self.post())

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json, {"id": 4} | METROPOLIS | {"url": "/v1/movies/4"})

    def test_signed_query_and_encoded_path_are_taken_as_they_were_sent(self):
        for path in ("/v1/movies?q=a%20b+c&year=1940", "/v1/movies?", "/v1/watchlists/%61b%2Fc"):
            with self.subTest(path=path):
                response = self.client.open(**signed(self.key, path=path))

                self.assertIn(response.status_code, (200, 404))

    def test_role_counts_as_it_does_for_a_password(self):
        request = signed(self.get_key(BOB), "bob", "POST", "/v1/movies", self.BODY)

        response = self.client.open(**request)

        self.assert_forbidden(response, "This needs the permission movies:write.")

    def test_other_method_path_or_query_is_refused(self):
        sent = signed(self.key, method="DELETE", path="/v1/movies/1")
        for change in (
            {"method": "GET"},
            {"path": "/v1/movies/2"},
            {"path": "/v2/movies/1"},
            {"path": "/v1/movies/1?x=1"},
            {"path": "/v1/movies/%31"},
        ):
            with self.subTest(change=change):
                response = self.client.open(**sent | change)

                self.assert_signature_refused(response, self.DOES_NOT_FIT)
        self.assertEqual(self.client.get("/v1/movies/2").status_code, 200)

    def test_other_host_is_refused(self):
        response = self.client.open(**self.post(base_url="http://other.example"))

        self.assertEqual((response.status_code, response.json["detail"]), (401, self.DOES_NOT_FIT))
        self.assertEqual(self.client.get("/v1/movies/4").status_code, 404)

    def test_other_body_is_refused(self):
        response = self.client.open(**self.post(data=self.BODY.replace(b"1927", b"1928")))

        self.assert_signature_refused(response, "The body does not fit its Content-Digest.")

    def test_body_that_is_slipped_in_is_refused(self):
        self.put_favourites(ALICE)

        response = self.client.open(**signed(self.key, path=FAVOURITES) | {"data": b"{}"})

        self.assert_unauthorized(response, code=21)

    def test_old_and_future_signatures_are_refused(self):
        for moment, detail in (
            (-WINDOW - 1, "The signature has expired; it is good for 300 seconds at most."),
            (CLOCK_SKEW + 30, "The signature was created in the future. Check your clock."),
        ):
            with self.subTest(moment=moment):
                created = int(time.time()) + moment

                response = self.client.open(**signed(self.key, created=created))

                self.assert_signature_refused(response, detail)

    def test_same_request_again_is_refused(self):
        sent = self.post()
        self.client.open(**sent)

        response = self.client.open(**sent)

        self.assert_signature_refused(response, self.USED)
        self.assertEqual(self.client.get("/v1/movies/5").status_code, 404)

    def test_nonce_of_another_request_is_refused(self):
        self.client.open(**signed(self.key, nonce="once"))

        response = self.client.open(**signed(self.key, path="/v1/movies", nonce="once"))

        self.assert_signature_refused(response, self.USED)

    def test_nonces_of_others_are_no_hindrance(self):
        bobs = self.get_key(BOB)
        self.client.open(**signed(self.key, nonce="once"))

        response = self.client.open(**signed(bobs, "bob", nonce="once"))

        self.assertEqual(response.status_code, 200)

    def test_forged_request_does_not_use_up_a_nonce(self):
        sent = self.post()
        self.client.open(**sent | {"data": b"{}"})

        response = self.client.open(**sent)

        self.assertEqual(response.status_code, 201, "else a forger could stop the real one")

    def test_nonces_are_remembered_for_as_long_as_they_matter(self):
        self.client.open(**signed(self.key, nonce="old"))

        self.later(WINDOW)
        self.client.open(**signed(self.key, nonce="new", created=int(time.time())))
        both = {used.nonce for used in self.rows(UsedNonce)}
        self.later(WINDOW + 1)
        self.client.open(**signed(self.key, nonce="newest", created=int(time.time())))

        self.assertEqual(both, {"old", "new"})
        self.assertEqual({used.nonce for used in self.rows(UsedNonce)}, {"new", "newest"})

    def test_wrong_key_unknown_user_and_user_without_key_get_the_same_answer(self):
        wrong = bytes(32)
        for keyid in ("alice", "bob", "nobody"):  # bob has no key
            with self.subTest(keyid=keyid):
                response = self.client.open(**signed(wrong, keyid))

                self.assert_signature_refused(response, self.DOES_NOT_FIT)

    def test_key_of_one_user_does_not_sign_for_another(self):
        bobs = self.get_key(BOB)

        response = self.client.open(**signed(bobs, "alice"))

        self.assert_signature_refused(response, self.DOES_NOT_FIT)

    def test_half_a_signature_is_refused(self):
        for name in ("Signature", "Signature-Input"):
            with self.subTest(name=name):
                request = signed(self.key)
                del request["headers"][name]

                self.assert_unauthorized(self.client.open(**request), code=21)

    def test_junk_is_refused(self):
        for junk in ("", "x", "sig", "sig=()", "sig=:é:", "=", "(" * 3000, 'sig=("@method");a'):
            for name in ("Signature", "Signature-Input"):
                with self.subTest(name=name, junk=junk[:20]):
                    request = signed(self.key)
                    request["headers"][name] = junk

                    self.assert_unauthorized(self.client.open(**request), code=21)


class ParallelReplayTest(ServerTestCase):
    def test_of_two_copies_at_once_one_passes(self):
        client = self.app.test_client()
        key = b64decode(client.post("/v1/signing-key", headers=ALICE).json["key"])
        sent = signed(key, method="POST", path="/v1/movies", data=SignedRequestTest.BODY)

        statuses = all_at_once(
            [lambda: self.app.test_client().open(**sent).status_code for _ in range(4)]
        )

        self.assertEqual(sorted(statuses), [201, 401, 401, 401])


class FakeIssuer:
    """The authorization server, as far as the API asks it: its metadata and its keys."""

    METADATA = f"{ISSUER}/.well-known/oauth-authorization-server"
    KEYS = f"{ISSUER}/jwks.json"

    def __init__(self):
        self.asked = []
        self.status = 200
        self.documents = {self.METADATA: json.dumps({"issuer": ISSUER, "jwks_uri": self.KEYS})}
        self.publish(ISSUERS_KEY)

    def publish(self, *keys):
        public = [key.as_dict(private=False) for key in keys]
        self.documents[self.KEYS] = json.dumps({"keys": public})

    def get(self, url, **_options):
        self.asked.append(url)
        response = requests.Response()
        response.status_code = self.status
        response._content = self.documents[url].encode()
        return response


class BearerTestCase(AuthenticationTestCase):
    """An API that believes the tokens of a fake issuer."""

    def setUp(self):
        super().setUp()
        self.issuer, self.clock = FakeIssuer(), 1000.0
        self.enterContext(patch.dict(self.app.extensions, issuer_keys=IssuerKeys(ISSUER)))
        self.enterContext(patch("requests.get", self.issuer.get))
        clock = SimpleNamespace(monotonic=lambda: self.clock)
        self.enterContext(patch("cinema.users.authentication.oauth_keys.time", clock))

    def get(self, text):
        return self.client.get("/v1/movies/1", headers=bearer(text))

    def assert_insufficient(self, response, scope):
        """Check that an answer says which scope the token lacks."""
        self.assert_forbidden(response, f"This needs the permission {scope}.")
        self.assertEqual(
            response.headers.getlist("WWW-Authenticate"),
            [f'{BEARER_CHALLENGE}, error="insufficient_scope", scope="{scope}"'],
        )


class BearerTest(BearerTestCase):
    """Access tokens of OAuth 2 (RFC 6750, RFC 9068)."""

    def test_token_says_who_is_asking(self):
        response = self.put_favourites(bearer(token()))

        self.assertEqual((response.status_code, response.json["owner"]), (201, "alice"))

    def test_scheme_and_type_are_written_in_any_case(self):
        for scheme in ("bearer ", "BEARER ", "Bearer   "):
            with self.subTest(scheme=scheme):
                headers = {"Authorization": scheme + token()}

                self.assertLess(self.put_favourites(headers).status_code, 300)
        for kind in ("AT+JWT", "application/at+jwt"):
            with self.subTest(kind=kind):
                self.assertEqual(self.get(token(header=HEADER | {"typ": kind})).status_code, 200)

    def test_token_for_several_is_for_us_too(self):
        response = self.get(token(aud=["urn:theatre:api", "urn:cinema:api"]))

        self.assertEqual(response.status_code, 200)

    def test_token_that_is_for_others_or_not_good_now_is_refused(self):
        moment = int(time.time())
        for changes in (
            {"iss": "http://127.0.0.1:8105"},
            {"iss": ISSUER + "/"},
            {"aud": "urn:theatre:api"},
            {"aud": ["urn:theatre:api"]},
            {"aud": "urn:cinema:api2"},
            {"exp": moment - 1},
            {"exp": 0},
            {"nbf": moment + 60},
            {"iat": moment + 60},
        ):
            with self.subTest(changes=changes):
                self.assert_unauthorized(self.get(token(**changes)), code=22)

    def test_token_that_leaves_something_out_is_refused(self):
        for name in ("iss", "aud", "exp", "sub", "client_id", "scope"):
            with self.subTest(name=name):
                self.assert_unauthorized(self.get(token(**{name: None})), code=22)

    def test_claims_of_a_wrong_type_are_refused(self):
        texts, numbers = ("iss", "aud", "sub", "client_id", "scope"), ("exp", "nbf", "iat")
        for names, values in (
            (texts, (7, 1.5, True, "", [], ["x"], [[]], {}, {"a": 1})),
            (numbers, (True, "", "x", str(int(time.time()) + 60), [], [7], {}, {"a": 1})),
        ):
            for name, value in product(names, values):
                with self.subTest(name=name, value=value):
                    self.assert_unauthorized(self.get(token(**{name: value})), code=22)

    def test_token_of_another_key_is_refused(self):
        impostor = ECKey.generate_key("P-256", {"kid": "first"})

        self.assert_unauthorized(self.get(token(impostor)), code=22)

    def test_tokens_that_choose_their_algorithm_are_refused(self):
        for text in (
            forged({"alg": "none", "typ": "at+jwt"}),
            forged(HEADER | {"alg": "none"}),
            forged(HEADER | {"alg": "None"}),
            forged(HEADER | {"alg": "HS256"}, public_key_as_secret),
            forged(HEADER | {"alg": "ES384"}, lambda _: bytes(96)),
            forged(HEADER, lambda _: bytes(64)),
            forged(HEADER),
        ):
            with self.subTest(text=text):
                self.assert_unauthorized(self.get(text), code=22)

    def test_key_that_the_token_brings_along_is_not_believed(self):
        header = HEADER | {"jwk": ANOTHER_KEY.as_dict(private=False), "jku": f"{EVIL}/jwks.json"}

        response = self.get(token(ANOTHER_KEY, header))

        self.assert_unauthorized(response, code=22)
        self.assertNotIn(f"{EVIL}/jwks.json", self.issuer.asked)

    def test_other_kinds_of_token_are_refused(self):
        for kind in ("JWT", "id+jwt", "", None):
            with self.subTest(kind=kind):
                header = {n: v for n, v in (HEADER | {"typ": kind}).items() if v is not None}

                self.assert_unauthorized(self.get(token(header=header)), code=22)

    def test_tampered_token_is_refused(self):
        head, body, mac = token(sub="bob").split(".")

        for text in (
            f"{head}.{encoded(claims())}.{mac}",
            f"{head}.{body}.{mac[::-1]}",
            f"{head}.{body}.",
            f"{head}.{body}",
            f"{encoded(HEADER | {'kid': 'second'})}.{body}.{mac}",
        ):
            self.assert_unauthorized(self.get(text), code=22)

    def test_junk_is_refused(self):
        odd = (None, 7, -1, 1.5, True, "", "é", [], [7], [None], [[]], {}, {"a": 1})
        for text in (
            *(
                "",
                "x",
                ".",
                "..",
                "...",
                "a.b.c",
                "....",
                "a.b.c.d.e",
                "é.é.é",
                "=.=.=",
                "x" * 9999,
            ),
            *(f"{encoded(header)}.e30.AA" for header in odd),
            *(forged(HEADER | {name: value}) for name in (*HEADER, "crit", "b64") for value in odd),
            *(forged({"alg": "dir", "enc": "A128GCM", "kid": "first"}) + ".AA.AA",),
            *(jws.serialize_compact(HEADER, body, ISSUERS_KEY) for body in (b"x", b"[]", b"7")),
        ):
            with self.subTest(text=text[:60]):
                self.assert_unauthorized(self.get(text), code=22)

    def test_stranger_gets_a_bare_challenge(self):
        response = self.put_favourites()

        self.assert_unauthorized(response)  # neither error nor scope: RFC 6750, section 3.1

    def test_token_in_the_url_or_the_body_is_not_looked_at(self):
        self.put_favourites(ALICE, private=True)
        form = {"access_token": token()}

        in_url = self.client.post("/v1/movies", query_string=form, json=METROPOLIS)
        in_body = self.client.post("/v1/movies", data=form)
        read = self.client.get(FAVOURITES, query_string=form)

        self.assert_unauthorized(in_url)
        self.assert_unauthorized(in_body)
        self.assertEqual(read.status_code, 404)

    def test_metadata_lead_to_who_issues_tokens(self):
        response = self.client.get("/.well-known/oauth-protected-resource")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json,
            {
                "resource": "urn:cinema:api",
                "authorization_servers": [ISSUER],
                "scopes_supported": ["movies:write", "watchlists:read", "watchlists:write"],
                "bearer_methods_supported": ["header"],
            },
        )


class ScopeTest(BearerTestCase):
    """A token may do what its scope says, and never more than who is behind it."""

    def test_scope_that_is_missing_is_403(self):
        read_only = bearer(token(scope="watchlists:read"))

        self.assert_insufficient(self.put_favourites(read_only), "watchlists:write")
        self.assert_insufficient(
            self.client.delete("/v1/movies/1", headers=read_only), "movies:write"
        )

    def test_scope_that_lets_read_lets_read(self):
        self.put_favourites(ALICE, private=True)
        for scope, status in (("watchlists:read", 200), ("watchlists:write", 404), ("x", 404)):
            with self.subTest(scope=scope):
                response = self.client.get(FAVOURITES, headers=bearer(token(scope=scope)))

                self.assertEqual(response.status_code, status)

    def test_scopes_are_compared_as_a_whole(self):
        for scope in ("movies:write2", "MOVIES:WRITE", "movies", "*", "movies:write,x", "editor"):
            with self.subTest(scope=scope):
                response = self.client.post(
                    "/v1/movies", json=METROPOLIS, headers=bearer(token(scope=scope))
                )

                self.assert_insufficient(response, "movies:write")

    def test_scope_never_widens_the_role(self):
        response = self.client.post(
            "/v1/movies", json=METROPOLIS, headers=bearer(token(sub="bob", scope=ALL))
        )

        self.assert_insufficient(response, "movies:write")

    def test_token_follows_the_role_that_its_user_has_by_now(self):
        editors = bearer(token())
        self.change_user("alice", role="member")

        response = self.client.delete("/v1/movies/1", headers=editors)

        self.assert_insufficient(response, "movies:write")

    def test_token_ends_with_its_user(self):
        of_alice, of_nobody = token(), token(sub="nobody")
        self.assertEqual(self.get(of_alice).status_code, 200)

        self.delete_user("alice")

        self.assert_unauthorized(self.get(of_alice), code=22)
        self.assert_unauthorized(self.get(of_nobody), code=22)

    def test_program_for_itself_writes_movies_and_nothing_else(self):
        self.put_favourites(ALICE, private=True)
        program = bearer(token(sub="cinema-robot", client_id="cinema-robot"))

        created = self.client.post("/v1/movies", json=METROPOLIS, headers=program)

        self.assertEqual(created.status_code, 201)
        self.assert_insufficient(self.put_favourites(program), "watchlists:write")
        self.assertEqual(self.client.get(FAVOURITES, headers=program).status_code, 404)

    def test_program_too_needs_the_scope(self):
        program = bearer(token(sub="cinema-robot", client_id="cinema-robot", scope="x"))

        response = self.client.post("/v1/movies", json=METROPOLIS, headers=program)

        self.assert_insufficient(response, "movies:write")

    def test_program_cannot_get_a_key_for_good(self):
        self.client.post("/v1/signing-key", headers=ALICE)
        before = self.database.serialize()
        for method in ("GET", "POST", "DELETE"):
            with self.subTest(method=method):
                response = self.client.open(
                    "/v1/signing-key", method=method, headers=bearer(token())
                )

                self.assert_forbidden(response, "A token is not enough for this: log in yourself.")
        self.assertTrue(self.database.serialize() == before, "nothing should have changed")


class IssuerTest(BearerTestCase):
    """The issuer's keys: fetched when needed, and not whenever a stranger wants it."""

    def test_keys_are_fetched_once(self):
        statuses = [self.get(token()).status_code for _ in range(3)]

        self.assertEqual(statuses, [200, 200, 200])
        self.assertEqual(self.issuer.asked, [FakeIssuer.METADATA, FakeIssuer.KEYS])

    def test_unknown_key_makes_us_ask_again(self):
        self.get(token())
        self.issuer.publish(ISSUERS_KEY, ANOTHER_KEY)
        self.clock += 6

        response = self.get(token(ANOTHER_KEY, HEADER | {"kid": "second"}))

        self.assertEqual(response.status_code, 200)
        self.assertEqual(len(self.issuer.asked), 4)

    def test_unknown_keys_do_not_make_us_ask_more_often_than_every_five_seconds(self):
        self.get(token())
        for number in range(20):
            text = token(ANOTHER_KEY, HEADER | {"kid": f"unknown-{number}"})

            self.assert_unauthorized(self.get(text), code=22)
            self.clock += 0.6

        self.assertEqual(len(self.issuer.asked), 2 + 2 * 2, "12 seconds: at 0, 5.4 and 10.8")

    def test_key_that_was_withdrawn_is_not_believed_for_ever(self):
        self.get(token())
        self.issuer.publish(ANOTHER_KEY)

        self.clock += 599
        self.assertEqual(self.get(token()).status_code, 200)
        self.clock += 2
        self.assert_unauthorized(self.get(token()), code=22)

    def test_issuer_that_fails_is_503_and_says_when_to_try_again(self):
        good = dict(self.issuer.documents)
        for what, changes in {
            "an error": {"status": 500},
            "a redirect": {"status": 302, "documents": dict.fromkeys(good, "")},
            "metadata that are no JSON": {"documents": good | {FakeIssuer.METADATA: "<html>"}},
            "metadata that are a list": {"documents": good | {FakeIssuer.METADATA: "[]"}},
            "metadata of another issuer": {
                "documents": good
                | {FakeIssuer.METADATA: good[FakeIssuer.METADATA].replace("8104", "8105")}
            },
            "metadata without keys": {"documents": good | {FakeIssuer.METADATA: "{}"}},
            "keys that are no JSON": {"documents": good | {FakeIssuer.KEYS: ""}},
            "keys that are none": {"documents": good | {FakeIssuer.KEYS: "{}"}},
            "keys that are a list": {"documents": good | {FakeIssuer.KEYS: "[]"}},
            "keys of no kind": {"documents": good | {FakeIssuer.KEYS: '{"keys": [{"kty": "x"}]}'}},
        }.items():
            self.clock += 6
            with self.subTest(what=what), patch.multiple(self.issuer, **changes):
                response = self.get(token())

                self.assertNotEqual(self.issuer.asked, [], "it should be asked again after a while")
                self.issuer.asked.clear()
                self.assert_problem(response, 503, "Service Unavailable")
                self.assertEqual(response.headers["Retry-After"], "5")

    def test_issuer_that_is_down_is_503_until_it_is_up_again(self):
        for failure in (requests.ConnectionError, requests.Timeout):
            with patch("requests.get", side_effect=failure):
                self.assert_problem(self.get(token()), 503, "Service Unavailable")
            self.clock += 6

        self.assertEqual(self.get(token()).status_code, 200)

    def test_issuer_that_is_down_is_not_waited_for_by_everybody(self):
        with patch("requests.get", side_effect=requests.Timeout) as get:
            for _ in range(3):
                self.assert_problem(self.get(token()), 503, "Service Unavailable")

        self.assertEqual(get.call_count, 1)

    def test_known_keys_go_on_while_the_issuer_is_down(self):
        self.get(token())

        with patch("requests.get", side_effect=requests.ConnectionError):
            self.assertEqual(self.get(token()).status_code, 200)

    def test_issuer_is_asked_with_patience_that_ends(self):
        with patch("requests.get", wraps=self.issuer.get) as get:
            self.get(token())

        for call in get.call_args_list:
            self.assertLessEqual(call.kwargs["timeout"], 3)
            self.assertIs(call.kwargs["allow_redirects"], False)


class NaiveTokenTest(BearerTestCase):
    """What a token must not be asked, and what it must."""

    def test_algorithm_that_the_token_chooses_lets_anybody_sign(self):
        public_key = ISSUERS_KEY.as_pem(private=False)
        checks = {
            "none": lambda _message, _mac: True,
            "HS256": lambda message, mac: hmac.digest(public_key, message, "sha256") == mac,
        }

        def naive_user(text):
            message, _, mac = text.rpartition(".")
            header, body = (json.loads(decoded(part)) for part in message.split("."))
            right = checks[header["alg"]](message.encode(), decoded(mac))
            return body["sub"] if right else None

        for text in (
            forged(HEADER | {"alg": "none"}),
            forged(HEADER | {"alg": "HS256"}, public_key_as_secret),
        ):
            self.assertEqual(naive_user(text), "alice")
            self.assert_unauthorized(self.get(text), code=22)

    def test_token_for_another_api_works_where_nobody_looks_for_whom_it_is(self):
        def naive_user(text):
            return jwt.decode(text, ISSUERS_KEY, algorithms=["ES256"]).claims["sub"]

        for_the_theatre = token(aud="urn:theatre:api")  # which can send it on to us

        self.assertEqual(naive_user(for_the_theatre), "alice")
        self.assert_unauthorized(self.get(for_the_theatre), code=22)
