"""5.d2 A service of their own: the API asks it, or says that it cannot."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from unittest import TestCase
from unittest.mock import Mock, patch

import auth_service
import requests
from cinema import create_app
from cinema.data.database import db, writing
from cinema.http.rate_limits import Limits
from cinema.users import credentials
from cinema.users.commands import add_first_users
from cinema.users.credentials import auth_client, stored
from cinema.users.passwords import remembered
from cinema.users.sessions import begin_session
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.serving import make_server

from tests import ALICE, BOB, METROPOLIS, PASSWORD, SETTINGS, basic
from tests.databases import about_sqlite
from tests.test_5d2_auth_service import NEW, SECRET, SERVICE


class WithServiceTestCase(TestCase):
    """An API, and a service that it asks over a real socket."""

    def setUp(self):
        remembered.clear()
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        database = f"sqlite:///{self.folder / 'auth_service.db'}"
        self.service = auth_service.create_app(SERVICE | {"AUTH_SERVICE_DATABASE_URL": database})
        self.dispose_after(self.service)
        self.enterContext(patch("cinema.users.credentials.auth_client.BETWEEN", 0))
        self.serve(self.service)
        self.app = create_app(
            SETTINGS
            | {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder / 'cinema.db'}",
                "AUTH_SERVICE_URL": f"http://127.0.0.1:{self.server.port}",
                "AUTH_SERVICE_SECRET": SECRET,
            }
        )
        self.dispose_after(self.app)
        with self.app.app_context(), writing():
            add_first_users()
        self.client = self.app.test_client()

    def dispose_after(self, app):
        with app.app_context():
            for engine in db.engines.values():
                self.addCleanup(engine.dispose)

    def serve(self, app, port=0):
        """Serve an application in a thread of its own, on a free port."""
        self.server = make_server("127.0.0.1", port, app, threaded=True)
        self.server.daemon_threads = True
        self.log = self.enterContext(patch.object(self.server.RequestHandlerClass, "log"))
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.addCleanup(self.stop)

    def stop(self):
        """Stop the service, and hang up on those who still speak with it."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
        self.hang_up()

    def hang_up(self):
        app = getattr(self, "app", None)
        if app:
            app.extensions["auth_service"].session.close()

    def serve_instead(self, app):
        """Let something else answer where the service was."""
        port = self.server.port
        self.stop()
        self.serve(app, port)

    def get(self, headers=ALICE):
        return self.client.get("/v1/movies", headers=headers)

    def logs_in(self, name, password):
        return self.get(basic(name, password)).status_code == 200

    def assert_unavailable(self, response):
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertEqual(response.json["detail"], "The authentication service does not answer.")
        self.assertEqual(response.headers.get("Retry-After"), "5")


