"""5.a HTTPS: how `http/` insists on it in any Flask project; no cinema is needed."""

from unittest import TestCase

from cinema.http import problems
from cinema.http.tls import https
from flask import Flask

app = Flask("notes")
app.config.from_mapping(HTTPS=True, HTTPS_PORT=443, HSTS_MAX_AGE=3600)
problems.init_app(app)
https.init_app(app)
https.insist(app)


@app.route("/notes", methods=["GET", "POST"])
def answer():
    return {"notes": []}


class HTTPSTest(TestCase):
    def ask(self, method="GET", scheme="http", **headers):
        return app.test_client().open(
            "/notes?page=2", method=method, base_url=f"{scheme}://notes.example", headers=headers
        )

    def test_who_only_reads_is_led_to_https(self):
        response = self.ask()

        self.assertEqual(response.status_code, 308)
        self.assertEqual(response.location, "https://notes.example/notes?page=2")

    def test_change_or_secret_in_the_clear_is_refused(self):
        for response in (self.ask("POST"), self.ask(Authorization="Bearer x")):
            with self.subTest(method=response.request.method):
                self.assertEqual(response.status_code, 403)

    def test_browsers_are_told_to_be_careful(self):
        headers = self.ask(scheme="https").headers

        self.assertEqual(headers.get("Strict-Transport-Security"), "max-age=3600")
        self.assertEqual(headers.get("X-Content-Type-Options"), "nosniff")
        self.assertEqual(headers.get("Referrer-Policy"), "no-referrer")
