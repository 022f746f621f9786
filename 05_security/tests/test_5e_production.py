"""5.e In production: what is good enough for a lesson refuses to start there, and says why."""

import os
import re
from unittest import TestCase
from unittest.mock import patch

import auth_service
import authorization_server
from cinema import config, create_app, production
from cinema.data.database import db
from cinema.production import Unsafe

from . import SETTINGS

SECRETS = {
    name: name.ljust(40, ".")
    for name in (
        *("CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
        *("AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"),
    )
}
SAFE = {
    "HTTPS": True,
    "TRUSTED_HOSTS": ["cinema.example"],
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    "CREDENTIALS_DATABASE_URL": "sqlite://",
    "ARGON2_MEMORY_COST": 19_456,
    "ARGON2_TIME_COST": 2,
}


class ProductionTest(TestCase):
    def setUp(self):
        self.enterContext(patch.dict(os.environ, {"CINEMA_ENV": "production"} | SECRETS))
        os.environ.pop("FLASK_DEBUG", None)

    def refusal(self, create_app=create_app, **settings):
        """Return the lines in which an application says why it does not start."""
        with self.assertRaises(Unsafe) as refused:
            create_app(SETTINGS | SAFE | settings)
        first, *lines = refused.exception.message.splitlines()
        self.assertEqual(first, "This is not safe in production:")
        return [line.strip() for line in lines]

    def test_all_that_is_needed_is_enough(self):
        app = create_app(SETTINGS | SAFE)

        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        self.assertEqual(app.config["SESSION_COOKIE_NAME"], "__Host-session")

    def test_each_secret_that_is_missing_is_named(self):
        for name in ("CINEMA_PASSWORD", "SECRET_KEY"):
            with self.subTest(name=name), patch.dict(os.environ, {name: ""}):
                (line,) = self.refusal()

                self.assertTrue(line.startswith(f"{name} is not set"), line)

    def test_secret_that_could_be_guessed_is_none(self):
        with patch.dict(os.environ, SECRET_KEY="x" * 31):
            (line,) = self.refusal()

        self.assertTrue(line.startswith("SECRET_KEY is shorter than 32 characters"), line)

    def test_secret_of_the_settings_does_not_count(self):
        """A settings file is in the repository, in a backup, on somebody's laptop."""
        with patch.dict(os.environ, SECRET_KEY=""):
            (line,) = self.refusal(SECRET_KEY="x" * 40)

        self.assertTrue(line.startswith("SECRET_KEY is not set"), line)

    def test_nothing_is_made_that_is_not_there(self):
        with (
            patch.dict(os.environ, SECRET_KEY=""),
            patch("cinema.config.kept_secret", side_effect=AssertionError("made one")),
        ):
            self.refusal()

    def test_each_setting_that_is_unsafe_is_named(self):
        for name, value in (
            ("HTTPS", False),
            ("SESSION_COOKIE_HTTPONLY", False),
            ("SESSION_COOKIE_SAMESITE", None),
            ("SESSION_COOKIE_SAMESITE", "None"),
            ("TRUSTED_HOSTS", None),
            ("ARGON2_MEMORY_COST", 19_455),
            ("ARGON2_TIME_COST", 1),
        ):
            with self.subTest(name=name, value=value):
                (line,) = self.refusal(**{name: value})

                self.assertRegex(line, rf"^{name} is .+: .+\.$")

    def test_debug_is_refused_wherever_it_is_turned_on(self):
        (by_setting,) = self.refusal(DEBUG=True)
        with patch.dict(os.environ, FLASK_DEBUG="1"):
            (by_variable,) = self.refusal()

        self.assertTrue(by_setting.startswith("FLASK_DEBUG is on"))
        self.assertEqual(by_variable, by_setting)

    def test_all_that_is_wrong_is_named_at_once(self):
        with patch.dict(os.environ, SECRET_KEY="", FLASK_DEBUG="1"):
            lines = self.refusal(HTTPS=False, TRUSTED_HOSTS=None)

        names = [re.match("[A-Z_]+", line)[0] for line in lines]
        self.assertEqual(names, ["SECRET_KEY", "FLASK_DEBUG", "HTTPS", "TRUSTED_HOSTS"])

    def test_authorization_server_needs_secrets_of_its_own(self):
        with patch.dict(os.environ, AUTHORIZATION_SERVER_SECRET="", ROBOT_SECRET=""):
            lines = self.refusal(authorization_server.create_app)

        names = [line.partition(" ")[0] for line in lines]
        self.assertEqual(names, ["AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"])

    def test_service_and_who_asks_it_share_a_secret_from_outside(self):
        with patch.dict(os.environ, AUTH_SERVICE_SECRET=""):
            (of_the_api,) = self.refusal(AUTH_SERVICE_URL="https://auth.example")
            (of_the_service,) = self.refusal(lambda _: auth_service.create_app())

        self.assertTrue(of_the_api.startswith("AUTH_SERVICE_SECRET is not set"), of_the_api)
        self.assertEqual(of_the_service, of_the_api)

    def test_a_word_that_is_neither_is_refused(self):
        """Else who writes CINEMA_ENV=prod believes to be safe."""
        with patch.dict(os.environ, CINEMA_ENV="prod"), self.assertRaises(Unsafe) as refused:
            create_app(SETTINGS | SAFE)

        self.assertEqual(
            refused.exception.message,
            "CINEMA_ENV is prod: it must be one of development, production.",
        )

    def test_defaults_are_no_cheaper_than_production_allows(self):
        for name, least in production.LEAST_COSTS.items():
            self.assertGreaterEqual(config.DEFAULTS[name], least)
