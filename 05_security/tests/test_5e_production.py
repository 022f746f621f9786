"""5.e In production: what is good enough for a lesson refuses to start there, and says why."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import patch

import auth_service
import authorization_server
from cinema.data.database import db
from flask import Flask

from . import SETTINGS
from .lesson import made_in

with made_in("5.e"):
    from cinema import config, create_app, production
    from cinema.production import Unsafe

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

    def only_refusal(self, create_app=create_app, **settings):
        lines = self.refusal(create_app, **settings)
        self.assertEqual(len(lines), 1, f"one thing is wrong, so one line should say it: {lines}")
        return lines[0]

    def test_all_that_is_needed_is_enough(self):
        app = create_app(SETTINGS | SAFE)

        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()
        self.assertEqual(app.config["SESSION_COOKIE_NAME"], "__Host-session")

    def test_each_secret_that_is_missing_is_named(self):
        for name in ("CINEMA_PASSWORD", "SECRET_KEY"):
            with self.subTest(name=name), patch.dict(os.environ, {name: ""}):
                self.assertRegex(self.only_refusal(), f"^{name} ")

    def test_secret_that_could_be_guessed_is_none(self):
        with patch.dict(os.environ, SECRET_KEY="x" * 31):
            line = self.only_refusal()

        self.assertRegex(line, "^SECRET_KEY .*32")

    def test_secret_of_the_settings_does_not_count(self):
        """A settings file is in the repository, in a backup, on somebody's laptop."""
        with patch.dict(os.environ, SECRET_KEY=""):
            line = self.only_refusal(SECRET_KEY="x" * 40)

        self.assertRegex(line, "^SECRET_KEY ")

    def test_nothing_is_made_that_is_not_there(self):
        folder = self.enterContext(TemporaryDirectory())
        self.enterContext(patch.object(Flask, "auto_find_instance_path", return_value=folder))

        with patch.dict(os.environ, SECRET_KEY=""):
            self.refusal()

        self.assertEqual(list(Path(folder).iterdir()), [], "a secret comes from outside")

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
                self.assertRegex(self.only_refusal(**{name: value}), f"^{name} is .+: .+")

    def test_debug_is_refused_wherever_it_is_turned_on(self):
        by_setting = self.only_refusal(DEBUG=True)
        with patch.dict(os.environ, FLASK_DEBUG="1"):
            by_variable = self.only_refusal()

        self.assertRegex(by_setting, "^FLASK_DEBUG ")
        self.assertEqual(by_variable, by_setting)

    def test_all_that_is_wrong_is_named_at_once(self):
        with patch.dict(os.environ, SECRET_KEY="", FLASK_DEBUG="1"):
            lines = self.refusal(HTTPS=False, TRUSTED_HOSTS=None)

        names = [line.partition(" ")[0] for line in lines]
        self.assertEqual(names, ["SECRET_KEY", "FLASK_DEBUG", "HTTPS", "TRUSTED_HOSTS"])

    def test_authorization_server_needs_secrets_of_its_own(self):
        with patch.dict(os.environ, AUTHORIZATION_SERVER_SECRET="", ROBOT_SECRET=""):
            lines = self.refusal(authorization_server.create_app)

        names = [line.partition(" ")[0] for line in lines]
        self.assertEqual(names, ["AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"])

    def test_service_and_who_asks_it_share_a_secret_from_outside(self):
        with patch.dict(os.environ, AUTH_SERVICE_SECRET=""):
            of_the_api = self.only_refusal(AUTH_SERVICE_URL="https://auth.example")
            of_the_service = self.only_refusal(lambda _: auth_service.create_app())

        self.assertRegex(of_the_api, "^AUTH_SERVICE_SECRET ")
        self.assertEqual(of_the_service, of_the_api)

    def test_a_word_that_is_neither_is_refused(self):
        """Else who writes CINEMA_ENV=prod believes to be safe."""
        with patch.dict(os.environ, CINEMA_ENV="prod"), self.assertRaises(Unsafe) as refused:
            create_app(SETTINGS | SAFE)

        for word in ("CINEMA_ENV", "prod", "development", "production"):
            self.assertIn(word, refused.exception.message)

    def test_defaults_are_no_cheaper_than_production_allows(self):
        for name, least in production.LEAST_COSTS.items():
            self.assertGreaterEqual(config.DEFAULTS[name], least)
