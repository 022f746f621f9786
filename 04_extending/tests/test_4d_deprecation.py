"""4.d Large projects: an old version says until when it stays, and what follows it."""

from datetime import UTC, datetime
from unittest import TestCase

from cinema.api.versions import v1, v2
from cinema.http import ids
from flask import Flask
from werkzeug.http import http_date

from tests import ALICE, BOB, METROPOLIS
from tests.large_project import WithCarolTestCase, successor_of

DEPRECATED = datetime(2026, 10, 1, tzinfo=UTC)
SUNSET = datetime(2030, 1, 1, tzinfo=UTC)
ANNOUNCEMENT = ("Deprecation", "Sunset")


class DeprecationTest(WithCarolTestCase):
    def answers_in(self, version):
        """Return an answer of each status in a version."""
        movie, movies, watchlist = (
            f"/{version}/{path}" for path in ("movies/3", "movies", "watchlists/friday-night")
        )
        etag = {"If-None-Match": self.client.get(movie).headers.get("ETag", "")}
        answers = {
            200: self.client.get(movie),
            201: self.client.post(movies, json=METROPOLIS, headers=ALICE),
            204: self.client.delete(f"/{version}/movies/1", headers=ALICE),
            304: self.client.get(movie, headers=etag),
            400: self.client.get(f"{movies}?year=now"),
            401: self.client.delete(movie),
            403: self.client.delete(watchlist, headers=ALICE),
            404: self.client.get(f"{movies}/999"),
            406: self.client.get(movie, headers={"Accept": "image/png"}),
            409: self.client.post(movies, json=METROPOLIS, headers=ALICE),
            412: self.client.delete(movie, headers=ALICE | {"If-Match": '"old"'}),
            415: self.client.post(movies, data="{}", headers=ALICE),
        }
        self.assertEqual(
            {status: answer.status_code for status, answer in answers.items()},
            {status: status for status in answers},
        )
        return answers

    def test_every_answer_of_version_1_says_until_when_it_stays(self):
        for status, response in self.answers_in("v1").items():
            with self.subTest(status=status):
                date = f"@{DEPRECATED.timestamp():.0f}"  # RFC 9745: as a structured field's date
                if status != 304:  # a client that has the answer has these, too
                    self.assertEqual(response.headers.get("Deprecation"), date)
                    self.assertEqual(response.headers.get("Sunset"), http_date(SUNSET))

    def test_answers_of_version_2_announce_no_end(self):
        for status, response in self.answers_in("v2").items():
            with self.subTest(status=status):
                self.assertEqual({*ANNOUNCEMENT} & {*response.headers.keys()}, set())
                self.assertNotIn("successor-version", str(response.headers.getlist("Link")))

    def test_what_is_of_no_version_announces_no_end(self):
        for url in ("/", "/errors", "/nowhere"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertEqual({*ANNOUNCEMENT} & {*response.headers.keys()}, set())

    def test_head_and_options_announce_the_end_as_get_does(self):
        for method in ("HEAD", "OPTIONS"):
            with self.subTest(method=method):
                response = self.client.open("/v1/movies", method=method)

                self.assertLessEqual({*ANNOUNCEMENT}, {*response.headers.keys()})

    def test_link_leads_to_the_same_thing_in_version_2(self):
        for url in ("/v1/movies/3", "/v1/watchlists/friday-night"):
            with self.subTest(url=url):
                response = self.client.get(url)

                successor = self.client.get(successor_of(response))
                other_url = {"url": url.replace("v1", "v2")}
                self.assertEqual(successor.json, response.json | other_url)

    def test_link_of_a_list_leads_to_the_list_in_version_2(self):
        for name in ("movies", "watchlists"):
            with self.subTest(name=name):
                response = self.client.get(f"/v1/{name}")

                self.assertEqual(successor_of(response), f"/v2/{name}")

    def test_link_of_a_refused_change_leads_to_where_it_could_be_done(self):
        response = self.client.delete("/v1/watchlists/friday-night", headers=BOB)

        self.assertEqual(response.status_code, 403)
        self.assertEqual(successor_of(response), "/v2/watchlists/friday-night")


class RegistrationTest(TestCase):
    """The versions in another application, which registers them with settings of its own."""

    def setUp(self):
        self.app = Flask("another")
        ids.init_app(self.app)
        self.client = self.app.test_client()

    def test_prefix_and_dates_are_those_of_the_registration(self):
        dates = {"deprecated": datetime(2031, 1, 1, tzinfo=UTC), "sunset": SUNSET}
        self.app.register_blueprint(v1, url_prefix="/films/old", successor="v2", **dates)
        self.app.register_blueprint(v2, url_prefix="/films/new")

        response = self.client.get("/films/old/context")

        self.assertEqual(response.headers.get("Deprecation"), "@1924992000")
        self.assertEqual(response.headers.get("Sunset"), "Tue, 01 Jan 2030 00:00:00 GMT")
        self.assertEqual(successor_of(response), "/films/new/context")

    def test_version_that_is_registered_without_an_end_announces_none(self):
        self.app.register_blueprint(v1, url_prefix="/films")

        response = self.client.get("/films/context")

        self.assertEqual(response.status_code, 200)
        self.assertEqual({*ANNOUNCEMENT} & {*response.headers.keys()}, set())

    def test_one_version_can_be_registered_twice_with_different_settings(self):
        dates = {"deprecated": DEPRECATED, "sunset": SUNSET}
        self.app.register_blueprint(v1, url_prefix="/a", successor="v1-again", **dates)
        self.app.register_blueprint(v1, url_prefix="/b", name="v1-again")

        announced = {
            url: [name for name in ANNOUNCEMENT if name in self.client.get(url).headers]
            for url in ("/a/context", "/b/context")
        }

        self.assertEqual(announced, {"/a/context": ["Deprecation", "Sunset"], "/b/context": []})
