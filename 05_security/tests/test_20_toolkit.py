"""2.0 From one file to a package: what `http/` does for any Flask project; no cinema is needed."""

from unittest import TestCase

from cinema.http import ids, problems
from flask import Flask, abort, request
from werkzeug.exceptions import ServiceUnavailable

app = Flask("notes")
problems.init_app(app)
ids.init_app(app)


@app.get("/notes/<id:note_id>")
def get_note(note_id):
    return {"id": note_id} if note_id == 1 else abort(404, f"There is no note {note_id}.")


@app.get("/notes")
def list_notes():
    return {"q": request.args.get("q")}


@app.get("/later")
def come_later():
    raise ServiceUnavailable(retry_after=60)


class ProblemsTest(TestCase):
    def setUp(self):
        self.client = app.test_client()

    def test_http_error_is_a_problem(self):
        response = self.client.get("/notes/2")

        self.assertEqual(response.status_code, 404)
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertEqual(
            response.json, {"status": 404, "title": "Not Found", "detail": "There is no note 2."}
        )

    def test_headers_of_an_error_are_kept(self):
        later, wrong = self.client.get("/later"), self.client.delete("/notes/1")

        self.assertEqual(later.headers.get("Retry-After"), "60")
        self.assertEqual(set(wrong.allow), {"GET", "HEAD", "OPTIONS"})


class IdsTest(TestCase):
    def test_id_is_a_number_as_we_write_it(self):
        statuses = {
            number: app.test_client().get(f"/notes/{number}").status_code
            for number in ("1", "01", "0", "-1", "+1", "1.0", "\u0661", "9" * 19)
        }

        self.assertEqual(statuses, dict.fromkeys(statuses, 404) | {"1": 200})

    def test_query_that_is_no_percent_encoded_utf_8_is_400(self):
        readings = {"q=h%C3%B4tel": 200, "q=hôtel": 400, "q=h%F4tel": 400, "x=%C3": 400}
        for query, status in readings.items():
            with self.subTest(query=query):
                response = app.test_client().get("/notes", query_string=query)

                self.assertEqual(response.status_code, status)
                self.assertEqual(response.json.get("q"), "hôtel" if status == 200 else None)

    def test_slash_too_many_is_another_url(self):
        response = app.test_client().get("/notes//1")

        self.assertEqual(response.status_code, 404, "it should not lead to /notes/1")
