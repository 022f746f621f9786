"""5.d2 A service of their own: the API asks it, or says that it cannot."""

import socket
import ssl
import time
from base64 import b64decode
from logging import getLogger
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from unittest import TestCase
from unittest.mock import patch

import requests
import trustme
from cinema import create_app
from cinema.data.database import db, writing
from cinema.users.commands import add_first_users
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import ALICE, BOB, METROPOLIS, PASSWORD, SETTINGS, basic
from tests.databases import about_sqlite
from tests.lesson import made_in
from tests.test_5d2_auth_service import NEW, SECRET, SERVICE

with made_in("5.d2"):
    import auth_service
    from cinema.users import credentials
    from cinema.users.credentials import auth_client, stored


class Quiet(WSGIRequestHandler):
    """Serves one request a connection, so that nobody has to hang up; and writes into a log."""

    protocol_version = "HTTP/1.0"

    def log(self, _type, message, *args):
        getLogger("auth_service").debug(message, *args)


class WithServiceTestCase(TestCase):
    """An API, and a service that it asks over a real socket."""

    settings = {}  # what is to be other than SETTINGS

    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        database = f"sqlite:///{self.folder / 'auth_service.db'}"
        self.service = auth_service.create_app(SERVICE | {"AUTH_SERVICE_DATABASE_URL": database})
        self.dispose_after(self.service)
        self.enterContext(patch.object(auth_client, "BETWEEN", 0))  # seconds: tests are in a hurry
        self.serve(self.service)
        self.app = create_app(
            SETTINGS
            | {
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder / 'cinema.db'}",
                "AUTH_SERVICE_URL": f"http://127.0.0.1:{self.server.port}",
                "AUTH_SERVICE_SECRET": SECRET,
            }
            | self.settings
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
        self.server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
        self.server.daemon_threads = True
        self.serve_on(self.server)

    def serve_on(self, server):
        self.thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.addCleanup(self.stop)

    def stop(self):
        if self.thread.is_alive():
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()

    def serve_instead(self, app):
        """Let something else answer where the service was."""
        port = self.server.port
        self.stop()
        self.serve(app, port)

    def get(self, headers=ALICE):
        return self.client.get("/v1/movies", headers=headers)

    def log_in(self):
        """Return a browser with a session, and the header that its changes need."""
        browser = self.app.test_client()
        response = browser.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        self.assertEqual(response.status_code, 201, "POST /v1/session should log in")
        return browser, {"X-CSRF-Token": response.json["csrf_token"]}

    def assert_logs_in(self, name, password):
        response = self.get(basic(name, password))
        self.assertEqual(response.status_code, 200, f"{name}: this password should be right")

    def assert_kept_out(self, name, password):
        response = self.get(basic(name, password))
        self.assertEqual(response.status_code, 401, f"{name}: this password should be wrong")

    def assert_unavailable(self, response):
        self.assertEqual(response.status_code, 503, "it should say that it cannot know")
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertRegex(response.headers.get("Retry-After", ""), "^[1-9][0-9]?$")


