"""2.a Create: a write needs the key, and the first start makes one."""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase, skipUnless
from unittest.mock import Mock, patch

from cinema import create_app
from cinema.data.database import db
from cinema.data.kept_secrets import kept_secret
from flask import Flask

from tests import KEY, METROPOLIS, PASSWORD, ApiTestCase, all_at_once, basic

NOT_THE_KEY = {
    "another password": basic("alice", "guessed"),
    "the password and more": basic("alice", f"{PASSWORD}s"),
    "a part of the password": basic("alice", PASSWORD[:-1]),
    "an empty password": basic("alice", ""),
    "another user": basic("carol"),
    "nothing": {"Authorization": "Basic"},
    "nothing after a space": {"Authorization": "Basic "},
    "no Base64": {"Authorization": f"Basic alice:{PASSWORD}"},
    "Base64 without its end": {"Authorization": KEY["Authorization"].rstrip("=")},
    "no colon": {"Authorization": "Basic YWxpY2U="},
    "parameters": {"Authorization": 'Basic username="alice"'},
    "not ASCII": {"Authorization": "Basic schlüssel"},
    "not Latin-1": {"Authorization": "Basic ключ".encode().decode("latin-1")},
}
OTHER_SCHEMES = (f"Key {PASSWORD}", "Basic2 YWxpY2U6", 'Digest username="alice"', "x")


class KeyTest(ApiTestCase):
    def post(self, headers):
        return self.client.post("/v1/movies", json=METROPOLIS, headers=headers)

    def test_post_without_a_key_is_401_with_a_challenge(self):
        response = self.client.post("/v1/movies", json=METROPOLIS)

        self.assert_challenged(response)
        self.assert_nothing_changed()

    def test_post_with_another_scheme_is_401_and_told_which_one_would_do(self):
        for credentials in OTHER_SCHEMES:
            with self.subTest(credentials=credentials):
                response = self.post({"Authorization": credentials})

                self.assert_challenged(response)
                self.assert_nothing_changed()

    def test_post_with_anything_but_the_key_is_401_and_told_so(self):
        without = self.post({})
        for name, credentials in NOT_THE_KEY.items():
            with self.subTest(name):
                response = self.post(credentials)

                self.assert_challenged(response)
                told = response.json["detail"], without.json["detail"]
                self.assertNotEqual(*told, "wrong credentials are another mistake than none")
                self.assert_nothing_changed()

    def test_scheme_is_read_in_any_case(self):
        response = self.post({"Authorization": KEY["Authorization"].replace("Basic", "bASIC")})

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


def write_slowly(path, text):
    time.sleep(0.02)  # seconds in which others, who start too, look and find nothing
    path.write_bytes(text.encode())


def write_half(path, text):
    path.write_bytes(text[: len(text) // 2].encode())
    raise OSError(28, "No space left on device")


class KeptSecretTest(TestCase):
    """Where a secret comes from when nobody has set one."""

    def setUp(self):
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.file = self.folder / "instance" / "password"

    def start(self):
        """Return the secret of an application that starts without one."""
        return kept_secret(Flask("fresh", instance_path=str(self.file.parent)), "password")

    def test_first_start_makes_a_secret(self):
        secret = self.start()

        self.assertGreaterEqual(len(secret), 43, "256 bits are 43 characters or more")
        self.assertEqual(self.file.read_text(), secret)

    def test_later_starts_keep_the_secret(self):
        first = self.start()

        second = self.start()

        self.assertEqual(second, first)

    def test_secret_is_another_one_in_another_place(self):
        first = self.start()
        self.file.unlink()

        second = self.start()

        self.assertNotEqual(second, first)

    @skipUnless(os.name == "posix", "Windows has no such modes")
    def test_secret_can_be_read_by_its_owner_only(self):
        self.start()

        mode = self.file.stat().st_mode & 0o777
        self.assertEqual(oct(mode), oct(0o600), "nobody but its owner should read the secret")

    def test_nothing_but_the_secret_is_left_behind(self):
        self.start()

        self.assertEqual(list(self.file.parent.iterdir()), [self.file])

    def test_applications_that_start_at_once_share_one_secret(self):
        with patch.object(Path, "write_text", write_slowly):
            secrets = all_at_once([self.start] * 8)

        secret = self.file.read_text()
        self.assertEqual(set(secrets), {secret}, "all should have the secret of the first")

    def test_file_system_without_hard_links_will_do(self):
        """The seam: `os.link` fails, as on exFAT and on some shares."""
        with patch("os.link", side_effect=PermissionError(1, "Operation not permitted")):
            secret = self.start()

        self.assertEqual(self.file.read_text(), secret)
        self.assertEqual(list(self.file.parent.iterdir()), [self.file], "and no draft is left")

    def test_full_disk_leaves_no_part_of_a_secret(self):
        """The seam: `Path.write_text` fails after a part is written."""
        with patch.object(Path, "write_text", write_half), self.assertRaises(OSError):
            self.start()

        self.assertEqual(list(self.file.parent.iterdir()), [])

    def test_secrets_of_the_environment_win(self):
        secrets = {"CINEMA_PASSWORD": "from the environment", "SECRET_KEY": "from there too"}

        with patch.dict(os.environ, secrets | {"DATABASE_URL": "sqlite://"}):
            app = create_app()
        with app.app_context():
            db.engine.dispose()

        self.assertEqual(app.config["PASSWORD"], "from the environment")
        self.assertEqual(app.config["SECRET_KEY"], "from there too")
