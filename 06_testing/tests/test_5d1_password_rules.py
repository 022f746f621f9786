"""5.d1 Password hashes: what may be a password."""

import unicodedata
from unittest.mock import patch

from cinema.data.database import writing
from cinema.users import credentials, password_rules
from cinema.users.commands import add_user
from cinema.users.password_rules import check_new_password, common_passwords

from tests.test_5d1_password_hashes import NEW, PasswordTestCase


class RulesTest(PasswordTestCase):
    """What may be a password."""

    def refusal(self, password, name="kane"):
        try:
            check_new_password(password, name)
        except ValueError as error:
            return str(error)
        return None

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
                self.assertIsNone(self.refusal(password))

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
        ):
            with self.subTest(password=password[:20]):
                self.assertIn("8 to 1000 characters", self.refusal(password))
        self.assertIn("8 to 1000 characters", self.refusal(decomposed))
        self.assertIn("8 to 1000 characters", self.refusal("half a \ud83d smile"))

    def test_common_passwords_are_refused_however_they_are_written(self):
        for password in ("password", "PassWord", "12345678", "IloveYou", "TRUSTNO1"):
            with self.subTest(password=password):
                self.assertIn("guessed first", self.refusal(password))

    def test_own_name_is_refused_with_ornaments_too(self):
        for password in ("kane-kane", "Kane-Kane", "kane-kane2026!", "1kane-kane"):
            with self.subTest(password=password):
                self.assertIn("user's name", self.refusal(password, "kane-kane"))
                self.assertIsNone(self.refusal(password, "susan"))

    def test_list_ships_with_its_source_and_licence(self):
        head = password_rules.COMMON.read_text(encoding="utf-8")[:2000]

        self.assertIn("zxcvbn 4.5.0", head)
        self.assertIn("MIT License", head)
        self.assertEqual(len(common_passwords()), 10_000)
        self.assertEqual({each for each in common_passwords() if len(each) < 8}, set())
        self.assertTrue(all(each == each.casefold() for each in common_passwords()))

    def test_command_line_has_the_same_rules(self):
        for command, name in (("create-user", "kane-kane"), ("set-password", "alice")):
            for password in ("7 chars", "Password1", f"{name}12345"):
                with self.subTest(command=command, password=password):
                    result = self.app.test_cli_runner().invoke(
                        args=(command, name, "--password", password)
                    )

                    self.assertEqual(result.exit_code, 2)
                    self.assertIn("--password: a password is ", result.output)
        self.assert_nothing_changed()

    def test_first_users_get_their_password_by_the_same_way(self):
        with (
            patch.object(credentials, "set_password") as set_password,
            self.app.app_context(),
            writing(),
        ):
            add_user("kane", "member", NEW)

        set_password.assert_called_once_with("kane", NEW)
