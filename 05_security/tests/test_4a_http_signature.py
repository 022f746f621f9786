"""4.a Authentication: requests that are signed with a key, which itself is never sent."""

import base64
import hashlib
import hmac
import random
from datetime import datetime, timedelta
from http.client import HTTPConnection
from threading import Thread
from time import time
from types import SimpleNamespace
from unittest import TestCase

from cinema.http.message_signatures import (
    CLOCK_SKEW,
    LONGEST_FIELD,
    WINDOW,
    BadSignature,
    content_digest,
    read_signature,
    sign,
    verify,
    verify_digest,
)
from cinema.http.raw_url import raw_url
from cinema.http.signature_base import components_of, signature_base
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier
from http_message_signatures.algorithms import HMAC_SHA256
from http_message_signatures.resolvers import MappingKeyResolver
from werkzeug.exceptions import SecurityError
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

KEY = bytes(range(32))
NOW = 1_800_000_000
METROPOLIS = b'{"title": "Metropolis", "director": "Fritz Lang", "year": 1927, "runtime": 153}'
URL = "http://127.0.0.1:8004/v1/movies"
JSON = {"Content-Type": "application/json"}
COVERED = '"@method" "@authority" "@path" "@query" "content-type" "content-digest"'
PARAMETERS = f';created={NOW};keyid="alice-1";nonce="n-1"'

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


def signed(method="POST", url=URL, headers=JSON, body=METROPOLIS, created=NOW, nonce="n-1"):
    """Return a request with its signature, as its parts."""
    added = sign(KEY, "alice-1", method, url, headers, body, created, nonce)
    return {"method": method, "url": url, "headers": {**headers, **added}, "body": body}


def check(method, url, headers, body, now=NOW):
    """Do what the API does with a signed request."""
    signature = read_signature(method, url, headers)
    verify(signature, KEY, now)
    verify_digest(signature, body)
    return signature


def signed_by_hand(covered=COVERED, parameters=PARAMETERS, **also):
    """Return `signed()`, but with components, parameters and headers that `sign` does not make."""
    headers = JSON | {"Content-Digest": content_digest(METROPOLIS)} | also
    available = components_of("POST", URL, headers)
    names = covered.replace('"', "").split()
    lines = [f'"{name}": {available.get(name, "")}' for name in names]
    base = "\n".join([*lines, f'"@signature-params": ({covered}){parameters}'])
    mac = base64.b64encode(hmac.digest(KEY, base.encode(), "sha256")).decode()
    headers |= {"Signature-Input": f"sig=({covered}){parameters}", "Signature": f"sig=:{mac}:"}
    return {"method": "POST", "url": URL, "headers": headers, "body": METROPOLIS}


class SignatureTestCase(TestCase):
    def assert_refused(self, request, why="", now=NOW):
        with self.assertRaisesRegex(BadSignature, why):
            check(**request, now=now)


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


