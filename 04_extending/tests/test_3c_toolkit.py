"""3.c Hypermedia: how `http/` agrees on a media type in any Flask project; no cinema is needed."""

from unittest import TestCase

from cinema.http.negotiation import JSON, JSON_LD, TEXT, offer
from flask import Blueprint, Flask, g, request

notes = Blueprint("notes", __name__)
offer(notes, JSON, JSON_LD, to_readers=(TEXT,), in_url=lambda: request.args.get("as"))


@notes.route("/notes/1", methods=["GET", "DELETE"])
def answer():
    text = g.media_type == TEXT
    return ("Buy milk.", {"Content-Type": TEXT}) if text else {"text": "Buy milk."}


app = Flask("notes")
app.register_blueprint(notes)


class NegotiationTest(TestCase):
    def ask(self, accept, method="GET"):
        return app.test_client().open("/notes/1", method=method, headers={"Accept": accept})

    def test_answer_is_of_the_type_that_the_client_likes_best(self):
        for accept, media_type in (
            ("*/*", JSON),
            ("application/ld+json", JSON_LD),
            ("application/ld+json;q=0.5, text/plain;q=0.6, */*;q=0.1", TEXT),
            ("junk", JSON),
        ):
            with self.subTest(accept=accept):
                response = self.ask(accept)

                self.assertEqual((response.status_code, response.mimetype), (200, media_type))

    def test_what_cannot_be_answered_is_406(self):
        self.assertEqual(self.ask("image/png").status_code, 406)
        self.assertEqual(self.ask(TEXT, "DELETE").status_code, 406, "only readers are offered text")

    def test_type_in_the_url_must_be_one_that_accept_takes(self):
        for accept, status in (("*/*", 200), (f"{JSON}, {TEXT};q=0.1", 200), (JSON, 406)):
            with self.subTest(accept=accept):
                response = app.test_client().get(f"/notes/1?as={TEXT}", headers={"Accept": accept})

                self.assertEqual(response.status_code, status)
                self.assertIn(response.mimetype, (TEXT, "text/html"), "the latter is the 406")

    def test_caches_are_told_that_the_answer_depends_on_accept(self):
        self.assertIn("Accept", self.ask("*/*").vary)
