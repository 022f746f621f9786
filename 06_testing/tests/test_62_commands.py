"""6.2 Custom routes: every command, which is called as a request is."""

from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from cinema.data.database import db, writing
from cinema.data.models import Movie
from sqlalchemy import delete

from tests import BOB, ApiTestCase, basic


class CommandsTest(ApiTestCase):
    """A command is called as a request is: without a terminal, and with an answer to look at."""

    def run_command(self, *arguments, typed=""):
        return self.app.test_cli_runner().invoke(args=arguments, input=typed)

    def status_of(self, name, password):
        return self.client.get("/v1/movies", headers=basic(name, password)).status_code

    def test_every_command_is_known_here_and_says_what_it_does(self):
        ours = {"create-user", "delete-user", "make-certificate", "seed", "set-password"}
        self.assertEqual(set(self.app.cli.commands), ours | {"db"}, "db is Flask-Migrate's")
        for name in ours:
            with self.subTest(name):
                result = self.run_command(name, "--help")

                self.assertEqual(result.exit_code, 0)
                self.assertRegex(result.output, r"\n\n  [A-Z][^.]+\.\n")

    def test_seed_fills_an_empty_database_only(self):
        full = self.run_command("seed")
        with self.app.app_context(), writing():
            db.session.execute(delete(Movie))
        empty = self.run_command("seed")

        self.assertEqual((full.exit_code, empty.exit_code), (0, 0))
        self.assertIn("No films loaded: there are movies already.", full.output)
        self.assertIn("No new users: there are users already.", full.output)
        self.assertIn("659 films loaded.", empty.output)
        self.assertEqual(self.client.get("/v1/movies").json["total"], 659)

    def test_password_that_is_typed_twice_is_not_shown(self):
        password = "a sled named Rosebud"

        result = self.run_command("create-user", "carol", typed=f"{password}\n{password}\n")

        self.assertEqual(result.exit_code, 0)
        self.assertIn("carol is a user now: member.", result.output)
        self.assertNotIn(password, result.output)
        self.assertEqual(self.status_of("carol", password), 200)

    def test_user_who_cannot_be_is_refused_and_says_why(self):
        good = "--password", "a sled named Rosebud"
        for arguments, status, words in (
            (("carol", "--role", "king", *good), 2, "'king' is not one of 'member', 'editor'"),
            (("carol", "--password", "short"), 2, "--password"),
            (("alice", *good), 1, "There is a user alice already."),
            (("Carol!", *good), 1, "small letters or digits"),
        ):
            with self.subTest(arguments):
                result = self.run_command("create-user", *arguments)

                self.assertEqual(result.exit_code, status)
                self.assertIn(words, result.output)
                self.assert_nothing_changed()

    def test_new_password_takes_the_place_of_the_old(self):
        result = self.run_command("set-password", "bob", "--password", "a sled named Rosebud")

        self.assertEqual((result.exit_code, result.output), (0, "bob has a new password.\n"))
        self.assertEqual(self.status_of("bob", "a sled named Rosebud"), 200)
        self.assertEqual(self.client.get("/v1/movies", headers=BOB).status_code, 401)

    def test_user_who_is_deleted_takes_along_what_is_theirs(self):
        self.client.put("/v1/watchlists/mine", json={"title": "Mine"}, headers=BOB)

        result = self.run_command("delete-user", "bob")

        self.assertEqual((result.exit_code, result.output), (0, "bob is no user any more.\n"))
        self.assertEqual(self.client.get("/v1/movies", headers=BOB).status_code, 401)
        self.assertEqual(self.client.get("/v1/watchlists/mine").status_code, 404)
        self.run_command("seed")  # as at each start
        self.assertEqual(self.client.get("/v1/movies", headers=BOB).status_code, 401)

    def test_user_who_is_not_there_cannot_be_changed(self):
        for arguments in (("delete-user", "eve"), ("set-password", "eve", "--password", "x" * 12)):
            with self.subTest(arguments):
                result = self.run_command(*arguments)

                self.assertEqual(result.exit_code, 1)
                self.assertIn("There is no user eve.", result.output)
                self.assert_nothing_changed()

    def test_certificate_is_made_once(self):
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(patch.object(self.app, "instance_path", folder))

        first, second = self.run_command("make-certificate"), self.run_command("make-certificate")

        self.assertEqual((first.exit_code, second.exit_code), (0, 0))
        files = {file.name for file in Path(folder).iterdir()}
        self.assertEqual(files, {"ca.pem", "server.pem", "server.key"})
        self.assertIn("is still good", second.output)
