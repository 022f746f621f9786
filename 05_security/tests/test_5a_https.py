"""5.a HTTPS: nobody on the way reads, changes or pretends; and plain HTTP is no way in."""

import os
import socket
import ssl
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from unittest import TestCase, mock, skipIf, skipUnless

import trustme
from authorization_server import create_app as create_authorization_server
from cinema import create_app
from cinema.data.database import db, writing
from cinema.http import certificates
from cinema.http.certificates import is_good, make_anew
from cinema.users.commands import add_first_users
from flask import Flask, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server

from tests import ALICE, METROPOLIS, PASSWORD, REBECCA, SETTINGS, ApiTestCase, basic, urls_of

HTTPS = "https://127.0.0.1:8005"
PLAIN = "http://127.0.0.1:8305"
YEAR = 365 * 24 * 60 * 60
CREDENTIALS = {
    "Authorization": ALICE["Authorization"],
    "Signature": "cinema=:c3RvbGVu:",
    "Signature-Input": 'cinema=("@method")',
}
FORGED = {  # what the proxies of this world say when a request came to them by HTTPS
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Scheme": "https",
    "X-Forwarded-Protocol": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Port": "443",
    "X-Url-Scheme": "https",
    "Front-End-Https": "on",
    "Forwarded": "for=127.0.0.1;proto=https",
}


class HttpsTestCase(ApiTestCase):
    """An application as it is by default: by HTTPS only, and by its own names only."""

    settings = {
        "HTTPS": True,
        "HTTPS_PORT": 8005,
        "TRUSTED_HOSTS": (".localhost", "127.0.0.1"),
    }

    def plain(self, url, method="GET", **arguments):
        return self.client.open(url, method=method, base_url=PLAIN, buffered=True, **arguments)

    def secure(self, url, method="GET", **arguments):
        return self.client.open(url, method=method, base_url=HTTPS, buffered=True, **arguments)

    def assert_refused(self, response):
        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["code"], 32)
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertNotIn("Location", response.headers)
        self.assertNotIn("WWW-Authenticate", response.headers, "nobody should try again like that")


