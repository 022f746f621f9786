"""4.a3 Signed requests: what is signed, byte for byte, without a server."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from time import time
from types import SimpleNamespace

from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier
from http_message_signatures.algorithms import HMAC_SHA256
from http_message_signatures.resolvers import MappingKeyResolver

from tests.lesson import made_in
from tests.signatures import (
    COVERED,
    JSON,
    KEY,
    METROPOLIS,
    NOW,
    URL,
    SignatureTestCase,
    check,
    signed,
)

with made_in("4.a3"):
    from cinema.http.signatures.base import components_of, signature_base
    from cinema.http.signatures.message import content_digest, sign, verify_digest

RFC_KEY = base64.b64decode(  # appendix B.1.5
    "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
)
RFC_BODY = b'{"hello": "world"}'
RFC_REQUEST = {  # appendix B.2
    "method": "POST",
    "url": "https://example.com/foo?param=Value&Pet=dog",
    "headers": {
        "Host": "example.com",
        "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "Content-Type": "application/json",
        "Content-Digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7"
        "BNNyealdVLvRwEmTHWXvJwew==:",
        "Content-Length": "18",
    },
}


class TestTheStandard(SignatureTestCase):
    """The examples of RFC 9421 come out as they stand there."""

    def test_hmac_of_the_appendix_comes_out(self):  # B.2.5
        available = components_of(**RFC_REQUEST)
        components = {name: available[name] for name in ("date", "@authority", "content-type")}
        parameters = {"created": 1618884473, "keyid": "test-shared-secret"}

        base = signature_base(components, parameters)

        self.assertEqual(
            base.decode(),
            '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
            '"@authority": example.com\n'
            '"content-type": application/json\n'
            '"@signature-params": ("date" "@authority" "content-type")'
            ';created=1618884473;keyid="test-shared-secret"',
        )
        self.assertEqual(
            base64.b64encode(hmac.digest(RFC_KEY, base, "sha256")),
            b"pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=",
        )

    def test_base_of_full_coverage_comes_out(self):  # B.2.3
        available = components_of(**RFC_REQUEST)
        names = "date @method @path @query @authority content-type content-digest content-length"
        components = {name: available[name] for name in names.split()}

        base = signature_base(components, {"created": 1618884473, "keyid": "test-key-rsa-pss"})

        self.assertEqual(
            base.decode().split("\n"),
            [
                '"date": Tue, 20 Apr 2021 02:07:55 GMT',
                '"@method": POST',
                '"@path": /foo',
                '"@query": ?param=Value&Pet=dog',
                '"@authority": example.com',
                '"content-type": application/json',
                f'"content-digest": {RFC_REQUEST["headers"]["Content-Digest"]}',
                '"content-length": 18',
                '"@signature-params": ("date" "@method" "@path" "@query" "@authority" '
                '"content-type" "content-digest" "content-length")'
                ';created=1618884473;keyid="test-key-rsa-pss"',
            ],
        )

    def test_derived_components_come_out(self):  # 2.2
        for url, name, value in (
            ("https://www.example.com/path?param=value", "@method", "POST"),
            (
                "https://www.example.com/path?param=value",
                "@target-uri",
                "https://www.example.com/path?param=value",
            ),
            ("https://WWW.Example.com:443/path", "@authority", "www.example.com"),
            ("http://example.com:80", "@authority", "example.com"),
            ("http://example.com:443", "@authority", "example.com:443"),
            ("http://[::1]:8004/", "@authority", "[::1]:8004"),
            ("http://www.example.com/path?param=value", "@scheme", "http"),
            ("https://www.example.com/path?param=value", "@request-target", "/path?param=value"),
            ("https://www.example.com/path?param=value", "@path", "/path"),
            ("https://www.example.com", "@path", "/"),
            ("https://www.example.com/a%2Fb/../%C3%A9", "@path", "/a%2Fb/../%C3%A9"),
            (
                "https://www.example.com/path?param=value&foo=bar&baz=bat%2Dman",
                "@query",
                "?param=value&foo=bar&baz=bat%2Dman",
            ),
            ("https://www.example.com/path?queryString", "@query", "?queryString"),
            ("https://www.example.com/path?", "@query", "?"),
            ("https://www.example.com/path", "@query", "?"),
            ("https://www.example.com/path?a=1#top", "@query", "?a=1"),
        ):
            with self.subTest(url=url, name=name):
                self.assertEqual(components_of("POST", url, {})[name], value)

    def test_fields_come_out(self):  # 2.1
        headers = (
            ("X-OWS-Header", "   Leading and trailing whitespace.   \t"),
            ("X-Obs-Fold-Header", "Obsolete\r\n    line folding."),
            ("Cache-Control", "max-age=60"),
            ("Cache-Control", "    must-revalidate"),
            ("X-Empty-Header", ""),
        )

        components = components_of("GET", URL, SimpleNamespace(items=lambda: headers))

        self.assertEqual(components["x-ows-header"], "Leading and trailing whitespace.")
        self.assertEqual(components["x-obs-fold-header"], "Obsolete line folding.")
        self.assertEqual(components["cache-control"], "max-age=60, must-revalidate")
        self.assertEqual(components["x-empty-header"], "")

    def test_digests_of_rfc_9530_come_out(self):
        self.assertEqual(
            content_digest(RFC_BODY), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
        )
        verify_digest(SimpleNamespace(components=components_of(**RFC_REQUEST)), RFC_BODY)

    def test_what_is_signed_by_hand_is_the_same(self):
        digest = base64.b64encode(hashlib.sha256(METROPOLIS).digest()).decode()
        parameters = f'({COVERED});created={NOW};keyid="alice-1";nonce="n-1"'
        lines = [
            '"@method": POST',
            '"@authority": 127.0.0.1:8004',
            '"@path": /v1/movies',
            '"@query": ?',
            '"content-type": application/json',
            f'"content-digest": sha-256=:{digest}:',
            f'"@signature-params": {parameters}',
        ]
        base = "\n".join(lines)
        mac = base64.b64encode(hmac.digest(KEY, base.encode(), "sha256")).decode()
        by_hand = {
            "Content-Digest": f"sha-256=:{digest}:",
            "Signature-Input": f"sig={parameters}",
            "Signature": f"sig=:{mac}:",
        }

        self.assertEqual(sign(KEY, "alice-1", "POST", URL, JSON, METROPOLIS, NOW, "n-1"), by_hand)


class TestTheLibrary(SignatureTestCase):
    """What http-message-signatures signs and what we sign is the same, byte for byte."""

    REQUESTS = (
        ("GET", "http://127.0.0.1:8004/v1/movies/3", {}, b""),
        ("GET", "http://Cinema.example:80/v1/movies?q=&year=1940", {}, b""),
        ("GET", "https://cinema.example:443", {}, b""),
        ("GET", "http://[::1]:8004/v1/movies?", {}, b""),
        ("GET", "http://cinema.example/v1/a%2Fb/%C3%A9%20~'()?q=%2B+%26;x=/?", {}, b""),
        ("DELETE", "http://cinema.example//v1/../movies/3", {"If-Match": '"7"'}, b""),
        ("POST", URL, JSON | {"Idempotency-Key": '"8e03978e"'}, METROPOLIS),
        ("PUT", URL + "/3", {"Content-Type": " application/json;  charset=utf-8\t"}, b"\0\xff"),
    )
    KEYS = MappingKeyResolver(public_keys={"alice-1": KEY}, private_keys={"alice-1": KEY})

    def test_its_signatures_are_ours(self):
        signer = HTTPMessageSigner(signature_algorithm=HMAC_SHA256, key_resolver=self.KEYS)
        for method, url, headers, body in self.REQUESTS:
            with self.subTest(url=url):
                names = ["@method", "@authority", "@path", "@query", *map(str.lower, headers)]
                if body:
                    names.insert(5, "content-digest")
                theirs = SimpleNamespace(method=method, url=url, headers=dict(headers))

                signer.sign(
                    theirs,
                    key_id="alice-1",
                    created=datetime.fromtimestamp(NOW),
                    nonce="n-1",
                    label="sig",
                    include_alg=False,
                    covered_component_ids=names,
                    body=body or None,
                )

                self.assertEqual(signed(method, url, headers, body)["headers"], theirs.headers)
                check(method, url, theirs.headers, body)

    def test_it_accepts_ours(self):
        verifier = HTTPMessageVerifier(signature_algorithm=HMAC_SHA256, key_resolver=self.KEYS)
        for request in self.REQUESTS:
            with self.subTest(url=request[1]):
                ours = signed(*request, created=int(time()))

                [result] = verifier.verify(
                    SimpleNamespace(**ours), max_age=timedelta(minutes=5), body=ours["body"]
                )

                self.assertEqual(result.nonce, "n-1")

    def test_its_other_choices_are_accepted(self):
        signer = HTTPMessageSigner(signature_algorithm=HMAC_SHA256, key_resolver=self.KEYS)
        theirs = SimpleNamespace(method="POST", url=URL, headers=JSON | {"Date": "today"})

        signer.sign(
            theirs,
            key_id="alice-1",
            created=datetime.fromtimestamp(NOW),
            expires=datetime.fromtimestamp(NOW + 10),
            nonce="n-2",
            tag="cinema",
            covered_component_ids=(
                *("date", "content-type", "@query", "@path", "@authority", "@method"),
                *("@target-uri", "@scheme", "@request-target"),
            ),
            body=METROPOLIS,
        )
        signature = check("POST", URL, theirs.headers, METROPOLIS)

        self.assertEqual(signature.nonce, "n-2")
        self.assertEqual(signature.parameters["tag"], "cinema")


class TestNaive(SignatureTestCase):
    """What an HMAC must cover is seen in what goes through if it does not."""

    def test_body_alone_lets_a_create_become_an_overwrite(self):
        def naive(_method, _path, body):
            return hmac.digest(KEY, body, "sha256")

        sent = naive("POST", "/v1/movies", METROPOLIS)

        self.assertEqual(sent, naive("PUT", "/v1/movies/3", METROPOLIS))  # Rebecca is gone
        self.assert_refused(signed() | {"method": "PUT", "url": URL + "/3"})

    def test_joined_parts_let_a_delete_hit_another_movie(self):
        def naive(method, path, body):
            return hmac.digest(KEY, (method + path + body).encode(), "sha256")

        sent = naive("DELETE", "/v1/movies/12", "")

        self.assertEqual(sent, naive("DELETE", "/v1/movies/1", "2"))  # the boundary has moved
        request = signed("DELETE", URL + "/12", {}, b"")
        self.assert_refused(request | {"url": URL + "/1", "body": b"2"})
        self.assert_refused(request | {"url": URL + "/1"})

    def test_time_that_is_not_signed_lets_old_requests_be_new(self):
        def naive(_sent_at, method, path, body):
            return hmac.digest(KEY, f"{method}\n{path}\n{body}".encode(), "sha256")

        sent = naive(NOW, "DELETE", "/v1/movies/3", "")

        self.assertEqual(sent, naive(NOW + 86_400, "DELETE", "/v1/movies/3", ""))
        request = signed("DELETE", URL + "/3", {}, b"")
        old = request["headers"]["Signature-Input"]
        request["headers"]["Signature-Input"] = old.replace(str(NOW), str(NOW + 86_400))
        self.assert_refused(request, "does not fit the request", now=NOW + 86_400)
