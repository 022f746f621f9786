"""4.a3 Signed requests: whatever is sent in place of a signature, it is refused, and soon."""

import random

from tests.lesson import made_in
from tests.signatures import (
    COVERED,
    NOW,
    PARAMETERS,
    SignatureTestCase,
    check,
    signed,
    signed_by_hand,
)

with made_in("4.a3"):
    from cinema.http.signatures.message import BadSignature


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
            ("sig=(" + '"a" ' * 25_000 + ")", "it is far too long"),
            ("sig=()" + ";a=1" * 25_000, "it is far too long"),
            ("(" * 100_000, "it is far too long"),
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
            ("sig=:" + "A" * 100_000 + ":", "it is far too long"),
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

            refusal = self.assert_refused(request, f"{name} is missing")
            self.assertIn(name.lower(), refusal.lower(), "it should name what is missing")

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
                self.assertLess(len(str(refused)), 5_000, "a refusal should be short")
            else:  # written in another way, but the same
                self.assertEqual(signature, check(**signed()), request["headers"][name])