class PlainHttpTest(HttpsTestCase):
    def test_reader_is_led_to_the_same_url_by_https(self):
        for method in ("GET", "HEAD"):
            for url in (
                "/",
                "/v1/movies?year=1940&q=a%26b",
                "/v1/watchlists/x%2Fy",
                "/nothing",
                "//",
            ):
                with self.subTest(method=method, url=url):
                    response = self.plain(url, method, environ_overrides={"REQUEST_URI": url})

                    self.assertEqual(response.status_code, 308)
                    self.assertEqual(response.headers["Location"], HTTPS + url)
                    self.assertEqual(response.data, b"")
                    self.assertNotIn("Content-Type", response.headers)

    def test_url_is_led_on_whatever_is_in_it(self):
        for sent, leads_to in (
            ("http://127.0.0.1:8305/v1", "/v1"),  # as to a proxy (RFC 9112, section 3.2.2)
            ("/\\1/http://evil.example/", "/%5C1/http://evil.example/"),
            ("//evil.example/", "//evil.example/"),
        ):
            with self.subTest(sent=sent):
                response = self.plain("/", environ_overrides={"REQUEST_URI": sent})

                self.assertEqual(response.headers["Location"], HTTPS + leads_to)

    def test_usual_port_is_left_out(self):
        with mock.patch.dict(self.app.config, HTTPS_PORT=443):
            response = self.client.get("/v1/movies", base_url="http://127.0.0.1")

        self.assertEqual(response.headers["Location"], "https://127.0.0.1/v1/movies")

    def test_where_it_leads_is_not_kept(self):
        self.assertEqual(self.plain("/").headers["Cache-Control"], "no-store")

    def test_other_methods_are_refused(self):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
            with self.subTest(method=method):
                self.assert_refused(self.plain("/v1/movies", method))

    def test_credentials_are_refused_even_where_none_are_needed(self):
        for name, value in CREDENTIALS.items():
            with self.subTest(name=name):
                self.assert_refused(self.plain("/v1/movies", headers={name: value}))

    def test_cookie_is_refused(self):
        self.client.set_cookie("__Host-session", "stolen", domain="127.0.0.1")

        self.assert_refused(self.plain("/v1/movies"))

    def test_body_is_refused(self):
        for body in ({"data": b"{}"}, {"headers": {"Transfer-Encoding": "chunked"}}):
            with self.subTest(body=body):
                self.assert_refused(self.plain("/v1/movies", **body))

    def test_refusal_says_what_to_do(self):
        response = self.plain("/v1/movies", headers=ALICE)

        self.assertEqual(
            response.json,
            {
                "type": f"{PLAIN}/errors/https-required",
                "status": 403,
                "title": "Forbidden",
                "detail": "Use https://. Whatever secret you have sent just now is none any more.",
                "code": 32,
            },
        )

    def test_nothing_is_done_and_no_password_is_looked_at(self):
        with mock.patch("cinema.users.authentication.basic.check_password") as check:
            self.assert_refused(self.plain("/v1/movies", "POST", json=METROPOLIS, headers=ALICE))
            self.assert_refused(self.plain("/v1/movies", headers=basic("alice", "guessed")))

        check.assert_not_called()
        self.assert_nothing_changed()

    def test_login_is_refused(self):
        login = {"name": "alice", "password": PASSWORD}

        response = self.plain("/v1/session", "POST", json=login)

        self.assert_refused(response)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_attack_by_a_habit(self):
        """A client that says http:// by mistake goes on doing so for as long as it works."""
        naive = Flask("naive")

        @naive.before_request
        def lead_everybody_to_https():
            if not request.is_secure:
                return redirect(request.url.replace("http://", "https://"), 308)
            return None

        naive.add_url_rule("/v1/movies", view_func=lambda: "done", methods=["POST"])

        worked = naive.test_client().post("/v1/movies", headers=ALICE, follow_redirects=True)
        ours = self.plain("/v1/movies", "POST", headers=ALICE, follow_redirects=True)

        self.assertEqual(worked.text, "done", "nobody will notice that the password was overheard")
        self.assert_refused(ours)


class SecureTest(HttpsTestCase):
    def test_https_is_answered_as_ever(self):
        read = self.secure(REBECCA["url"])
        created = self.secure("/v1/movies", "POST", json=METROPOLIS, headers=ALICE)

        self.assertEqual((read.status_code, read.json), (200, REBECCA))
        self.assertEqual(created.status_code, 201)

    def test_every_answer_tells_browsers_to_be_careful(self):
        for url in [*urls_of(self.app), "/nothing"]:
            for method in ("GET", "HEAD", "OPTIONS", "POST", "BREW"):
                with self.subTest(method=method, url=url):
                    response = self.secure(url, method)

                    self.assertEqual(
                        response.headers["Strict-Transport-Security"], f"max-age={YEAR}"
                    )
                    self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
                    self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")

    def test_every_page_says_what_it_may_load(self):
        for url in urls_of(self.app):
            response = self.secure(url)
            if response.mimetype == "text/html" and "swagger-ui" not in url:
                with self.subTest(url=url):
                    self.assertIn("default-src", response.headers["Content-Security-Policy"])

    def test_strict_transport_security_is_not_said_over_plain_http(self):
        """Anybody could have added it there (RFC 6797, section 7.2)."""
        for response in (self.plain("/"), self.plain("/", headers=ALICE)):
            self.assertNotIn("Strict-Transport-Security", response.headers)
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_confirmation_of_what_is_kept_repeats_nothing(self):
        etag = self.secure(REBECCA["url"]).headers["ETag"]

        response = self.secure(REBECCA["url"], headers={"If-None-Match": etag})

        self.assertEqual(response.status_code, 304)
        self.assertNotIn("Referrer-Policy", response.headers)
        self.assertIn("Strict-Transport-Security", response.headers)

    def test_no_other_site_may_read_our_answers(self):
        for origin in ("https://evil.example", "null", HTTPS):
            with self.subTest(origin=origin):
                response = self.secure("/v1/movies", headers={"Origin": origin})

                self.assertNotIn("Access-Control-Allow-Origin", response.headers)

    def test_urls_in_answers_are_secure(self):
        problem = self.secure("/v1/movies/999")

        self.assertEqual(problem.json["type"], f"{HTTPS}/errors/movie-not-found")