class TestTampering(SignatureTestCase):
    """Whoever changes a signed request breaks its signature."""

    def test_what_was_signed_is_accepted(self):
        signature = check(**signed())

        self.assertEqual(
            (signature.keyid, signature.created, signature.nonce), ("alice-1", NOW, "n-1")
        )
        self.assertEqual(list(signature.components), COVERED.replace('"', "").split())

    def test_tls_that_ends_at_a_proxy_does_no_harm(self):
        request = signed(url="https://cinema.example/v1/movies")

        check(**request | {"url": "http://cinema.example/v1/movies"})

    def test_another_method_host_path_or_query_is_refused(self):
        for change in (
            {"method": "PUT"},
            {"method": "post"},
            {"url": URL.replace("127.0.0.1", "127.0.0.2")},
            {"url": URL.replace("8004", "8005")},
            {"url": URL + "/3"},
            {"url": URL + "/"},
            {"url": URL.replace("movies", "m%6Fvies")},
            {"url": URL + "?page=2"},
        ):
            with self.subTest(change=change):
                self.assert_refused(signed() | change, "does not fit the request")

    def test_another_body_is_refused(self):
        for body in (b"", METROPOLIS + b" ", METROPOLIS.replace(b"1927", b"1928")):
            with self.subTest(body=body):
                self.assert_refused(signed() | {"body": body}, "does not fit its Content-Digest")

    def test_another_body_with_its_own_digest_is_refused(self):
        request = signed()
        request["headers"]["Content-Digest"] = content_digest(b"{}")

        self.assert_refused(request | {"body": b"{}"}, "does not fit the request")

    def test_another_header_is_refused(self):
        request = signed(headers=JSON | {"If-Match": '"7"', "Idempotency-Key": '"a"'})
        for name in ("Content-Type", "If-Match", "Idempotency-Key"):
            with self.subTest(name=name):
                headers = request["headers"] | {name: "x"}

                self.assert_refused(request | {"headers": headers}, "does not fit the request")

    def test_a_header_that_was_taken_away_is_refused(self):
        request = signed(headers=JSON | {"If-Match": '"7"'})
        del request["headers"]["If-Match"]

        self.assert_refused(request, '"if-match" is covered, but not in the request')

    def test_a_header_that_was_slipped_in_is_refused(self):
        request = signed()
        request["headers"]["If-Match"] = '"7"'

        self.assert_refused(request, 'must cover "if-match"')

    def test_a_body_that_was_slipped_in_is_refused(self):
        request = signed("DELETE", URL + "/3", {}, b"")

        self.assert_refused(request | {"body": b"{}"}, "Send the header content-digest")

    def test_another_created_keyid_or_nonce_is_refused(self):
        for old, new in (
            (f"created={NOW}", f"created={NOW + 1}"),
            ('keyid="alice-1"', 'keyid="bob-1"'),
            ('nonce="n-1"', 'nonce="n-2"'),
            ('nonce="n-1"', 'nonce="n-1";tag="x"'),
            ("@authority", "@target-uri"),
            ('"@query" "content-type"', '"content-type" "@query"'),
        ):
            with self.subTest(new=new):
                request = signed()
                signature_input = request["headers"]["Signature-Input"]
                request["headers"]["Signature-Input"] = signature_input.replace(old, new)

                self.assertNotEqual(request["headers"]["Signature-Input"], signature_input)
                self.assert_refused(request)

    def test_another_key_or_value_is_refused(self):
        request = signed()
        signature = read_signature(request["method"], request["url"], request["headers"])

        for key in (b"", KEY[:-1], KEY + b"x"):
            with self.assertRaisesRegex(BadSignature, "does not fit the request"):
                verify(signature, key, NOW)
        for value in ("::", ":AAAA:", ":" + "A" * 44 + ":"):
            headers = request["headers"] | {"Signature": f"sig={value}"}
            self.assert_refused(request | {"headers": headers}, "does not fit the request")


class TestTime(SignatureTestCase):
    """A signature is good for minutes, not for ever."""

    def test_stale_is_refused(self):
        check(**signed(), now=NOW + WINDOW)

        self.assert_refused(signed(), "has expired", now=NOW + WINDOW + 1)

    def test_future_is_refused(self):
        check(**signed(), now=NOW - CLOCK_SKEW)

        self.assert_refused(signed(), "in the future", now=NOW - CLOCK_SKEW - 1)

    def test_expires_makes_it_shorter_and_not_longer(self):
        shorter = signed_by_hand(parameters=f"{PARAMETERS};expires={NOW + 10}")
        longer = signed_by_hand(parameters=f"{PARAMETERS};expires={NOW + 10 * WINDOW}")

        check(**shorter, now=NOW + 10)
        check(**longer, now=NOW + WINDOW)

        self.assert_refused(shorter, "has expired", now=NOW + 11)
        self.assert_refused(longer, "has expired", now=NOW + WINDOW + 1)


class TestWhatIsCovered(SignatureTestCase):
    """A signature that leaves out what matters is none."""

    def test_leaving_something_out_is_refused(self):
        for name in COVERED.replace('"', "").split():
            with self.subTest(name=name):
                covered = COVERED.replace(f'"{name}"', "").replace("  ", " ").strip()

                self.assert_refused(signed_by_hand(covered), f'must cover "{name}"')

    def test_body_without_digest_is_refused(self):
        request = signed_by_hand(COVERED.replace(' "content-digest"', ""))
        del request["headers"]["Content-Digest"]

        self.assert_refused(request, "Send the header content-digest")

    def test_what_is_twice_unknown_or_unsupported_is_refused(self):
        for component, why in (
            ('"@path"', "Cover each component once"),
            ('"content-type"', "Cover each component once"),
            ('"x-missing"', "not in the request"),
            ('"Content-Length"', "not in the request"),
            ('"@status"', "not in the request"),
            ('"@query-param"', "not in the request"),
            ('"@signature-params"', "not in the request"),
            ('"@query-param";name="page"', "without parameters"),
            ('"@method";req', "Cover each component once"),
            ('"date";sf', "without parameters"),
            ('"date";bs', "without parameters"),
            ('"date";tr', "without parameters"),
            ('"content-digest";key="sha-256"', "without parameters"),
            ("date", "as a string"),
            ("1", "as a string"),
            ("?1", "as a string"),
            (":AAAA:", "as a string"),
        ):
            with self.subTest(component=component):
                request = signed_by_hand(f"{COVERED} {component}", Date="today")

                self.assert_refused(request, why)

    def test_a_value_that_would_forge_a_line_is_refused(self):
        for value in ('x\n"@method": GET', "x\ry", "x\0y", "é", "\x7f"):
            with self.subTest(value=value):
                self.assert_refused(signed_by_hand(f'{COVERED} "x"', X=value), '"x" has characters')

    def test_a_value_with_a_tab_in_it_is_accepted(self):
        check(**signed_by_hand(f'{COVERED} "x"', X="a\tb"))

    def test_digest_must_be_a_known_one_and_right(self):
        sha256 = content_digest(METROPOLIS)
        sha512 = f"sha-512=:{base64.b64encode(hashlib.sha512(METROPOLIS).digest()).decode()}:"
        for digest, why in (
            ("md5=:AAAA:", "needs one of sha-256, sha-512"),
            (f"{sha256}, sha-512=:AAAA:", "does not fit"),
            ("sha-256=:AAAA:", "does not fit"),
            ("sha-256", "does not fit"),
            ("sha-256=(1 2)", "does not fit"),
            (f"{sha256}, {sha256}", "given twice"),
            ("sha-256=", "malformed"),
            ("", "Send the header"),
        ):
            with self.subTest(digest=digest):
                self.assert_refused(signed_by_hand(**{"Content-Digest": digest}), why)
        for digest in (sha512, f"{sha512}, {sha256}", f"md5=:AAAA:, {sha256}"):
            check(**signed_by_hand(**{"Content-Digest": digest}))