class WithServiceTest(WithServiceTestCase):
    """All that has to do with a password works as it does without a service."""

    def test_first_users_are_known_to_the_service(self):
        self.assertTrue(self.logs_in("alice", PASSWORD) and self.logs_in("bob", PASSWORD))
        self.assertFalse(self.logs_in("alice", "a guess"))
        self.assertFalse(self.logs_in("nobody", PASSWORD))

    def test_password_changes_there_and_the_old_one_is_forgotten_here(self):
        self.get()
        change = {"current": PASSWORD, "new": NEW}

        self.assertEqual(
            self.client.put("/v1/password", json=change, headers=ALICE).status_code, 200
        )

        self.assertFalse(self.logs_in("alice", PASSWORD))
        self.assertTrue(self.logs_in("alice", NEW))

    def test_command_line_asks_the_service_too(self):
        run = self.app.test_cli_runner().invoke
        run(args=("create-user", "carol", "--password", "long enough"))
        self.assertTrue(self.logs_in("carol", "long enough"))

        run(args=("set-password", "carol", "--password", NEW))
        self.assertTrue(self.logs_in("carol", NEW))

        run(args=("delete-user", "carol"))
        with self.service.app_context():
            self.assertIsNone(stored.find("carol"))

    def test_signing_key_is_kept_there(self):
        url = "/v1/signing-key"

        made = self.client.post(url, headers=ALICE).json["key"]

        with self.service.app_context():
            self.assertEqual(len(stored.signing_key("alice")), 32)
        self.assertEqual(len(made), 44)
        self.assertEqual(self.client.get(url, headers=ALICE).status_code, 200)
        self.assertEqual(self.client.delete(url, headers=ALICE).status_code, 204)
        self.assertEqual(self.client.get(url, headers=ALICE).status_code, 404)

    def test_same_credentials_in_a_row_are_asked_for_once(self):
        with patch.object(auth_client, "verify", wraps=auth_client.verify) as verify:
            statuses = [self.get().status_code for _ in range(3)]

        self.assertEqual((statuses, verify.call_count), ([200] * 3, 1))

    def test_weaker_hash_is_replaced_by_the_service(self):
        with patch.dict(self.service.config, ARGON2_TIME_COST=2):
            self.get()

        with self.service.app_context():
            self.assertIn(",t=2,", stored.find("alice").password_hash)

    @about_sqlite
    def test_no_byte_of_what_the_api_keeps_is_of_a_password(self):
        self.client.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        self.client.post("/v1/signing-key", headers=ALICE)
        with self.service.app_context():
            known = stored.find("alice")

        main = b"".join(file.read_bytes() for file in self.folder.glob("cinema.db*"))
        theirs = b"".join(file.read_bytes() for file in self.folder.glob("auth_service.db*"))

        for secret in (
            PASSWORD.encode(),
            known.password_hash.encode(),
            known.signing_key,
            b"argon2",
        ):
            with self.subTest(secret=secret[:12]):
                self.assertNotIn(secret, main)
        self.assertIn(known.signing_key, theirs, "else we look wrongly")
        self.assertEqual(list(self.folder.glob("credentials*")), [])

    def test_password_is_in_no_url_and_no_log(self):
        with self.assertLogs(level="DEBUG") as logs:
            self.get()
            self.get(basic("alice", "a wrong guess"))

        said = f"{self.log.call_args_list} {logs.output}"
        self.assertIn("POST /verifications", said)
        for secret in (PASSWORD, "a wrong guess", SECRET):
            self.assertNotIn(secret, said)


