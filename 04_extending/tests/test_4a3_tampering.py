"""4.a3 Signed requests: what breaks a signature, and what it must cover."""

import base64
import hashlib

from tests.lesson import made_in
from tests.signatures import (
    COVERED,
    JSON,
    KEY,
    METROPOLIS,
    NOW,
    PARAMETERS,
    URL,
    SignatureTestCase,
    check,
    signed,
    signed_by_hand,
)

with made_in("4.a3"):
    from cinema.http.signatures.message import (
        CLOCK_SKEW,
        WINDOW,
        BadSignature,
        content_digest,
        read_signature,
        verify,
    )


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
            with self.assertRaises(BadSignature, msg="only the key of who signed should do"):
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

                refusal = self.assert_refused(signed_by_hand(covered), f'must cover "{name}"')

                self.assertIn(name, refusal, "it should name what has to be covered")

    def test_what_is_covered_by_hand_is_accepted(self):
        check(**signed_by_hand())

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
