"""5.d2 A service of their own: it has the passwords, and tells the API, and nobody else."""

import sqlite3
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import patch

from argon2 import PasswordHasher, extract_parameters
from cinema import create_app
from cinema.data.database import db
from click import ClickException
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests import PASSWORD, SETTINGS, basic
from tests.lesson import made_in
from tests.seams import COSTLY, work_of

with made_in("5.d2"):
    import auth_service
    from cinema.users.credentials import stored

SECRET = "the secret between the two"
US = {"Authorization": f"Bearer {SECRET}"}
NEW = "a sled named Rosebud"
COST = {"ARGON2_MEMORY_COST": 8, "ARGON2_TIME_COST": 1}
ASKS_THE_SERVICE = {"AUTH_SERVICE_URL": "http://127.0.0.1:9"}  # where nobody answers
SERVICE = {"AUTH_SERVICE_DATABASE_URL": "sqlite://", "AUTH_SERVICE_SECRET": SECRET} | COST


class AuthServiceTestCase(TestCase):
    """The service by itself, with two users."""

    def setUp(self):
        self.app = self.create_service(SERVICE)
        self.client = self.app.test_client()
        for name in ("alice", "bob"):
            self.ask("PUT", f"/users/{name}/password", json={"password": PASSWORD})

    def create_service(self, settings):
        app = auth_service.create_app(settings)
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)
        return app

    def ask(self, method, url, headers=US, **arguments):
        return self.client.open(url, method=method, headers=headers, **arguments)

    def verify(self, name, password, headers=US):
        return self.ask(
            "POST", "/verifications", headers, json={"name": name, "password": password}
        )

    def assert_right(self, name, password, right=True):
        response = self.verify(name, password)
        self.assertEqual((response.status_code, response.json), (200, {"right": right}), name)

    def assert_problem(self, response, status, title):
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertEqual(response.json.get("status"), status)
        self.assertEqual(response.json.get("title"), title)