class ProxyTest(HttpsTestCase):
    """Before us may stand a proxy of ours; what it tells us, a stranger may tell as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.behind_a_proxy = another_app(cls, HTTPS=True, HTTPS_PORT=8443, TRUSTED_PROXIES=1)

    def behind(self, url="/v1/movies", headers=ALICE, **forwarded):
        """Ask as a proxy does: by HTTP, and with fields that tell how it was asked."""
        told = {f"X-Forwarded-{name}": value for name, value in forwarded.items()}
        client = self.behind_a_proxy.test_client()
        return client.get(url, base_url=PLAIN, headers=headers | told)

    def test_attack_by_forged_fields_does_not_make_plain_http_secure(self):
        naive = create_app_that_believes_everybody(self)
        fooled = naive.test_client().get("/v1/movies", base_url=PLAIN, headers=ALICE | FORGED)

        self.assertEqual(fooled.status_code, 200, "it takes a password that came in the clear")
        for name, value in FORGED.items():
            with self.subTest(name=name):
                self.assert_refused(self.plain("/v1/movies", headers=ALICE | {name: value}))
                self.assertEqual(self.plain("/", headers={name: value}).status_code, 308)

    def test_our_proxy_is_believed(self):
        self.assertEqual(self.behind(Proto="https").status_code, 200)
        self.assertEqual(
            self.behind(Proto="https").headers["Strict-Transport-Security"][:8], "max-age="
        )
        self.assert_refused(self.behind(Proto="http"))
        self.assert_refused(self.behind())

    def test_what_a_stranger_told_our_proxy_is_not_believed(self):
        """A proxy adds what it knows at the end."""
        self.assert_refused(self.behind(Proto="https, http"))
        self.assertEqual(self.behind(Proto="http, https").status_code, 200)

    def test_only_scheme_and_address_are_taken_from_our_proxy(self):
        naive = create_app_that_believes_everybody(self)
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
        fooled = naive.test_client().get("/v1/movies/999", base_url=HTTPS, headers=forged)

        told = self.behind("/v1/movies/999", {}, Proto="https", Host="evil.example", Prefix="/evil")

        self.assertTrue(fooled.json["type"].startswith("https://evil.example/evil/errors/"))
        self.assertNotIn("evil", told.text)

    def test_redirect_behind_our_proxy_leads_to_its_port(self):
        response = self.behind(headers={}, Proto="http", Host="evil.example", Port="666")

        self.assertEqual(response.status_code, 308)
        self.assertEqual(response.headers["Location"], "https://127.0.0.1:8443/v1/movies")

    def test_attack_by_a_new_address_for_each_guess_does_not_help(self):
        """Who forges X-Forwarded-For would be a new client each time, and never be limited."""
        naive = create_app_that_believes_everybody(self).test_client()

        fooled, left = self.left_to_new_addresses(naive), self.left_to_new_addresses(self.client)

        self.assertEqual(fooled, [fooled[0]] * 3, "each guess is the first of somebody new")
        self.assertEqual(left, [left[0], left[0] - 1, left[0] - 2])

    def left_to_new_addresses(self, client):
        """Return how many requests are left to who forges another address for each."""
        fields = [{"X-Forwarded-For": f"203.0.113.{number}"} for number in range(3)]
        told = [
            client.get("/", base_url=HTTPS, headers=each).headers["RateLimit"] for each in fields
        ]
        return [int(value.partition("r=")[2].partition(";")[0]) for value in told]


class HostTest(HttpsTestCase):
    def test_attack_by_another_host_leads_nowhere(self):
        """The answer would be kept, and lead others to the attacker (cache poisoning)."""
        naive = another_app(self, HTTPS=True, TRUSTED_HOSTS=None)

        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8305",
            "127.0.0.2",
            "",
        ):
            with self.subTest(host=host):
                response = self.client.get("/v1/movies", headers={"Host": host})

                self.assert_problem(response, 400, "Bad Request")
                self.assertNotIn("Location", response.headers)
                self.assertNotIn("://", response.json["type"])
        fooled = naive.test_client().get("/v1/movies", headers={"Host": "evil.example"})
        self.assertEqual(fooled.headers["Location"], "https://evil.example/v1/movies")

    def test_host_is_checked_by_https_too(self):
        response = self.client.get("/v1/movies", base_url="https://evil.example")

        self.assert_problem(response, 400, "Bad Request")

    def test_our_own_names_are_answered(self):
        for host in ("127.0.0.1", "127.0.0.1:8005", "localhost:8005", "v1.localhost"):
            with self.subTest(host=host):
                response = self.client.get("/v1/movies", base_url=f"https://{host}")

                self.assertEqual(response.status_code, 200)

    def test_name_that_we_are_given_is_our_own(self):
        app = another_app(
            self, SERVER_NAME="cinema.example", TRUSTED_HOSTS=("127.0.0.1",), HTTPS=True
        )

        for host, status in {"cinema.example": 200, "v2.cinema.example": 404, "evil": 400}.items():
            with self.subTest(host=host):
                response = app.test_client().get("/", base_url=f"https://{host}")

                self.assertEqual(response.status_code, status)

    def test_request_without_host_is_led_nowhere(self):
        app = another_app(self, HTTPS=True, TRUSTED_HOSTS=None)

        response = app.test_client().get("/", headers={"Host": ""})

        self.assert_problem(response, 400, "Bad Request")


class SettingsTest(TestCase):
    """Where nobody says otherwise, all is as safe as it can be."""

    def app(self, **environment):
        settings = {"SQLALCHEMY_DATABASE_URI": "sqlite://", "CREDENTIALS_DATABASE_URL": "sqlite://"}
        secrets = {"PASSWORD": PASSWORD, "SECRET_KEY": "the secret of the tests"}
        with mock.patch.dict(os.environ, environment):
            app = create_app(settings | secrets)
        self.addCleanup(dispose, app)
        return app

    def test_https_is_what_there_is(self):
        config = self.app().config

        self.assertTrue(config["HTTPS"])
        self.assertEqual(config["HTTPS_PORT"], 443)
        self.assertEqual(config["TRUSTED_PROXIES"], 0)
        self.assertTrue(config["AUTHORIZATION_SERVER_URL"].startswith("https://"))

    def test_environment_says_otherwise(self):
        config = self.app(
            HTTPS="0", HTTPS_PORT="8005", HSTS_MAX_AGE="60", TRUSTED_HOSTS="a.example,b.example"
        ).config

        self.assertFalse(config["HTTPS"])
        self.assertEqual((config["HTTPS_PORT"], config["HSTS_MAX_AGE"]), (8005, 60))
        self.assertEqual(config["TRUSTED_HOSTS"], ["a.example", "b.example"])


class AuthorizationServerTest(TestCase):
    """Passwords, codes and tokens go to the authorization server, so HTTPS is for it as well."""

    def setUp(self):
        self.client = self.client_of()

    def client_of(self, **settings):
        settings |= {"SQLALCHEMY_DATABASE_URI": "sqlite://", "HTTPS": True, "HTTPS_PORT": 8205}
        secrets = {"AUTHORIZATION_SERVER_SECRET": "secret", "ROBOT_SECRET": "secret"}
        issuer = {"AUTHORIZATION_SERVER_URL": "https://127.0.0.1:8205"}
        app = create_authorization_server(SETTINGS | settings | secrets | issuer)
        self.addCleanup(dispose, app)
        return app.test_client()

    def test_our_proxy_is_believed_and_a_stranger_is_not(self):
        told = basic("cinema-robot", "secret") | {"X-Forwarded-Proto": "https"}
        behind_a_proxy = self.client_of(TRUSTED_PROXIES=1)

        self.assertEqual(self.client.post("/token", headers=told).json["error"], "invalid_request")
        self.assertEqual(behind_a_proxy.post("/token", headers=told).status_code, 400)

    def test_secret_over_plain_http_is_refused(self):
        response = self.client.post("/token", headers=basic("cinema-robot", "secret"))

        self.assertEqual(response.status_code, 403)
        self.assertEqual(response.json["error"], "invalid_request")

    def test_reader_is_led_to_https(self):
        response = self.client.get("/authorize?scope=a%20b")

        self.assertEqual(response.status_code, 308)
        self.assertEqual(
            response.headers["Location"], "https://localhost:8205/authorize?scope=a%20b"
        )

    def test_its_cookie_travels_by_https_alone(self):
        self.assertTrue(self.client.application.config["SESSION_COOKIE_SECURE"])
        self.assertEqual(
            self.client.application.config["SESSION_COOKIE_NAME"], "__Host-authorization_session"
        )


class CertificateTest(ApiTestCase):
    """`flask --app cinema make-certificate`"""

    def setUp(self):
        super().setUp()
        self.folder = Path(self.enterContext(TemporaryDirectory()), "instance")
        self.enterContext(mock.patch.object(self.app, "instance_path", str(self.folder)))

    def make(self):
        done = self.app.test_cli_runner().invoke(args=["make-certificate"])
        self.assertEqual(done.exit_code, 0, done.output)
        return done.output

    def files(self):
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}

    def test_first_time_makes_all_that_is_needed(self):
        output = self.make()

        self.assertEqual(set(self.files()), {"ca.pem", "server.pem", "server.key"})
        self.assertIn("ca.pem", output)
        self.assertTrue(is_good(self.folder))

    def test_second_time_keeps_what_is_there(self):
        self.make()
        before = self.files()

        output = self.make()

        self.assertEqual(self.files(), before)
        self.assertIn("still good", output)

    @skipIf(os.name == "nt", "Windows has other permissions")
    def test_key_is_for_its_owner_only(self):
        self.make()

        self.assertEqual((self.folder / "server.key").stat().st_mode & 0o777, 0o600)

    def test_key_of_the_authority_is_not_kept(self):
        """Who finds it could pretend to be anybody, to all who trust the authority."""
        self.make()

        keys = [text for text in self.files().values() if b"PRIVATE KEY" in text]

        self.assertEqual(keys, [self.files()["server.key"]])

    def test_certificate_that_has_ended_or_soon_will_is_made_anew(self):
        self.make()
        before = self.files()
        soon = certificates.now() + certificates.LIFE - timedelta(days=6)

        with mock.patch.object(certificates, "now", return_value=soon):
            output = self.make()

        self.assertIn("New: ", output)
        self.assertFalse(set(self.files().values()) & set(before.values()))

    def test_certificate_for_others_is_made_anew(self):
        with mock.patch.object(certificates, "NAMES", ("cinema.example",)):
            self.make()

        self.assertFalse(is_good(self.folder))
        self.assertIn("New: ", self.make())

    def test_files_that_do_not_belong_together_are_made_anew(self):
        other = self.folder.with_name("other")
        make_anew(other)
        for name in ("ca.pem", "server.pem", "server.key"):
            with self.subTest(name=name):
                self.make()
                (self.folder / name).write_bytes((other / name).read_bytes())

                self.assertIn("New: ", self.make())
                self.assertTrue(is_good(self.folder))

    def test_certificate_that_somebody_has_changed_is_made_anew(self):
        self.make()
        file = self.folder / "server.pem"
        der = ssl.PEM_cert_to_DER_cert(file.read_text())
        file.write_text(ssl.DER_cert_to_PEM_cert(der[:-1] + bytes([der[-1] ^ 1])))

        self.assertIn("New: ", self.make())

    def test_file_that_is_broken_or_gone_is_made_anew(self):
        for name in ("ca.pem", "server.pem", "server.key"):
            for damage in (Path.unlink, lambda file: file.write_bytes(b"-----BEGIN")):
                with self.subTest(name=name):
                    self.make()
                    damage(self.folder / name)

                    self.assertIn("New: ", self.make())
                    self.assertTrue(is_good(self.folder))


class TlsTest(ApiTestCase):
    """A real server with our certificate, and clients that look at it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(cls.enterClassContext(TemporaryDirectory()))
        make_anew(cls.folder)
        files = str(cls.folder / "server.pem"), str(cls.folder / "server.key")
        cls.server = make_server("127.0.0.1", 0, cls.app, ssl_context=files)  # as `flask run` does
        cls.thread = Thread(target=cls.server.serve_forever)
        cls.thread.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.thread.join()
        cls.server.server_close()
        super().tearDownClass()

    def shake_hands(self, context, name="127.0.0.1"):
        """Return the version of TLS that client and server agree on."""
        plain = socket.create_connection(self.server.server_address, timeout=5)
        with plain, context.wrap_socket(plain, server_hostname=name) as connection:
            return connection.version()

    def client(self, **limits):
        context = ssl.create_default_context(cafile=self.folder / "ca.pem")
        for name, value in limits.items():
            setattr(context, name, value)
        return context

    def setUp(self):
        """Ask by TLS only: there is no database to restore."""

    def test_whoever_trusts_the_authority_is_served(self):
        for name in ("127.0.0.1", "localhost", "::1"):
            with self.subTest(name=name):
                self.assertEqual(self.shake_hands(self.client(), name), "TLSv1.3")

    def test_tls_1_2_will_do(self):
        client = self.client(maximum_version=ssl.TLSVersion.TLSv1_2)

        self.assertEqual(self.shake_hands(client), "TLSv1.2")

    @skipUnless(ssl.HAS_TLSv1_1, "this OpenSSL has forgotten it")
    def test_attack_by_an_old_version_is_refused(self):
        """TLS 1.1 is broken (RFC 8996): who can talk both sides into it may read along."""
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            client = self.client(minimum_version=ssl.TLSVersion.TLSv1)
            client.maximum_version = ssl.TLSVersion.TLSv1_1
            naive = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            naive.minimum_version = ssl.TLSVersion.TLSv1
        naive.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        for context in (client, naive):
            context.set_ciphers("ALL:@SECLEVEL=0")  # else OpenSSL itself would refuse

        self.assertEqual(meet(client, naive), [b"the password"])
        with self.assertRaisesRegex(ssl.SSLError, "(?i)alert"):  # in words of each OpenSSL's own
            self.shake_hands(client)

    def test_stranger_is_not_trusted(self):
        """Who knows nothing of the authority has no reason to believe it."""
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.shake_hands(ssl.create_default_context())

    def test_certificate_is_not_good_for_another_name(self):
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "(?i)mismatch"):
            self.shake_hands(self.client(), "evil.example")

    def test_attack_by_a_certificate_of_another_authority(self):
        """A man in the middle can make one for our name, but nobody we trust vouches for it."""
        pretender = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(pretender)
        naive = self.client(check_hostname=False)
        naive.verify_mode = ssl.CERT_NONE

        self.assertEqual(meet(naive, pretender), [b"the password"])
        with self.assertRaises(ssl.SSLCertVerificationError):
            meet(self.client(), pretender)

    def test_plain_http_on_this_port_is_not_answered(self):
        answer = b""
        with socket.create_connection(self.server.server_address, timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            with suppress(ConnectionResetError):
                answer = connection.recv(1000)

        self.assertNotIn(b"HTTP", answer)


def meet(client, server):
    """Let a client send its password to a server; return what the server hears."""
    ours, theirs = socket.socketpair()
    heard = []

    def listen():
        with suppress(ssl.SSLError), theirs, server.wrap_socket(theirs, server_side=True) as tls:
            heard.append(tls.recv(1000))

    listening = Thread(target=listen)
    listening.start()
    try:
        with ours, client.wrap_socket(ours, server_hostname="127.0.0.1") as tls:
            tls.sendall(b"the password")
    finally:
        listening.join()
    return heard


def another_app(test, **settings):
    app = create_app(SETTINGS | {"SQLALCHEMY_DATABASE_URI": "sqlite://"} | settings)
    with app.app_context(), writing():
        add_first_users()
    cleanup = test.addClassCleanup if isinstance(test, type) else test.addCleanup
    cleanup(dispose, app)
    return app


def create_app_that_believes_everybody(test):
    """Return an application that takes all fields of a proxy for true, though there is none."""
    app = another_app(test, HTTPS=True)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)
    return app


def dispose(app):
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()
