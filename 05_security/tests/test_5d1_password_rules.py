"""5.d1 Password hashes: what may be a password."""

import json
import unicodedata

from cinema.data.database import writing
from cinema.users.commands import add_user

from tests import PASSWORD, basic
from tests.lesson import made_in
from tests.test_5d1_password_hashes import PasswordTestCase

with made_in("5.d1"):
    from cinema.users import password_rules
    from cinema.users.password_rules import common_passwords


class RulesTest(PasswordTestCase):
    """What a user may choose, asked of `PUT /v1/password` and of the commands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            for name in ("kane-kane", "susan"):
                add_user(name, "member", PASSWORD)
        cls.snapshot = cls.database.serialize()

    def choose(self, password, name="susan"):
        self.begin_again()
        body = json.dumps({"current": PASSWORD, "new": password})
        return self.client.put(
            "/v1/password", data=body, content_type="application/json", headers=basic(name)
        )

    def assert_taken(self, password, name="susan"):
        response = self.choose(password, name)
        self.assertEqual(response.status_code, 200, f"this should be good enough: {password[:20]}")

    def assert_refused(self, password, name="susan"):
        response = self.choose(password, name)
        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(
            response.json.get("errors", {}).keys(), {"new"}, "say which value is wrong"
        )
        self.assert_nothing_changed()

    def test_passwords_of_8_to_1000_characters_are_taken(self):
        for password in (
            "r0sebud!",
            "東京物語東京物語",
            "x" * 64,
            "ö" * 1000,
            " two spaces ",
            "🛷" * 8,
        ):
            with self.subTest(password=password[:20]):
                self.assert_taken(password)

    def test_shorter_longer_blank_and_unprintable_ones_are_refused(self):
        decomposed = unicodedata.normalize("NFD", "éééé")  # 8 code points, 4 characters
        for password in (
            "",
            "7 chars",
            "x" * 1001,
            " " * 8,
            "in\nthe snow",
            "a\x7fb" * 4,
            "\0" * 8,
            decomposed,
        ):
            with self.subTest(password=password[:20]):
                self.assert_refused(password)

    def test_half_a_character_is_refused(self):
        response = self.choose("half a \ud83d smile")

        self.assert_problem(response, 400, "Bad Request")

    def test_common_passwords_are_refused_however_they_are_written(self):
        for password in ("password", "PassWord", "12345678", "IloveYou", "TRUSTNO1"):
            with self.subTest(password=password):
                self.assert_refused(password)

    def test_own_name_is_refused_with_ornaments_too(self):
        for password in ("kane-kane", "Kane-Kane", "kane-kane2026!", "1kane-kane"):
            with self.subTest(password=password):
                self.assert_refused(password, "kane-kane")
                self.assert_taken(password, "susan")

    def test_list_ships_with_its_source_and_licence(self):
        head = password_rules.COMMON.read_text(encoding="utf-8")[:2000]

        self.assertIn("zxcvbn 4.5.0", head)
        self.assertIn("MIT License", head)
        self.assertEqual(len(common_passwords()), 10_000)
        self.assertEqual({each for each in common_passwords() if len(each) < 8}, set())
        self.assertEqual({each for each in common_passwords() if each != each.casefold()}, set())

    def test_command_line_has_the_same_rules(self):
        for command, name in (("create-user", "vera-vera"), ("set-password", "susan")):
            for password in ("7 chars", "Password1", f"{name}12345"):
                with self.subTest(command=command, password=password):
                    result = self.app.test_cli_runner().invoke(
                        args=(command, name, "--password", password)
                    )

                    self.assertNotEqual(result.exit_code, 0, "this should be refused")
                    self.assertIn("--password", result.output, "say which option is wrong")
        self.assert_nothing_changed()