class TestMalformed(SignatureTestCase):
    """Whatever a client sends: what goes wrong is a BadSignature, and soon."""

    def test_malformed_inputs_are_refused(self):
        whole = f"sig=({COVERED}){PARAMETERS}"
        for value, why in (
            ("", "Send the header signature-input"),
            ("sig", "Signature-Input: sig="),
            ("sig=1", "Signature-Input: sig="),
            ("sig=(", "malformed"),
            ("sig=)", "malformed"),
            ("=()", "malformed"),
            (f"({COVERED})", "malformed"),
            ('sig="("', "Signature-Input: sig="),
            (f"other=({COVERED}){PARAMETERS}", "one signature"),
            (f"{whole}, two={whole[4:]}", "one signature"),
            (f"{whole}, {whole}", "given twice"),
            (f"{whole};created=1", "given twice"),
            (f"{whole},", "malformed"),
            (whole + "\0", "malformed"),
            (whole + "é", "malformed"),
            (whole + "\udc80", "malformed"),
            (whole + "☃", "malformed"),
            ("sig=(" + '"a" ' * 25_000 + ")", f"at most {LONGEST_FIELD}"),
            ("sig=()" + ";a=1" * 25_000, f"at most {LONGEST_FIELD}"),
            ("(" * 100_000, f"at most {LONGEST_FIELD}"),
        ):
            with self.subTest(value=value[:80]):
                request = signed()
                request["headers"]["Signature-Input"] = value

                self.assert_refused(request, why)

    def test_malformed_values_are_refused(self):
        for value, why in (
            ("", "Send the header signature"),
            ("sig", "Signature: sig="),
            ('sig="AAAA"', "Signature: sig="),
            ("sig=AAAA", "Signature: sig="),
            ("sig=(:AAAA:)", "Signature: sig="),
            ("sig=:A:", "malformed"),
            ("sig=:é:", "malformed"),
            ("sig=:\0:", "malformed"),
            ("sig=:AAAA", "malformed"),
            ("sig=:AAAA:, sig=:AAAA:", "given twice"),
            ("sig=:AAAA:, two=:AAAA:", "one signature"),
            ("two=:AAAA:", "one signature"),
            ("sig=:" + "A" * 100_000 + ":", "at most"),
        ):
            with self.subTest(value=value[:80]):
                request = signed()
                request["headers"]["Signature"] = value

                self.assert_refused(request, why)

    def test_two_signatures_are_refused(self):
        request = signed()
        for name in ("Signature-Input", "Signature"):
            request["headers"][name] += f", two={request['headers'][name].removeprefix('sig=')}"

        self.assert_refused(request, "Send one signature")

    def test_missing_headers_are_refused(self):
        for name in ("Signature-Input", "Signature"):
            request = signed()
            del request["headers"][name]

            self.assert_refused(request, f"Send the header {name.lower()},")

    def test_parameters_of_a_wrong_type_are_refused(self):
        good = {"created": NOW, "keyid": '"a"', "nonce": '"n"'}
        for name, values in (
            ("created", (None, '"1"', "1.0", "?1", "a", ":AAAA:", "@1", f'"{NOW}"')),
            ("expires", ('"1"', "1.0", "?1", "a", f"@{NOW}")),
            ("keyid", (None, "1", "a", "?1", '""', ":AAAA:", '%"a"', f'"{"a" * 129}"')),
            ("nonce", (None, "1", "a", "?1", '""', ":AAAA:", '%"a"', f'"{"a" * 129}"')),
            ("alg", ('"rsa-pss-sha512"', '"none"', '""', "?1", '"HMAC-SHA256"')),
        ):
            for value in values:
                with self.subTest(name=name, value=value):
                    parameters = {n: v for n, v in (good | {name: value}).items() if v is not None}
                    written = "".join(f";{n}={v}" for n, v in parameters.items())

                    self.assert_refused(signed_by_hand(parameters=written), name)

    def test_urls_that_are_none_are_refused(self):
        for url in ("", "/v1/movies", "ftp://a/", "http://", "http:///a", "http://a@b/"):
            with self.subTest(url=url):
                self.assert_refused(signed() | {"url": url}, "not an absolute one")
        for path in ("é", " ", "a b", "\n", "a\tb", "\0", "\x7f", "☃", "\udc80"):
            with self.subTest(path=path):
                self.assert_refused(signed() | {"url": "http://a/" + path}, "not an absolute one")

    def test_noise_is_refused(self):
        noise = random.Random(9421)  # noqa: S311 - the same noise in every run
        alphabet = '"@();=:?%,.*-_\\ \t\r\n\0é☃09azAZ'
        for _ in range(5_000):
            request = signed()
            name = noise.choice(["Signature-Input", "Signature", "Content-Digest"])
            value = list(request["headers"][name])
            for _ in range(noise.randint(1, 3)):
                place = noise.randrange(len(value))
                value[place : place + noise.randint(0, 2)] = noise.choices(
                    alphabet, k=noise.randint(0, 3)
                )
            request["headers"][name] = "".join(value)

            try:
                signature = check(**request)
            except BadSignature as refused:
                self.assertLess(len(str(refused)), 2 * LONGEST_FIELD)
            else:  # written in another way, but the same
                self.assertEqual(signature, check(**signed()), request["headers"][name])


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


