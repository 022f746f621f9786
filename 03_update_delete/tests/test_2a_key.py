"""2.a Create: a write needs the key, and the first start makes one."""

import os
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase, skipUnless
from unittest.mock import Mock, patch

from cinema import create_app
from cinema.api import api_key
from cinema.data.database import db
from flask import Flask

from tests import API_KEY, METROPOLIS, ApiTestCase, all_at_once

NOT_THE_KEY = {
    "another key": "Bearer guessed",
    "the key and more": f"Bearer {API_KEY}s",
    "a part of the key": f"Bearer {API_KEY[:-1]}",
    "no token": "Bearer",
    "an empty token": "Bearer ",
    "parameters": 'Bearer token="the key of the tests"',
    "not ASCII": "Bearer schlüssel",
    "not Latin-1": "Bearer ключ".encode().decode("latin-1"),
}
OTHER_SCHEMES = ("Basic dGhlOmtleQ==", f"Key {API_KEY}", "Bearer2 x", "x")


def write_slowly(path, text):
    time.sleep(0.02)  # seconds in which others, who start too, look and find nothing
    path.write_bytes(text.encode())


def write_half(path, text):
    path.write_bytes(text[: len(text) // 2].encode())
    raise OSError(28, "No space left on device")


class KeyTest(ApiTestCase):
    def test_post_without_a_key_is_401_with_a_challenge(self):
        response = self.client.post("/v1/movies", json=METROPOLIS)

        self.assert_challenged(response)
        self.assert_nothing_changed()

    def test_post_with_another_scheme_is_401_and_told_which_one_would_do(self):
        for credentials in OTHER_SCHEMES:
            with self.subTest(credentials=credentials):
                response = self.client.post(
                    "/v1/movies", json=METROPOLIS, headers={"Authorization": credentials}
                )

                self.assert_challenged(response)
                self.assert_nothing_changed()

    def test_post_with_anything_but_the_key_is_401_and_told_so(self):
        for name, credentials in NOT_THE_KEY.items():
            with self.subTest(name):
                response = self.client.post(
                    "/v1/movies", json=METROPOLIS, headers={"Authorization": credentials}
                )

                self.assert_challenged(response, 'Bearer realm="cinema", error="invalid_token"')
                self.assert_nothing_changed()

    def test_scheme_is_read_in_any_case(self):
        response = self.client.post(
            "/v1/movies", json=METROPOLIS, headers={"Authorization": f"bEARER {API_KEY}"}
        )

        self.assertEqual(response.status_code, 201)

    def test_401_comes_before_anything_that_is_wrong_with_the_body(self):
        for content_type in ("application/json", "text/plain"):
            for body in (b"{", b"{}", b"x" * 100_000):
                with self.subTest(content_type=content_type, body=body[:2]):
                    response = self.client.post("/v1/movies", data=body, content_type=content_type)

                    self.assertEqual(response.status_code, 401)

    def test_body_of_a_client_without_the_key_is_not_read(self):
        body = Mock()

        response = self.client.post(
            "/v1/movies", environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": "20"}
        )

        self.assertEqual(response.status_code, 401)
        self.assertEqual(body.method_calls, [], "the body should not even be looked at")

    def test_reading_needs_no_key(self):
        for url in ("/", "/v1/movies", "/v1/movies/3"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertEqual(response.status_code, 200)


class KeptKeyTest(TestCase):
    """Where the key comes from when nobody has set one."""

    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.file = self.folder / "instance" / "api_key"

    def start(self):
        """Start an application without a key; return the one it takes, and what it prints."""
        with redirect_stderr(StringIO()) as printed:
            key = self.key_of_a_new_application()
        return key, printed.getvalue()

    def key_of_a_new_application(self):
        app = Flask("fresh", instance_path=str(self.file.parent))
        app.config["API_KEY"] = None
        api_key.init_app(app)
        return app.config["API_KEY"]

    def test_first_start_makes_a_key_and_prints_it(self):
        key, printed = self.start()

        self.assertGreaterEqual(len(key), 43, "256 bits are 43 characters or more")
        self.assertEqual(self.file.read_text(), key)
        self.assertIn(key, printed, "who starts the API should be told the key, once")
        self.assertIn(str(self.file), printed, "and where it is kept")

    def test_later_starts_keep_the_key_to_themselves(self):
        first, _ = self.start()

        second, printed = self.start()

        self.assertEqual(second, first)
        self.assertNotIn(first, printed, "a later start should not show the key again")

    def test_key_is_another_one_in_another_place(self):
        first, _ = self.start()
        self.file.unlink()

        second, _ = self.start()

        self.assertNotEqual(second, first)

    @skipUnless(os.name == "posix", "Windows has no such modes")
    def test_key_can_be_read_by_its_owner_only(self):
        self.start()

        mode = self.file.stat().st_mode & 0o777
        self.assertEqual(oct(mode), oct(0o600), "nobody but its owner should read the secret")

    def test_nothing_but_the_key_is_left_behind(self):
        self.start()

        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_applications_that_start_at_once_share_one_key(self):
        slowly = patch.object(Path, "write_text", write_slowly)
        with slowly, redirect_stderr(StringIO()) as printed:
            keys = all_at_once([self.key_of_a_new_application] * 8)

        key = self.file.read_text()
        self.assertEqual(set(keys), {key}, "all of them should have the key of the first")
        self.assertEqual(printed.getvalue().count(key), 1, "the key should be told once")

    def test_file_system_without_hard_links_will_do(self):
        """The seam: `os.link` fails, as on exFAT and on some shares."""
        with patch("os.link", side_effect=PermissionError(1, "Operation not permitted")):
            key, _ = self.start()

        self.assertEqual(self.file.read_text(), key)
        self.assertEqual(list(self.file.parent.iterdir()), [self.file], "and no draft is left")

    def test_full_disk_leaves_no_part_of_a_key(self):
        """The seam: `Path.write_text` fails after a part is written."""
        with patch.object(Path, "write_text", write_half), self.assertRaises(OSError):
            self.start()

        self.assertEqual(list(self.file.parent.iterdir()), [])

    def test_key_of_the_environment_wins(self):
        environment = {"API_KEY": "from the environment", "DATABASE_URL": "sqlite://"}

        with patch.dict(os.environ, environment):
            app = create_app()
        with app.app_context():
            db.engine.dispose()

        self.assertEqual(app.config["API_KEY"], "from the environment")
