"""6.5 The golden transcript: what the API says, to the letter, header for header."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import TestCase
from unittest.mock import patch

from . import transcript


class TranscriptTest(TestCase):
    def test_every_answer_is_the_one_in_the_transcript(self):
        changed = transcript.difference(transcript.read(), transcript.ask_again())

        if changed:
            self.fail(changed)

    def test_transcript_is_the_same_each_time(self):
        self.assertEqual(transcript.ask_again(), transcript.ask_again())

    def test_requests_alone_are_enough_to_renew_it(self):
        golden = transcript.read()
        requests = "\n\n".join(f"### {title}\n{text}" for title, text in transcript.requests())

        with (
            TemporaryDirectory() as folder,
            patch.object(transcript, "FILE", Path(folder, "transcript.http")) as file,
        ):
            file.write_text(requests, encoding="utf-8")
            transcript.renew()

            self.assertEqual(transcript.read(), golden)

    def test_difference_is_shown_with_the_command_that_accepts_it(self):
        golden = transcript.read()

        shown = transcript.difference(golden, golden.replace("404 Not Found", "200 OK", 1))

        self.assertIn("\n-HTTP/1.1 404 Not Found\n+HTTP/1.1 200 OK\n", shown)
        self.assertIn("python -m tests.transcript", shown)
        self.assertFalse(transcript.difference(golden, golden))

    def test_request_that_cannot_be_sent_is_named(self):
        for request, reason in (
            ("GET https://localhost/", "should begin as in: GET https://localhost/ HTTP/1.1"),
            ("GET / HTTP/1.1\nCookie: {carol}", "sends {carol}, which no answer before"),
        ):
            with (
                self.subTest(request),
                patch.object(transcript, "requests", lambda request=request: [("My own", request)]),
                self.assertRaisesRegex(ValueError, f"^### My own\n{re.escape(reason)}"),
            ):
                transcript.ask_again()