class TestRawUrl(TestCase):
    """The URL is signed as it was sent, so it must be read as it was sent."""

    TARGETS = (
        "/v1/movies",
        "/v1/movies?",
        "/v1/movies?q=a%20b+c&year=1940",
        "/v1/a%2Fb",
        "/v1/a%2fb",
        "/v1/%C3%A9t%C3%A9?q=%C3%A9",
        "/v1/%FF%00",
        "/v1/%zz%",
        "/v1/../movies//3",
        "/v1/;a=1,2:@!$&'()*~",
    )

    def test_what_is_sent_arrives(self):
        def answer(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [raw_url(environ).encode()]

        server = make_server("127.0.0.1", 0, answer)
        server.log = lambda *_: None
        thread = Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        for target in (*self.TARGETS, "http://127.0.0.1:{port}/v1/a%2Fb?", "/a?u=http://b/c"):
            with self.subTest(target=target):
                connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
                connection.request("GET", target.format(port=server.port))

                body = connection.getresponse().read().decode()

                connection.close()
                path = "/" + target.removeprefix("http://127.0.0.1:{port}").removeprefix("/")
                self.assertEqual(body, f"http://127.0.0.1:{server.port}{path}")

    def test_every_servers_name_for_it_will_do(self):
        for name in ("REQUEST_URI", "RAW_URI"):
            environ = EnvironBuilder("/v1/other", base_url="http://cinema.example").get_environ()
            del environ["REQUEST_URI"], environ["RAW_URI"]
            environ[name] = "/v1/a%2Fb?"

            self.assertEqual(raw_url(environ), "http://cinema.example/v1/a%2Fb?")

    def test_path_is_encoded_if_the_server_tells_only_the_decoded_one(self):
        for target, expected in (
            ("/v1/movies?q=a%20b", "/v1/movies?q=a%20b"),
            ("/v1/movies?", "/v1/movies"),  # this is lost
            ("/v1/%C3%A9t%C3%A9%20%25", "/v1/%C3%A9t%C3%A9%20%25"),
            ("/v1/a%2Fb", "/v1/a/b"),  # and this
        ):
            with self.subTest(target=target):
                environ = EnvironBuilder(target, base_url="http://cinema.example/api").get_environ()
                del environ["REQUEST_URI"], environ["RAW_URI"]

                self.assertEqual(raw_url(environ), "http://cinema.example/api" + expected)

    def test_nothing_in_the_host_passes_for_a_path(self):
        for host in ("cinema.example/v1", "cinema.example?", "a@b", "a#b", "a\\b", "a b"):
            with self.subTest(host=host):
                environ = EnvironBuilder("/movies").get_environ()
                environ["HTTP_HOST"] = host

                with self.assertRaises((BadSignature, SecurityError)):  # or 400, from Werkzeug
                    components_of("GET", raw_url(environ), {})
