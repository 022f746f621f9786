"""4.a4 OAuth 2: whatever is sent to the authorization server, it does not fail."""

import sys
from base64 import b64encode
from io import BytesIO

from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.oauth import REQUEST, ROBOT, OAuthTestCase
from tests.users import told


class JunkTest(OAuthTestCase):
    """Whatever is sent, the answer is the sender's fault or none, and never ours."""

    def test_odd_parameters_are_refused(self):
        for name in (*REQUEST, "unknown"):
            for value in ("\0", "a\nb", "\x7f", "\ud55c", "%FF", "x" * 70_000, "\\", '"', "'"):
                with self.subTest(name, value=value[:5]):
                    self.assertLess(self.ask(**{name: value}).status_code, 500)

    def test_host_that_nobody_can_have_is_refused(self):
        for path in ("/authorize", "/token", "/jwks.json", "/nothing"):
            with self.subTest(path):
                environ = EnvironBuilder(path, headers={"Host": "xn--"}).get_environ()

                _, status, headers = run_wsgi_app(self.app, environ)

                self.assertLess(status, "500")
                if sys.version_info < (3, 13):  # later ones leave half a name as it is
                    self.assertEqual(status, "400 BAD REQUEST")
                    self.assertEqual(headers.get("Cache-Control"), "no-store")

    def test_unknown_parameters_are_ignored(self):
        query = [*REQUEST.items(), ("resource", "a"), ("resource", "b"), ("ui", "\ud55c")]

        self.assert_status(self.browser.get("/authorize", query_string=query), 200)

    def test_bytes_that_are_no_text_are_refused(self):
        for name in REQUEST:
            with self.subTest(name):
                answer = self.browser.get(f"/authorize?{name}=%FF%FE&{name}=%00")

                self.assert_status(answer, 400)

    def test_odd_forms_are_refused(self):
        for path in ("/token", "/revoke", "/introspect", "/login", "/authorize"):
            for body, content_type in (
                (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
                (b"grant_type=%FF%00", "application/x-www-form-urlencoded"),
                (b"grant_type=password&grant_type=password", "application/x-www-form-urlencoded"),
                (b"grant_type=client_credentials", "text/plain"),
                (b'{"grant_type": "client_credentials"}', "application/json"),
                (b"--x\r\n", "multipart/form-data; boundary=x"),
                (b"no form", "multipart/form-data"),
                (b"", "junk"),
                (b"a=b", "application/x-www-form-urlencoded; charset=klingon"),
            ):
                with self.subTest(path, body=body):
                    answer = self.client.post(path, data=body, content_type=content_type)

                    self.assert_status(answer, (400, 401))

    def test_odd_values_at_the_token_endpoint_are_refused(self):
        for name in ("code", "code_verifier", "redirect_uri", "client_id", "grant_type"):
            for value in ("", "\0", "\ud55c", '"', "x" * 10_000, "a b", "[]"):
                with self.subTest(name, value=value[:5]):
                    answer = self.trade("code", **{name: value})

                    self.assert_status(answer, (400, 401))
                    self.assertTrue(told(answer, "error"), "RFC 6749 wants a code, section 5.2")

    def test_odd_credentials_are_refused(self):
        for header in (
            "Basic",
            "Basic ",
            "Basic !!!",
            "Basic é",
            "Basic \xff\xfe",
            "Basic " + b64encode(b"\xff:\xff").decode(),
            "Basic " + b64encode(b"no colon").decode(),
            "Basic " + b64encode(b"%00:%00").decode(),
            "Basic " + b64encode(b"a" * 9000).decode(),
            "Bearer token",
            "Digest junk",
            "junk",
        ):
            with self.subTest(header[:20]):
                answer = self.client.post(
                    "/token",
                    data={"grant_type": "client_credentials"},
                    headers={"Authorization": header},
                )

                self.assert_error(answer, 401, "invalid_client")

    def test_body_that_is_too_large_is_refused(self):
        self.assert_error(self.trade("x" * 70_000), 413, "invalid_request")

    def test_body_that_does_not_say_how_large_it_is_is_not_cut(self):
        form = b"grant_type=client_credentials&scope=movies:write" + b"+" * 70_000

        answer = self.client.post(
            "/token",
            input_stream=BytesIO(form),
            environ_overrides={"wsgi.input_terminated": True},  # chunked
            content_type="application/x-www-form-urlencoded",
            headers=ROBOT,
        )

        self.assert_error(answer, 413, "invalid_request")

    def test_body_that_breaks_off_is_refused(self):
        class BreaksOff(BytesIO):
            def readinto(self, _buffer):
                raise EOFError("as some servers, but not all, say it")

        answer = self.client.post(
            "/token",
            input_stream=BreaksOff(),
            environ_overrides={"CONTENT_LENGTH": "100"},
            content_type="application/x-www-form-urlencoded",
            headers=ROBOT,
        )

        self.assert_error(answer, 400, "invalid_request")

    def test_other_methods_are_not_allowed(self):
        for path, allowed in (
            ("/token", {"POST", "OPTIONS"}),
            ("/revoke", {"POST", "OPTIONS"}),
            ("/introspect", {"POST", "OPTIONS"}),
            ("/login", {"POST", "OPTIONS"}),
            ("/authorize", {"GET", "HEAD", "POST", "OPTIONS"}),
            ("/jwks.json", {"GET", "HEAD", "OPTIONS"}),
        ):
            for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "BREW"} - allowed:
                with self.subTest(path, method=method):
                    answer = self.client.open(path, method=method)

                    self.assert_status(answer, 405)
                    self.assertEqual(set(answer.allow), allowed)

    def test_other_host_is_refused(self):
        answer = self.browser.get(
            "/authorize", query_string=REQUEST, base_url="http://attacker.example"
        )

        self.assert_told_user_only(answer)
