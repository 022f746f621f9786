"""2.a Create: the body of a request is one JSON object, or a 4xx says what is wrong with it."""

import json
import re
from io import BytesIO
from unittest.mock import Mock, patch

from tests import KEY, METROPOLIS, ApiTestCase

BODY = json.dumps(METROPOLIS)
NOT_JSON = {
    "nothing": "",
    "no JSON": "title=Metropolis",
    "truncated": BODY[:-1],
    "one brace too many": BODY + "}",
    "a comma at the end": BODY.replace("}", ",}"),
    "single quotes": BODY.replace('"', "'"),
    "a line break in a string": BODY.replace("Metropolis", "Metro\npolis"),
    "Latin-1": BODY.replace("Fritz Lang", "Luis Buñuel").encode("latin-1"),
    "UTF-16": BODY.encode("utf-16"),
    "a byte order mark": BODY.encode("utf-8-sig"),
    "NaN": BODY.replace("1927", "NaN"),
    "Infinity": BODY.replace("1927", "Infinity"),
    "-Infinity": BODY.replace("1927", "-Infinity"),
    "a number of 5,000 digits": BODY.replace("1927", "9" * 5_000),
    "a name twice": BODY.replace("{", '{"title": "M",'),
    "a name twice, further in": BODY.replace("1927", '{"a": 1, "a": 1}'),
    "half a surrogate pair": BODY.replace("Metropolis", r"\ud83c"),
    "half a surrogate pair in a name": BODY.replace("title", r"\ud83c"),
    "101 lists in each other": '{"title": ' + "[" * 101 + "]" * 101 + "}",
    "50,000 brackets": "[" * 25_000 + "]" * 25_000,
}
NO_OBJECT = ("[]", f"[{BODY}]", "null", "true", "1927", '"Metropolis"')
OTHER_TYPES = (None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")
OTHER_TYPES += ("application/xml", "application/jsonp", "json", "text/json")
OTHER_TYPES += tuple(f"application/{name}+json" for name in ("ld", "merge-patch", "vnd.cinema"))
JSON_TYPES = ("application/json; charset=utf-8", "Application/JSON")


class BodyTest(ApiTestCase):
    def post(self, body, content_type="application/json", headers=KEY, **environ):
        return self.client.post(
            "/v1/movies",
            data=body,
            content_type=content_type,
            headers=headers,
            environ_overrides=environ,
        )

    def post_chunked(self, body):
        """Send a body as servers hand on one that came in chunks: nobody knows its length."""
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        return self.post(b"", CONTENT_LENGTH="", **chunked, **{"wsgi.input": BytesIO(body)})

    def test_body_that_is_not_json_is_400(self):
        for name, body in NOT_JSON.items():
            with self.subTest(name):
                response = self.post(body)

                self.assert_problem(response, 400, "Bad Request")
                self.assertNotIn("errors", response.json, "the body is wrong, not its values")
                self.assert_nothing_changed()

    def test_400_says_where_the_json_breaks(self):
        response = self.post(b'{"title": "Metropolis",\n "year" 1927}')

        self.assert_problem(response, 400, "Bad Request")
        numbers = re.findall("[0-9]+", response.json["detail"])
        self.assertIn("2", numbers, "detail should name the line, which is the second")

    def test_objects_thousands_deep_are_400(self):
        response = self.post('{"title":' * 5_000 + "1" + "}" * 5_000)

        self.assert_problem(response, 400, "Bad Request")
        self.assert_nothing_changed()

    def test_json_that_is_not_an_object_is_400(self):
        for body in NO_OBJECT:
            with self.subTest(body=body):
                response = self.post(body)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_other_media_types_are_415_and_told_which_one_is_read(self):
        for content_type in OTHER_TYPES:
            with self.subTest(content_type=content_type):
                response = self.post(BODY, content_type)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assertEqual(response.headers.get("Accept"), "application/json")
                self.assertNotIn("Accept-Encoding", response.headers, "the type was wrong")
                self.assert_nothing_changed()

    def test_json_by_its_other_names_is_fine(self):
        for content_type in JSON_TYPES:
            with self.subTest(content_type=content_type):
                response = self.post(json.dumps(METROPOLIS | {"imdb_id": None}), content_type)

                self.assertEqual(response.status_code, 201)

    def test_compressed_body_is_415_and_told_that_none_is_read(self):
        for coding in ("gzip", "br", "gzip, identity", "rot13"):
            with self.subTest(coding=coding):
                response = self.post(BODY, HTTP_CONTENT_ENCODING=coding)

                self.assert_problem(response, 415, "Unsupported Media Type")
                self.assertEqual(response.headers.get("Accept-Encoding"), "identity")
                self.assertNotIn("Accept", response.headers, "the coding was wrong")
                self.assert_nothing_changed()

    def test_part_of_a_body_is_400(self):
        response = self.post(BODY, HTTP_CONTENT_RANGE=f"bytes 0-{len(BODY) - 1}/500")

        self.assert_problem(response, 400, "Bad Request")
        self.assert_nothing_changed()

    def test_body_that_ends_too_early_is_400(self):
        for server_ends_it in ({}, {"wsgi.input_terminated": True}):  # as gunicorn does
            with self.subTest(server_ends_it):
                response = self.post(BODY, CONTENT_LENGTH=str(len(BODY) + 1), **server_ends_it)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_body_whose_chunks_are_broken_is_400(self):
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        for error in (OSError, RuntimeError):  # each server raises its own
            broken = Mock(read=Mock(side_effect=error), readinto=Mock(side_effect=error))
            with self.subTest(error.__name__):
                response = self.post(b"", CONTENT_LENGTH="", **chunked, **{"wsgi.input": broken})

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_body_without_a_coding_may_say_so(self):
        body = json.dumps(METROPOLIS | {"imdb_id": None})
        for coding in ("identity", "Identity"):
            with self.subTest(coding=coding):
                response = self.post(body, HTTP_CONTENT_ENCODING=coding)

                self.assertEqual(response.status_code, 201)

    def test_body_of_64_kib_is_read(self):
        body = json.dumps(METROPOLIS | {"imdb_id": None})
        body = body.ljust(64 * 1024)

        for post in (self.post, self.post_chunked):
            with self.subTest(post=post.__name__):
                response = post(body.encode())

                self.assertEqual(response.status_code, 201)

    def test_greatest_length_is_what_the_settings_say(self):
        body = json.dumps(METROPOLIS | {"imdb_id": None})
        for post in (self.post, self.post_chunked):
            for most in (1_000, 100_000):
                setting = patch.dict(self.app.config, MAX_CONTENT_LENGTH=most)
                with self.subTest(post=post.__name__, most=most), setting:
                    fits, too_long = (post(body.ljust(most + more).encode()) for more in (0, 1))

                    self.assertEqual((fits.status_code, too_long.status_code), (201, 413))

    def test_body_of_one_byte_more_is_413(self):
        body = BODY.ljust(64 * 1024 + 1)

        for post in (self.post, self.post_chunked):
            with self.subTest(post=post.__name__):
                response = post(body.encode())

                self.assert_problem(response, 413, "Request Entity Too Large")
                self.assert_nothing_changed()