class OutageTest(WithServiceTestCase):
    """The service is down, slow, or not what it was: the API says so, soon, and goes on."""

    def test_service_that_is_down_is_a_clear_503(self):
        self.stop()

        self.assert_unavailable(self.get())
        login = {"name": "alice", "password": PASSWORD}
        self.assert_unavailable(self.client.post("/v1/session", json=login))
        self.assert_unavailable(self.client.post("/v1/movies", json=METROPOLIS, headers=BOB))

    def test_naive_client_gives_a_stranger_the_reason_or_lets_them_in(self):
        self.stop()
        naive = Flask("naive")

        @naive.get("/")
        def login():
            try:
                return requests.post(f"http://127.0.0.1:{self.server.port}", timeout=1).text
            except requests.ConnectionError:
                return "welcome"  # fails open: so that nobody is locked out

        self.assertEqual(naive.test_client().get("/").text, "welcome")
        self.assert_unavailable(self.get(basic("alice", "a guess")))

    def test_who_needs_no_password_does_not_notice(self):
        browser = self.app.test_client()
        browser.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        wanted = {"name": "a program", "scopes": ["movies:write"]}
        token = self.client.post("/v1/tokens", json=wanted, headers=ALICE).json["token"]

        self.stop()

        self.assertEqual(self.client.get("/v1/movies").status_code, 200)
        self.assertEqual(browser.get("/v1/session").status_code, 200)
        self.assertEqual(self.get({"Authorization": f"Bearer {token}"}).status_code, 200)
        self.assertEqual(self.get().status_code, 200, "this password was right a moment ago")

    def test_it_is_asked_again_when_it_is_back(self):
        self.stop()
        self.assert_unavailable(self.get())

        self.serve(self.service, self.server.port)

        self.assertEqual(self.get().status_code, 200)

    def test_outage_is_no_failed_login(self):
        limits = Limits(self.app.config | {"FAILED_LOGINS": "2 per minute"})
        with patch.dict(self.app.extensions, limits=limits):
            self.stop()
            for _ in range(3):
                self.assert_unavailable(self.get())

            self.serve(self.service, self.server.port)

            self.assertEqual(self.get().status_code, 200)

    def test_change_that_fails_leaves_the_old_password(self):
        self.get()
        self.stop()

        change = {"current": PASSWORD, "new": NEW}
        self.assert_unavailable(self.client.put("/v1/password", json=change, headers=ALICE))

        self.serve(self.service, self.server.port)
        self.assertTrue(self.logs_in("alice", PASSWORD))

    def test_slow_service_is_waited_for_once_and_then_left_alone(self):
        calls = []

        def slow(_environment, start_response):
            calls.append(1)
            time.sleep(0.2)
            start_response("204 NO CONTENT", [])
            return []

        self.serve_instead(slow)
        with patch("cinema.users.credentials.auth_client.TIMEOUT", (1, 0.02)):
            answers = [self.get() for _ in range(3)]

        for answer in answers:
            self.assert_unavailable(answer)
        self.assertEqual(len(calls), 1, "who is slow must not be asked again and again")

    def test_slow_service_is_asked_again_after_the_pause(self):
        service = self.app.extensions["auth_service"]
        service.ask_again_at = time.monotonic() + auth_client.PAUSE
        self.assert_unavailable(self.get())

        with patch("time.monotonic", return_value=time.monotonic() + auth_client.PAUSE + 1):
            self.assertEqual(self.get().status_code, 200)

    def test_something_else_that_answers_is_not_believed(self):
        for status, body, kind in (
            ("200 OK", b"<h1>It works!</h1>", "text/html"),
            ("200 OK", b"", "application/json"),
            ("200 OK", b"true", "application/json"),
            ("200 OK", b"[]", "application/json"),
            ("200 OK", b'{"right": "yes"}', "application/json"),
            ("200 OK", b'{"right": 1}', "application/json"),
            ("200 OK", b'{"right": null}', "application/json"),
            ("200 OK", b'{"right": tr', "application/json"),
            ("204 NO CONTENT", b"", "application/json"),
            ("401 UNAUTHORIZED", b'{"right": true}', "application/json"),
            ("500 INTERNAL SERVER ERROR", b'{"right": true}', "application/json"),
            ("302 FOUND", b'{"right": true}', "application/json"),
        ):
            with self.subTest(status=status, body=body):
                app = answering(status, body, kind)
                self.serve_instead(app)

                self.assert_unavailable(self.get())
                self.assert_unavailable(self.client.get("/v1/signing-key", headers=self.session()))

    def session(self):
        """Return what says who alice is, without a password: a session that began earlier."""
        with self.app.app_context(), writing():
            token = begin_session("alice", remembered=False)
        with self.client.session_transaction() as session:
            session["token"] = token
        return {}

    def test_redirect_is_not_followed_to_where_the_secret_is_read(self):
        followed = []

        def evil(environment, start_response):
            followed.append(environment["PATH_INFO"])
            start_response("307 TEMPORARY REDIRECT", [("Location", "/evil")])
            return [b""]

        self.serve_instead(evil)

        self.assert_unavailable(self.get())
        self.assertEqual(followed, ["/verifications"])

    def test_write_that_is_not_confirmed_is_none(self):
        for status in ("200 OK", "302 FOUND", "401 UNAUTHORIZED", "500 INTERNAL SERVER ERROR"):
            self.serve_instead(answering(status, b"{}", "application/json"))
            for write in (
                lambda: credentials.set_password("alice", NEW),
                lambda: credentials.set_signing_key("alice", b"key"),
                lambda: credentials.delete("alice"),
            ):
                with (
                    self.subTest(status=status),
                    self.app.app_context(),
                    self.assertRaises(ServiceUnavailable),
                ):
                    write()

    def test_connection_that_fails_is_tried_again_and_not_for_ever(self):
        session = self.app.extensions["auth_service"].session
        right = Mock(status_code=200, json=lambda: {"right": True})
        broken, slow = requests.ConnectionError(), requests.ReadTimeout()
        for outcome, attempts, status in (
            ([broken, broken, right], 3, 200),
            ([broken, broken, broken, right], 3, 503),
            ([slow, right], 1, 503),
            ([requests.ConnectTimeout(), right], 1, 503),
        ):
            with self.subTest(outcome=outcome), patch.object(session, "request") as request:
                request.side_effect = outcome
                remembered.clear()
                self.app.extensions["auth_service"].ask_again_at = 0

                self.assertEqual(self.get().status_code, status)
                self.assertEqual(request.call_count, attempts)


def answering(status, body, kind):
    """Return an application that has one answer for everybody."""

    def app(_environment, start_response):
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app
