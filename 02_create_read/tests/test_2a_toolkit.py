"""2.a Create: how `http/` reads a body in any Flask project; no cinema is needed."""

import gzip
from io import BytesIO
from unittest import TestCase

from cinema.http.json_body import json_object
from flask import Flask

app = Flask("notes")
app.config["MAX_CONTENT_LENGTH"] = 1000  # bytes


@app.post("/notes")
def create_note():
    return json_object(), 201


class JsonBodyTest(TestCase):
    def post(self, body, content_type="application/json", **more):
        return app.test_client().post("/notes", data=body, content_type=content_type, **more)

    def test_object_comes_back_as_it_was_sent(self):
        note = {"text": "東京 🎬", "tags": ["a", None, True, -1.5e3]}

        response = app.test_client().post("/notes", json=note)

        self.assertEqual((response.status_code, response.json), (201, note))

    def test_number_without_a_fraction_is_an_integer(self):
        read = {"5.0": "5", "-0.0": "0", "1e3": "1000", "25e-1": "2.5", "1e300": "1e+300"}
        for written, number in read.items():
            with self.subTest(written=written):
                response = self.post(f'{{"n": {written}}}')

                self.assertEqual(repr(response.json["n"]), number)

    def test_what_two_readers_could_understand_in_two_ways_is_400(self):
        for body in (
            b'{"a": 1, "a": 2}',
            b'{"a": NaN}',
            b'{"a": "\\ud83c"}',
            b"{}{}",
            b"\xff",
            b"",
        ):
            with self.subTest(body=body):
                self.assertEqual(self.post(body).status_code, 400)

    def test_what_is_no_object_is_400(self):
        for body in ("[]", "null", '"text"', "1", "true"):
            with self.subTest(body=body):
                self.assertEqual(self.post(body).status_code, 400)

    def test_nest_and_number_without_end_are_400(self):
        app.config["MAX_CONTENT_LENGTH"] = 100_000
        self.addCleanup(app.config.update, MAX_CONTENT_LENGTH=1000)
        for body in ('{"a":' * 5000 + "1" + "}" * 5000, '{"a":' + "9" * 5000 + "}"):
            with self.subTest(body=body[:10]):
                self.assertEqual(self.post(body).status_code, 400)

    def test_other_media_type_is_415_and_told_which_one_is_read(self):
        for content_type in ("text/plain", "application/merge-patch+json"):
            with self.subTest(content_type=content_type):
                response = self.post("{}", content_type)

                self.assertEqual(response.status_code, 415)
                self.assertEqual(response.headers.get("Accept"), "application/json")

    def test_compressed_body_is_415_and_told_that_none_is_read(self):
        response = self.post(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})

        self.assertEqual(response.status_code, 415)
        self.assertEqual(response.headers.get("Accept-Encoding"), "identity")

    def test_part_of_a_body_is_400(self):
        response = self.post("{}", headers={"Content-Range": "bytes 0-1/500"})

        self.assertEqual(response.status_code, 400)

    def test_body_is_no_longer_than_the_settings_of_the_application_say(self):
        for length, status in ((1000, 201), (1001, 413)):
            for post in (self.post, self.post_chunked):
                with self.subTest(length=length, post=post.__name__):
                    response = post(b"{}".ljust(length))

                    self.assertEqual(response.status_code, status)

    def post_chunked(self, body):
        """Send a body as servers hand on one that came in chunks: nobody knows its length."""
        chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        server = {"wsgi.input_terminated": True, "wsgi.input": BytesIO(body)}
        return self.post(b"", environ_overrides=chunked | server)

    def test_body_that_ends_too_early_is_400(self):
        response = self.post("{}", environ_overrides={"CONTENT_LENGTH": "3"})

        self.assertEqual(response.status_code, 400)