class ServiceTest(AuthServiceTestCase):
    """What the service does for the API."""

    def test_it_tells_whether_a_password_is_right(self):
        for name, password, right in (
            ("alice", PASSWORD, True),
            ("alice", "a guess", False),
            ("alice", PASSWORD + " ", False),
            ("nobody", PASSWORD, False),
            ("", "", False),
        ):
            with self.subTest(name=name, password=password):
                self.assert_right(name, password, right)

    def test_unknown_user_costs_the_same_work(self):
        self.app = self.create_service(SERVICE | COSTLY)
        self.client = self.app.test_client()
        self.ask("PUT", "/users/alice/password", json={"password": PASSWORD})

        of_alice, of_nobody = (
            work_of(lambda name=name: self.verify(name, "a guess")) for name in ("alice", "nobody")
        )

        self.assertGreater(
            of_nobody / of_alice, 1 / 2, "the clock tells that there is no such user"
        )
        self.assertLess(of_nobody / of_alice, 2, "the clock tells that there is no such user")

    def test_weaker_hash_is_replaced_when_the_password_is_known(self):
        self.app = self.create_service(SERVICE | {"ARGON2_TIME_COST": 2})
        self.client = self.app.test_client()
        weaker = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        with patch.object(PasswordHasher, "hash", return_value=weaker):
            self.ask("PUT", "/users/alice/password", json={"password": PASSWORD})

        self.assert_right("alice", PASSWORD)

        with self.app.app_context():
            known = stored.find("alice").password_hash
        self.assertEqual(extract_parameters(known).time_cost, 2)

    def test_password_is_set_and_set_again(self):
        for _ in range(2):
            response = self.ask("PUT", "/users/alice/password", json={"password": NEW})

            self.assertEqual((response.status_code, response.data), (204, b""))
            self.assertNotIn("Content-Type", response.headers)
        self.assert_right("alice", NEW)
        self.assert_right("alice", PASSWORD, False)

    def test_key_is_kept_until_it_is_given_up_or_the_password_changes(self):
        url = "/users/alice/signing-key"
        give_up = (("PUT", url, {"key": None}), ("PUT", "/users/alice/password", {"password": NEW}))
        self.assertEqual(self.ask("GET", url).json, {"key": None})
        for method, other, body in give_up:
            with self.subTest(body=body):
                self.assertEqual(self.ask("PUT", url, json={"key": "c2xlZA=="}).status_code, 204)
                self.assertEqual(self.ask("GET", url).json, {"key": "c2xlZA=="})

                self.assertEqual(self.ask(method, other, json=body).status_code, 204)

                self.assertEqual(self.ask("GET", url).json, {"key": None})

    def test_user_is_deleted_and_deleted_again(self):
        for _ in range(2):
            self.assertEqual(self.ask("DELETE", "/users/alice").status_code, 204)
        self.assert_right("alice", PASSWORD, False)
        self.assert_right("bob", PASSWORD)

    def test_junk_is_refused_in_the_shape_of_all_errors(self):
        for method, url, body, wrong in (
            ("POST", "/verifications", {}, {"name", "password"}),
            ("POST", "/verifications", {"name": 7, "password": "a\0b"}, {"name", "password"}),
            ("PUT", "/users/alice/password", {"password": None}, {"password"}),
            ("PUT", "/users/alice/signing-key", {"key": "?"}, {"key"}),
            ("PUT", "/users/alice/signing-key", {"key": "é"}, {"key"}),
            ("PUT", "/users/alice/signing-key", {"key": 7}, {"key"}),
        ):
            with self.subTest(body=body):
                response = self.ask(method, url, json=body)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json.get("errors", {}).keys(), wrong)

    def test_other_errors_have_the_shape_too(self):
        for method, url, arguments, status, title in (
            ("GET", "/nowhere", {}, 404, "Not Found"),
            ("GET", "/verifications", {}, 405, "Method Not Allowed"),
            ("GET", "/users/alice/password", {}, 405, "Method Not Allowed"),
            ("POST", "/verifications", {"data": "{"}, 415, "Unsupported Media Type"),
            (
                "POST",
                "/verifications",
                {"data": "{", "content_type": "application/json"},
                400,
                "Bad Request",
            ),
            ("POST", "/verifications", {"json": "x" * 70_000}, 413, "Request Entity Too Large"),
        ):
            with self.subTest(method=method, url=url):
                self.assert_problem(self.ask(method, url, **arguments), status, title)

    def test_it_tells_those_who_watch_that_it_is_well(self):
        response = self.ask("GET", "/health", headers=None)

        self.assertEqual((response.status_code, response.json), (200, {"status": "ok"}))

    def test_it_is_not_well_without_its_database(self):
        gone = OperationalError("SELECT", {}, sqlite3.OperationalError("unable to open it"))
        with (
            patch.object(stored, "find", side_effect=gone),
            patch.object(self.app.logger, "error"),
        ):
            response = self.ask("GET", "/health", headers=None)

        self.assert_problem(response, 500, "Internal Server Error")
        self.assertNotIn("unable to open", response.text)

    def test_locked_database_is_503_and_says_when_to_ask_again(self):
        locked = OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))
        with patch.object(stored, "find", side_effect=locked):
            response = self.ask("GET", "/health", headers=None)

        self.assert_problem(response, 503, "Service Unavailable")
        self.assertEqual(response.headers.get("Retry-After"), "1")


