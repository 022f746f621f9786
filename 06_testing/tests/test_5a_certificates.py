"""5.a HTTPS: certificates, and the TLS that they make possible."""

import os
import socket
import ssl
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from unittest import mock, skipIf, skipUnless

import trustme
from werkzeug.serving import make_server

from tests import ApiTestCase
from tests.lesson import made_in

with made_in("5.a"):
    from cinema.http.tls import certificates
    from cinema.http.tls.certificates import is_good, make_anew


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

    def assert_good(self):
        self.assertTrue(is_good(self.folder), "the three files should be good, and of one another")

    def files(self):
        return {file.name: file.read_bytes() for file in self.folder.iterdir()}

    def test_first_time_makes_all_that_is_needed(self):
        output = self.make()

        self.assertEqual(set(self.files()), {"ca.pem", "server.pem", "server.key"})
        self.assertIn("ca.pem", output)
        self.assert_good()

    def test_second_time_keeps_what_is_there(self):
        self.make()
        before = self.files()

        output = self.make()

        self.assertEqual(self.files(), before)
        self.assertIn("still good", output)

    @skipIf(os.name == "nt", "Windows has other permissions")
    def test_key_is_for_its_owner_only(self):
        self.make()

        mode = (self.folder / "server.key").stat().st_mode & 0o777

        self.assertEqual(oct(mode), oct(0o600), "nobody but its owner should read the key")

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
        self.assertEqual(set(self.files().values()) & set(before.values()), set(), "made anew")

    def test_certificate_for_others_is_made_anew(self):
        authority = trustme.CA()
        others = authority.issue_cert("cinema.example")
        self.folder.mkdir()
        authority.cert_pem.write_to_path(self.folder / "ca.pem")
        others.cert_chain_pems[0].write_to_path(self.folder / "server.pem")
        others.private_key_pem.write_to_path(self.folder / "server.key")

        self.assertFalse(is_good(self.folder), "a certificate for other names is of no use to us")
        self.assertIn("New: ", self.make())

    def test_files_that_do_not_belong_together_are_made_anew(self):
        other = self.folder.with_name("other")
        make_anew(other)
        for name in ("ca.pem", "server.pem", "server.key"):
            with self.subTest(name=name):
                self.make()
                (self.folder / name).write_bytes((other / name).read_bytes())

                self.assertIn("New: ", self.make())
                self.assert_good()

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
                    self.assert_good()


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