class WithServiceTest(WithServiceTestCase):
    """All that has to do with a password works as it does without a service."""

    def test_first_users_are_known_to_the_service(self):
        for name in ("alice", "bob"):
            self.assert_logs_in(name, PASSWORD)
        self.assert_kept_out("alice", "a guess")
        self.assert_kept_out("nobody", PASSWORD)

    def test_password_changes_there_and_the_old_one_is_forgotten_here(self):
        self.get()
        change = {"current": PASSWORD, "new": NEW}

        self.assertEqual(
            self.client.put("/v1/password", json=change, headers=ALICE).status_code, 200
        )

        self.assert_kept_out("alice", PASSWORD)
        self.assert_logs_in("alice", NEW)

    def test_command_line_asks_the_service_too(self):
        run = self.app.test_cli_runner().invoke
        run(args=("create-user", "carol", "--password", "long enough"))
        self.assert_logs_in("carol", "long enough")

        run(args=("set-password", "carol", "--password", NEW))
        self.assert_logs_in("carol", NEW)

        run(args=("delete-user", "carol"))
        with self.service.app_context():
            self.assertIsNone(stored.find("carol"), "the service should have forgotten her")

    def test_signing_key_is_kept_there(self):
        url = "/v1/signing-key"

        made = self.client.post(url, headers=ALICE)

        self.assertEqual(made.status_code, 201)
        with self.service.app_context():
            self.assertEqual(stored.signing_key("alice"), b64decode(made.json["key"]))
        self.assertEqual(self.client.get(url, headers=ALICE).status_code, 200)
        self.assertEqual(self.client.delete(url, headers=ALICE).status_code, 204)
        self.assertEqual(self.client.get(url, headers=ALICE).status_code, 404)

    def test_no_proxy_of_the_environment_sees_what_we_send(self):
        """A proxy that is not there shows who asks by it: nothing is heard."""
        proxies = {f"{scheme}_PROXY": "http://127.0.0.1:9" for scheme in ("HTTP", "HTTPS", "ALL")}

        with patch.dict("os.environ", proxies | {"NO_PROXY": ""}):
            self.assert_logs_in("alice", PASSWORD)

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

        said = "\n".join(logs.output)
        self.assertIn("POST /verifications", said, "else we look wrongly")
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
        browser, csrf = self.log_in()
        wanted = {"name": "a program", "scopes": ["movies:write"]}
        made = browser.post("/v1/tokens", json=wanted, headers=csrf)
        self.assertEqual(made.status_code, 201, "POST /v1/tokens should make a token")
        token = {"Authorization": f"Bearer {made.json['token']}"}

        self.stop()

        self.assertEqual(self.client.get("/v1/movies").status_code, 200)
        self.assertEqual(browser.get("/v1/session").status_code, 200)
        self.assertEqual(self.get(token).status_code, 200)

    def test_it_is_asked_again_when_it_is_back(self):
        self.stop()
        self.assert_unavailable(self.get())

        self.serve(self.service, self.server.port)

        self.assertEqual(self.get().status_code, 200)

    def test_change_that_fails_leaves_the_old_password(self):
        self.get()
        self.stop()

        change = {"current": PASSWORD, "new": NEW}
        self.assert_unavailable(self.client.put("/v1/password", json=change, headers=ALICE))

        self.serve(self.service, self.server.port)
        self.assert_logs_in("alice", PASSWORD)

    def test_slow_service_is_waited_for_once_and_then_left_alone(self):
        calls = self.be_slow()

        for _ in range(2):
            self.assert_unavailable(self.get())
        self.assertEqual(len(calls), 1, "who is slow must not be asked again and again")

    def test_slow_service_is_asked_again_after_the_pause(self):
        self.be_slow()
        self.serve_instead(self.service)
        self.assert_unavailable(self.get())

        with patch("time.monotonic", return_value=time.monotonic() + auth_client.PAUSE + 1):
            self.assertEqual(self.get().status_code, 200)

    def be_slow(self):
        """Let the service be so slow that the API gives up; return what notes each call."""
        calls, given_up = [], Event()

        def slow(environment, start_response):
            read_body(environment)
            calls.append(1)
            given_up.wait(10)
            start_response("204 NO CONTENT", [])
            return []

        self.serve_instead(slow)
        with patch.object(auth_client, "TIMEOUT", (1, 0.02)):
            self.assert_unavailable(self.get())
        given_up.set()
        return calls

    def test_something_else_that_answers_is_not_believed(self):
        browser, _ = self.log_in()
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
                self.serve_instead(answering(status, body, kind))

                self.assert_unavailable(self.get(BOB))
                self.assert_unavailable(browser.get("/v1/signing-key"))

    def test_redirect_is_not_followed_to_where_the_secret_is_read(self):
        followed = []

        def evil(environment, start_response):
            read_body(environment)
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

    def test_connection_that_fails_is_tried_again(self):
        calls = self.hang_up(times=2)

        self.assertEqual(self.get().status_code, 200)
        self.assertEqual(len(calls), 3, "twice the service hung up")

    def test_connection_that_fails_is_not_tried_for_ever(self):
        calls = self.hang_up(times=1000)

        self.assert_unavailable(self.get())
        self.assertLessEqual(len(calls), 10)

    def hang_up(self, times):
        """Let the service end so many connections without an answer; return what notes each."""
        calls = []

        def hang_up(environment, start_response):
            calls.append(1)
            if len(calls) > times:
                return self.service(environment, start_response)
            environment["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError

        self.serve_instead(hang_up)
        return calls

    def test_service_that_takes_no_connection_is_not_asked_again_at_once(self):
        """To wait for a connection takes as long as to wait for an answer."""
        with patch.object(requests.Session, "send", side_effect=requests.ConnectTimeout) as send:
            self.assert_unavailable(self.get())

        self.assertEqual(send.call_count, 1)


class OutageAndLimitTest(WithServiceTestCase):
    settings = {"FAILED_LOGINS": "2 per minute"}

    def get(self, headers=ALICE):
        """Ask from an address that no other test has."""
        address = {"REMOTE_ADDR": "192.0.2.52"}
        return self.client.get("/v1/movies", headers=headers, environ_overrides=address)

    def test_outage_is_no_failed_login(self):
        self.stop()
        for _ in range(3):
            self.assert_unavailable(self.get())

        self.serve(self.service, self.server.port)

        self.assertEqual(self.get().status_code, 200)


class TlsTest(WithServiceTestCase):
    """The service elsewhere, behind TLS: it has to be the one that we trust."""

    def setUp(self):
        super().setUp()
        authority = trustme.CA()
        self.trusted = self.folder / "ca.pem"
        authority.cert_pem.write_to_path(self.trusted)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        self.heard = []

        def listen(environment, start_response):
            self.heard.append(environment["PATH_INFO"])
            return self.service(environment, start_response)

        self.stop()
        self.server = make_server(
            "127.0.0.1", 0, listen, request_handler=Quiet, ssl_context=context
        )
        self.serve_on(self.server)

    def ask(self):
        """Start an API that asks this service; return how alice is answered."""
        settings = {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{self.folder / 'cinema.db'}",
            "AUTH_SERVICE_URL": f"https://127.0.0.1:{self.server.port}",
            "AUTH_SERVICE_SECRET": SECRET,
        }
        app = create_app(SETTINGS | settings)
        self.dispose_after(app)
        return app.test_client().get("/v1/movies", headers=ALICE)

    def test_service_of_an_authority_that_we_trust_is_asked(self):
        with patch.dict("os.environ", REQUESTS_CA_BUNDLE=str(self.trusted)):
            self.assertEqual(self.ask().status_code, 200)
        self.assertEqual(self.heard, ["/verifications"])

    def test_pretender_is_told_nothing(self):
        self.assert_unavailable(self.ask())
        self.assertEqual(self.heard, [], "our secret should not be sent to anybody")


def read_body(environment):
    """Read what was sent: who ends a connection before that breaks it."""
    environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))


def answering(status, body, kind):
    """Return an application that has one answer for everybody."""

    def app(environment, start_response):
        read_body(environment)
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app