class StrangersTest(AuthServiceTestCase):
    """Only the API may ask."""

    FORGED = (
        None,
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {SECRET[:-1]}"},
        {"Authorization": f"Bearer {SECRET}x", "X-Forwarded-For": "127.0.0.1"},
        {"Authorization": f"bearer {SECRET.upper()}"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": "Bearer schlüssel"},
        {"Authorization": SECRET},
        basic("alice"),
    )

    def test_forged_call_is_refused_and_does_nothing(self):
        calls = [
            (rule.rule.replace("<name>", "alice"), method)
            for rule in self.app.url_map.iter_rules()
            for method in rule.methods
            if rule.rule != "/health"
        ]
        for headers in self.FORGED:
            for url, method in calls:
                with self.subTest(headers=headers, method=method, url=url):
                    response = self.ask(method, url, headers, json={"password": "taken over"})

                    self.assertEqual(response.status_code, 401, "only the API may ask")
                    challenge = response.headers.get("WWW-Authenticate", "")
                    self.assertRegex(challenge, "^Bearer", "a 401 should say what would do")
        self.assert_right("alice", PASSWORD)

    def test_naive_service_on_a_private_port_believes_whoever_finds_it(self):
        naive = Flask("naive")

        @naive.put("/users/<name>/password")
        def set_password(name):
            return f"{name} has a new password"

        url, body = "/users/alice/password", {"password": "taken over"}
        self.assertEqual(naive.test_client().put(url, json=body).status_code, 200)
        self.assertEqual(self.client.put(url, json=body).status_code, 401)

    def test_secret_in_the_url_is_not_one(self):
        response = self.ask("GET", f"/users/alice/signing-key?access_token={SECRET}", headers=None)

        self.assert_problem(response, 401, "Unauthorized")

    def test_stranger_does_not_learn_what_is_there(self):
        for url in ("/users/alice/signing-key", "/users/nobody/signing-key", "/nowhere"):
            with self.subTest(url=url):
                response = self.ask("GET", url, headers=None)

                self.assert_problem(response, 401, "Unauthorized")


class ServiceConfigurationTest(TestCase):
    def create(self, environment, settings=()):
        with patch.dict("os.environ", environment):
            app = auth_service.create_app(dict(settings))
        self.dispose_of(app)
        return app

    def dispose_of(self, app):
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)

    def test_environment_is_heard(self):
        environment = {
            "AUTH_SERVICE_DATABASE_URL": "sqlite://",
            "AUTH_SERVICE_SECRET": SECRET,
            "ARGON2_TIME_COST": "5",
        }

        app = self.create(environment)

        self.assertEqual(app.config["AUTH_SERVICE_SECRET"], SECRET)
        cost = [
            app.config[f"ARGON2_{part}"] for part in ("MEMORY_COST", "TIME_COST", "PARALLELISM")
        ]
        self.assertEqual(cost, [19_456, 5, 1])

    def test_what_is_wrong_is_told_in_one_line_that_names_the_variable(self):
        for name in ("AUTH_SERVICE_DATABASE_URL", "ARGON2_TIME_COST"):
            environment = {"AUTH_SERVICE_SECRET": SECRET, name: "nonsense"}

            with self.subTest(name), self.assertRaises(ClickException) as refused:
                self.create(environment)

            self.assertRegex(refused.exception.format_message(), f"^{name}.*$")

    def test_first_start_makes_a_secret_that_the_api_finds(self):
        instance = self.enterContext(TemporaryDirectory())
        self.enterContext(patch.object(Flask, "auto_find_instance_path", return_value=instance))
        settings = SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | ASKS_THE_SERVICE

        service = self.create({}, {"AUTH_SERVICE_DATABASE_URL": "sqlite://"})
        with patch.dict("os.environ"):
            api = create_app(settings)
        self.dispose_of(api)

        self.assertGreaterEqual(len(service.config["AUTH_SERVICE_SECRET"]), 32, "128 bits at least")
        self.assertEqual(service.config["AUTH_SERVICE_SECRET"], api.config["AUTH_SERVICE_SECRET"])

    def test_passwords_do_not_leave_this_machine_in_the_clear(self):
        def start(url):
            settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "AUTH_SERVICE_SECRET": SECRET}
            self.dispose_of(create_app(SETTINGS | settings | {"AUTH_SERVICE_URL": url}))

        for url in (
            "http://auth.example",
            "http://192.0.2.7:8105",
            "http://127.0.0.1.evil.example",
        ):
            with self.subTest(url=url), self.assertRaises(ClickException):
                start(url)
        for url in ("https://auth.example", "http://127.0.0.1:8105", "http://[::1]:8105"):
            with self.subTest(url=url):
                start(url)
