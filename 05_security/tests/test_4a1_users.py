"""4.a1 Who is asking: the commands that make users and change their passwords."""

from cinema.data.database import db, writing
from cinema.users.user import User
from sqlalchemy import delete

from tests import METROPOLIS, PASSWORD, basic
from tests.users import UserTestCase


class UserCommandsTest(UserTestCase):
    """`flask create-user`, `flask set-password`, and the users of `flask seed`."""

    def assert_logs_in(self, name, password):
        response = self.client.get("/v1/movies/1", headers=basic(name, password))
        self.assert_status(response, 200, f"{password!r} should be {name}'s password")

    def assert_does_not_log_in(self, name, password):
        response = self.client.get("/v1/movies/1", headers=basic(name, password))
        self.assert_status(response, 401, f"{password!r} should not let {name} in")

    def assert_done(self, result):
        self.assertEqual(result.exit_code, 0, f"it should work, and not say: {result.output}")

    def assert_refused(self, result, *words):
        """Check that a command fails, and says why."""
        self.assertNotEqual(result.exit_code, 0, f"it should fail, and not say: {result.output}")
        self.assertIn("Error: ", result.output)
        for word in words:
            self.assertIn(word, result.output.partition("Error: ")[2])

    def test_seed_makes_alice_and_bob_once(self):
        with self.app.app_context(), writing():
            db.session.execute(delete(User))

        first, second = self.run_command("seed"), self.run_command("seed")

        self.assert_done(first)
        self.assert_done(second)
        for name in ("alice", "bob"):
            self.assertIn(name, first.output, "it should tell whom it has made")
            self.assertNotIn(name, second.output, "it should make nobody twice")
            self.assert_logs_in(name, PASSWORD)

    def test_user_who_was_deleted_does_not_come_back_with_the_first_password(self):
        with self.app.app_context(), writing():
            db.session.execute(delete(User).where(User.name == "bob"))

        result = self.run_command("seed")

        self.assert_done(result)
        self.assertIn("No new users: there are users already.", result.output)
        self.assert_does_not_log_in("bob", PASSWORD)
        self.assert_logs_in("alice", PASSWORD)

    def test_new_user_is_a_member(self):
        result = self.run_command("create-user", "carol", "--password", "long enough")

        self.assert_done(result)
        headers = basic("carol", "long enough")
        self.assert_asked_by("carol", self.put_favourites(headers))
        refused = self.client.post("/v1/movies", json=METROPOLIS, headers=headers)
        self.assert_forbidden(refused, "movies:write")

    def test_new_user_may_be_an_editor(self):
        result = self.run_command(
            "create-user", "carol", "--role", "editor", "--password", "long enough"
        )

        self.assert_done(result)
        headers = basic("carol", "long enough")
        created = self.client.post("/v1/movies", json=METROPOLIS, headers=headers)
        self.assert_status(created, 201, "carol should be an editor")

    def test_password_is_asked_for_twice_and_not_shown(self):
        for command, name in (("create-user", "carol"), ("set-password", "bob")):
            with self.subTest(command=command):
                result = self.run_command(command, name, typed="long enough\nlong enough\n")

                self.assert_done(result)
                self.assertEqual(result.output.count(": \n"), 2, "it should ask twice")
                self.assertNotIn("long enough", result.output)
                self.assert_logs_in(name, "long enough")

    def test_passwords_that_differ_are_asked_for_again(self):
        typed = "long enough\nlong enouhg\nlong enough\nlong enough\n"

        result = self.run_command("create-user", "carol", typed=typed)

        self.assert_done(result)
        self.assertIn("Error: ", result.output, "it should say that they differ")
        self.assert_logs_in("carol", "long enough")

    def test_short_password_is_refused(self):
        for command, name in (("create-user", "carol"), ("set-password", "alice")):
            with self.subTest(command=command):
                result = self.run_command(command, name, "--password", "7 chars")

                self.assert_refused(result, "8")
        self.assert_nothing_changed()

    def test_bad_names_and_roles_are_refused_with_the_reason(self):
        for arguments, word in (
            (("Carol",), "small letters"),
            (("carol!",), "small letters"),
            (("",), "small letters"),
            (("c" * 65,), "64"),
            (("alice",), "alice"),  # is there
            (("carol", "--role", "king"), "king"),
            ((), "NAME"),
        ):
            with self.subTest(arguments=arguments):
                result = self.run_command("create-user", *arguments, "--password", "long enough")

                self.assert_refused(result, word)
        self.assert_nothing_changed()

    def test_second_run_changes_nothing(self):
        self.run_command("create-user", "carol", "--password", "long enough")

        result = self.run_command("create-user", "carol", "--password", "another one")

        self.assert_refused(result, "carol")
        self.assert_logs_in("carol", "long enough")
        self.assert_does_not_log_in("carol", "another one")

    def test_set_password_replaces_the_old_one(self):
        result = self.run_command("set-password", "alice", "--password", "a new password")

        self.assert_done(result)
        self.assert_logs_in("alice", "a new password")
        self.assert_does_not_log_in("alice", PASSWORD)
        self.assert_logs_in("bob", PASSWORD)

    def test_set_password_of_nobody_is_refused(self):
        result = self.run_command("set-password", "nobody", "--password", "a new password")

        self.assert_refused(result, "nobody")

    def test_help_warns_of_passwords_among_the_commands(self):
        for command in ("create-user", "set-password"):
            with self.subTest(command=command):
                result = self.run_command(command, "--help")

                self.assert_done(result)
                self.assertIn("--password", result.output)
                self.assertIn("asked", result.output, "it should say that it asks if left out")
