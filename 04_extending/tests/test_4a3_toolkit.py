"""4.a3 Signed requests: how `http/` checks them in any Flask project; no cinema is needed."""

import time
from unittest import TestCase

from cinema.http import problems
from cinema.http.json_body import whole_body
from flask import Flask, abort, request

from tests.lesson import made_in

with made_in("4.a3"):
    from cinema.http.raw_url import raw_url
    from cinema.http.signatures.message import (
        BadSignature,
        read_signature,
        sign,
        verify,
        verify_digest,
    )

KEY = b"only the two of us know it"
BODY = b'{"text": "Buy milk."}'

app = Flask("notes")
problems.init_app(app)


@app.post("/notes")
def create_note():
    try:
        signature = read_signature(request.method, raw_url(request.environ), request.headers)
        verify(signature, KEY, time.time())
        verify_digest(signature, whole_body())
    except BadSignature as error:
        abort(401, str(error))
    return {"by": signature.keyid}, 201


class SignedRequestTest(TestCase):
    def send(self, body=BODY, url="/notes?draft=1", age=0, key=KEY):
        """Sign a request for a note, and then send it, with what differs."""
        created = int(time.time()) - age
        signed = sign(
            key, "me", "POST", "http://localhost/notes?draft=1", {}, BODY, created, "a-nonce"
        )
        return app.test_client().post(url, data=body, headers=signed)

    def test_request_is_done_as_it_was_signed(self):
        response = self.send()

        self.assertEqual((response.status_code, response.json), (201, {"by": "me"}))

    def test_request_that_is_not_as_it_was_signed_is_told_so(self):
        for name, difference in (
            ("another body", {"body": BODY.replace(b"milk", b"wine")}),
            ("another query", {"url": "/notes?draft=0"}),
            ("another key", {"key": b"guessed"}),
            ("an old signature", {"age": 3600}),
        ):
            with self.subTest(name):
                response = self.send(**difference)

                self.assertEqual(response.status_code, 401)
                self.assertEqual(response.mimetype, "application/problem+json")

    def test_request_without_a_signature_is_told_so(self):
        response = app.test_client().post("/notes", data=BODY)

        self.assertEqual(response.status_code, 401)
