"""4.a1 Who is asking: Basic authentication, name and password with every request (RFC 7617)."""

from base64 import b64encode

from tests import ALICE, PASSWORD, basic
from tests.users import ODD_PASSWORDS, UserTestCase, basic_of, challenges


class BasicTest(UserTestCase):
    """Who sends a name and the password that belongs to it is let in."""

    def test_name_and_password_say_who_is_asking(self):
        self.assert_asked_by("alice", self.put_favourites(ALICE))

    def test_challenge_names_the_realm_and_how_text_is_encoded(self):
        response = self.put_favourites()

        challenge = challenges(response).get("basic", {})
        self.assertTrue(challenge.get("realm"), "Basic should name a realm (RFC 7617, section 2)")
        self.assertEqual(challenge.get("charset"), "UTF-8", "the one value that it may have")

    def test_scheme_is_written_in_any_case(self):
        encoded = ALICE["Authorization"].removeprefix("Basic ")
        for scheme in ("basic ", "BASIC ", "bAsIc ", "Basic   "):
            with self.subTest(scheme=scheme):
                response = self.put_favourites({"Authorization": scheme + encoded})

                self.assert_status(response, (200, 201), "a scheme has no case")

    def test_any_password_will_do(self):
        for number, password in enumerate(ODD_PASSWORDS):
            with self.subTest(password=password):
                self.add_user(f"user-{number}", password)

                response = self.client.get(
                    "/v1/movies/1", headers=basic(f"user-{number}", password)
                )

                self.assert_status(response, 200, "nothing is trimmed or cut off")

    def test_password_is_the_same_however_its_accents_are_typed(self):
        for name, known, sent in (
            ("composed", "caf\u00e9 creme", "cafe\u0301 creme"),
            ("decomposed", "cafe\u0301 creme", "caf\u00e9 creme"),
        ):
            with self.subTest(known=known):
                self.add_user(name, known)

                response = self.client.get("/v1/movies/1", headers=basic(name, sent))

                self.assert_status(response, 200, "compare in one form (RFC 8265)")

    def test_wrong_credentials_are_refused_by_one_answer(self):
        answer = self.put_favourites(basic("nobody", "wrong")).json
        for name, password in (
            ("alice", "wrong"),
            ("alice", ""),
            ("alice", PASSWORD + " "),
            ("alice", PASSWORD[:-1]),
            ("alice", PASSWORD.upper()),
            ("alice", PASSWORD.replace("e", "\uff45")),  # looks wide, is another letter
            ("Alice", PASSWORD),
            ("alice ", PASSWORD),
            ("nobody", PASSWORD),
            ("", PASSWORD),
            ("", ""),
            ("' OR 1=1 --", "x"),
            ("x" * 10_000, "x" * 10_000),
        ):
            with self.subTest(name=name[:20], password=password[:20]):
                response = self.put_favourites(basic(name, password))

                self.assert_unauthorized(response)
                self.assertEqual(response.json, answer, "it should not tell what was wrong")
        self.assert_nothing_changed()

    def test_malformed_credentials_are_refused(self):
        encoded = b64encode(b"alice:schl\xc3\xbcssel~~~").decode()
        for value in (
            "Basic",
            "Basic ",
            "Basic x",
            "Basic ====",
            "Basic !!!!",
            "Basic é",
            f"Basic {encoded[:-1]}",
            f"Basic {encoded} x",
            f"Basic {encoded[:4]} {encoded[4:]}",
            f"Basic {encoded}, Basic {encoded}",
            f"Basic {encoded.replace('+', '-').replace('/', '_')}_",
            'Basic realm="cinema"',
            basic_of(b"alice")["Authorization"],  # no colon
            basic_of(b"alice:schl\xfcssel")["Authorization"],  # Latin-1
            basic_of("alice:x".encode("utf-16"))["Authorization"],
        ):
            with self.subTest(value=value):
                response = self.client.get("/v1/movies/1", headers={"Authorization": value})

                self.assert_unauthorized(response)

    def test_control_characters_are_refused(self):
        for character in map(chr, (*range(0x20), *range(0x7F, 0xA0))):
            for pair in (f"ali{character}ce:{PASSWORD}", f"alice:{PASSWORD}{character}"):
                with self.subTest(pair=pair):
                    response = self.client.get("/v1/movies/1", headers=basic_of(pair.encode()))

                    self.assert_unauthorized(response)
