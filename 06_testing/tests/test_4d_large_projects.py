"""4.d Large projects: versions side by side, users with rights, and clients that ask again."""

import json
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from unittest import TestCase
from unittest.mock import patch
from urllib.parse import urlencode

from cinema.api.query import SORTS
from cinema.api.versions import v1, v2
from cinema.data.database import db, writing
from cinema.data.kept_answers import GIVEN_UP_AFTER, REMEMBERED_FOR, KeptAnswer
from cinema.data.models import Movie
from cinema.http import ids
from cinema.users.commands import add_user
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import insert, update

from tests import (
    ALICE,
    BOB,
    KITTY_FOYLE,
    METROPOLIS,
    PASSWORD,
    REBECCA,
    ApiTestCase,
    ServerTestCase,
    all_at_once,
    basic,
)
from tests.databases import about_sqlite
from tests.test_3c_hypermedia import HYDRA, JSON_LD, HypermediaTestCase

CAROL = basic("carol")  # whom only the tests below know
DEPRECATED = datetime(2026, 10, 1, tzinfo=UTC)
SUNSET = datetime(2030, 1, 1, tzinfo=UTC)
ANNOUNCEMENT = ("Deprecation", "Sunset")

RIGHTS = {  # of a stranger, a member, an editor, and the owner of the watchlist, who is a member
    "GET /context": (200, 200, 200, 200),
    "GET /documentation": (200, 200, 200, 200),
    "GET /movies": (200, 200, 200, 200),
    "POST /movies": (401, 403, 201, 403),
    "GET /movies/<id:movie_id>": (200, 200, 200, 200),
    "PUT /movies/<id:movie_id>": (401, 403, 200, 403),
    "PATCH /movies/<id:movie_id>": (401, 403, 200, 403),
    "DELETE /movies/<id:movie_id>": (401, 403, 204, 403),
    "GET /watchlists": (200, 200, 200, 200),
    "GET /watchlists/<name>": (200, 200, 200, 200),
    "PUT /watchlists/<name>": (401, 403, 403, 200),
    "PATCH /watchlists/<name>": (401, 403, 403, 200),
    "DELETE /watchlists/<name>": (401, 403, 403, 204),
    "POST /session": (201, 201, 201, 201),
    "GET /session": (404, 404, 404, 404),
    "DELETE /session": (404, 404, 404, 404),
    "POST /signing-key": (401, 201, 201, 201),
    "GET /signing-key": (401, 404, 404, 404),
    "DELETE /signing-key": (401, 404, 404, 404),
    "PUT /password": (401, 200, 200, 200),
    "POST /tokens": (401, 201, 201, 201),
    "GET /tokens": (401, 200, 200, 200),
    "DELETE /tokens": (401, 204, 204, 204),
    "GET /tokens/<id:token_id>": (401, 404, 404, 404),
    "DELETE /tokens/<id:token_id>": (401, 404, 404, 404),
}
RIGHTS_IF_PRIVATE = {
    "GET /watchlists/<name>": (404, 404, 404, 200),
    "PUT /watchlists/<name>": (401, 404, 404, 200),
    "PATCH /watchlists/<name>": (401, 404, 404, 200),
    "DELETE /watchlists/<name>": (401, 404, 404, 204),
}
RIGHTS_IF_MISSING = {
    "GET /movies/<id:movie_id>": (404, 404, 404, 404),
    "PUT /movies/<id:movie_id>": (401, 403, 404, 403),
    "PATCH /movies/<id:movie_id>": (401, 403, 404, 403),
    "DELETE /movies/<id:movie_id>": (401, 403, 404, 403),
    "GET /watchlists/<name>": (404, 404, 404, 404),
    "PUT /watchlists/<name>": (401, 201, 201, 201),
    "PATCH /watchlists/<name>": (401, 404, 404, 404),
    "DELETE /watchlists/<name>": (401, 404, 404, 404),
}
BODIES = {
    "POST /movies": METROPOLIS,
    "PUT /movies/<id:movie_id>": METROPOLIS,
    "PATCH /movies/<id:movie_id>": {"title": "Rebecca, restored"},
    "PUT /watchlists/<name>": {"title": "Saturday"},
    "PATCH /watchlists/<name>": {"title": "Saturday"},
    "POST /session": {"name": "bob", "password": PASSWORD},
    "PUT /password": {"current": PASSWORD, "new": "a sled named Rosebud"},
    "POST /tokens": {"name": "a program of mine", "scopes": ["watchlists:read"]},
}

MORE_MOVIES = (  # title, director, year, runtime; with equals under each sort
    ("Suspicion", "Alfred Hitchcock", 1941, 99),
    ("Rebecca", "Ben Wheatley", 2020, 126),
    ("東京物語", "Ozu Yasujirō", 1953, 136),
    ("100% Wolf", "Alexs Stadermann", 2020, 96),
    ("Rebecca", "Alfred Hitchcock", 1940, 126),
    ("rebecca", "Sam Wood", 1940, 105),
)
FILTERS = ({"year": "1940"}, {"director": "Alfred Hitchcock"}, {"q": "rebecca"})
FILTERS += ({"year": "1940", "q": "REB", "director": "Sam Wood"}, {"year": "1888"})


def cursor_of(*parts):
    """Write a cursor as the API would, whatever it says."""
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


CURSORS_OF_NOBODY = {  # for a list with sort=title
    "nothing": "",
    "no Base64": "!",
    "not ASCII": "é",
    "too short": cursor_of("title", "Rebecca", 3)[:-1],
    "half of it": cursor_of("title", "Rebecca", 3)[:10],
    "more than it": cursor_of("title", "Rebecca", 3) + "AAAA",
    "no JSON": urlsafe_b64encode(b"title, Rebecca, 3").decode(),
    "no UTF-8": urlsafe_b64encode(b'["title", "\xff", 3]').decode(),
    "no list": urlsafe_b64encode(b'"title"').decode(),
    "a nest": urlsafe_b64encode(b"[" * 9_000).decode(),
    "too little": cursor_of("title", "Rebecca"),
    "too much": cursor_of("title", "Rebecca", 3, 4),
    "no sort": cursor_of(None, "Rebecca", 3),
    "half a character for a sort": cursor_of("\ud83c", 1940, 3),
    "a number for a title": cursor_of("title", 1940, 3),
    "half a character": cursor_of("title", "\ud83c", 3),
    "a title that is too long": cursor_of("title", "R" * 301, 3),
    "a text for an id": cursor_of("title", "Rebecca", "3"),
    "a truth for an id": cursor_of("title", "Rebecca", True),
    "an id that is too great": cursor_of("title", "Rebecca", 2**63),
    "a number of 5,000 digits": urlsafe_b64encode(b'["title", "R", %s]' % (b"9" * 5_000)).decode(),
    "the other direction": cursor_of("-title", "Rebecca", 3),
    "another column": cursor_of("year", 1940, 3),
    "the watchlists' column": cursor_of("name", "friday-night", "friday-night"),
}


class WithCarolTestCase(ApiTestCase):
    """The first users and Carol, a member, to whom two watchlists belong: one is private."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.app.app_context(), writing():
            add_user("carol", "member", PASSWORD)
        cls.snapshot = cls.database.serialize()
        client = cls.app.test_client()
        for name, private in (("friday-night", False), ("secret", True)):
            body = {"title": name, "private": private, "movies": [3, 1]}
            client.put(f"/v1/watchlists/{name}", json=body, headers=CAROL)
        cls.snapshot = cls.database.serialize()


class VersionsTest(WithCarolTestCase):
    def rules_of(self, version):
        """Return what can be done where in a version, and which view does it."""
        return {
            (rule.rule.removeprefix(f"/{version}"), *rule.methods): rule.endpoint.partition(".")[2]
            for rule in self.app.url_map.iter_rules()
            if rule.endpoint.startswith(f"{version}.")
        }

    def test_both_versions_have_the_same_routes(self):
        self.assertEqual(self.rules_of("v1"), self.rules_of("v2"))

    def test_versions_are_made_of_the_same_views_but_for_their_lists(self):
        views = self.app.view_functions

        names = self.rules_of("v1").values()
        different = {name for name in names if views[f"v1.{name}"] is not views[f"v2.{name}"]}
        self.assertEqual(different, {"movie_list.list_movies", "watchlist_list.list_watchlists"})

    def test_thing_is_the_same_in_both_versions_but_for_its_url(self):
        for url in ("/movies/3", "/watchlists/friday-night"):
            with self.subTest(url=url):
                first = self.client.get(f"/v1{url}")
                second = self.client.get(f"/v2{url}")

                self.assertEqual((first.status_code, second.status_code), (200, 200))
                self.assertEqual(first.json | {"url": f"/v2{url}"}, second.json)

    def test_change_in_one_version_is_seen_in_the_other(self):
        self.client.put("/v2/movies/3", json=METROPOLIS, headers=ALICE)

        response = self.client.get("/v1/movies/3")

        self.assertEqual(response.json, {"id": 3} | METROPOLIS | {"url": "/v1/movies/3"})

    def test_urls_stay_in_the_version_that_was_asked(self):
        for version, other in (("v1", "/v2"), ("v2", "/v1")):
            for method, url, body in (
                ("GET", "/movies?per_page=1", None),
                ("GET", "/movies/3", None),
                ("GET", "/watchlists?per_page=1", None),
                ("GET", "/context", None),
                ("GET", "/documentation", None),
                ("POST", "/movies", METROPOLIS | {"imdb_id": None}),
                ("PUT", "/watchlists/saturday", {"title": "Saturday", "movies": [3]}),
                ("POST", "/session", BODIES["POST /session"]),
                ("POST", "/signing-key", None),
                ("GET", "/movies/999", None),
            ):
                for accept in ("*/*", "application/ld+json, */*;q=0.1"):
                    with self.subTest(version=version, method=method, url=url, accept=accept):
                        response = self.app.test_client().open(
                            f"/{version}{url}",
                            method=method,
                            json=body,
                            headers=ALICE | {"Accept": accept},
                        )

                        links = " ".join(self.links_within(response))
                        said = f"{response.location} {links} {response.text}"
                        self.assertIn(f"/{version}", said)
                        self.assertNotIn(other, said)

    def links_within(self, response):
        """Return the Link fields that do not lead to the next version on purpose."""
        links = response.headers.getlist("Link")
        return [link for link in links if "successor-version" not in link]

    def test_url_of_another_version_contradicts_this_one(self):
        response = self.client.put("/v2/movies/3", json=REBECCA, headers=ALICE)

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json["errors"], {"url": "is /v2/movies/3 at this URL"})

    def test_lists_of_version_1_have_numbers_and_those_of_version_2_a_cursor(self):
        for name in ("movies", "watchlists"):
            with self.subTest(name=name):
                first = self.client.get(f"/v1/{name}")
                second = self.client.get(f"/v2/{name}")

                self.assertEqual(set(first.json), {name, "page", "per_page", "total"})
                self.assertEqual(set(second.json), {name, "per_page", "next_cursor"})

    def test_there_is_no_third_version(self):
        response = self.client.get("/v3/movies")

        self.assert_problem(response, 404, "Not Found")


class DeprecationTest(WithCarolTestCase):
    def answers_in(self, version):
        """Return an answer of each status in a version."""
        movie, movies, watchlist = (
            f"/{version}/{path}" for path in ("movies/3", "movies", "watchlists/friday-night")
        )
        etag = {"If-None-Match": self.client.get(movie).headers["ETag"]}
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
                    self.assertEqual(response.headers["Deprecation"], date)
                    self.assertEqual(parsedate_to_datetime(response.headers["Sunset"]), SUNSET)

    def test_answers_of_version_2_announce_no_end(self):
        for status, response in self.answers_in("v2").items():
            with self.subTest(status=status):
                self.assertFalse({*ANNOUNCEMENT} & {*response.headers.keys()})
                self.assertNotIn("successor-version", str(response.headers.getlist("Link")))

    def test_what_is_of_no_version_announces_no_end(self):
        for url in ("/", "/errors", "/nowhere"):
            with self.subTest(url=url):
                response = self.client.get(url)

                self.assertFalse({*ANNOUNCEMENT} & {*response.headers.keys()})

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


def successor_of(response):
    """Return where the next version has what was asked for."""
    (link,) = (link for link in response.headers.getlist("Link") if "successor-version" in link)
    return link.removeprefix("<").partition(">")[0]


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

        self.assertEqual(response.headers["Deprecation"], "@1924992000")
        self.assertEqual(response.headers["Sunset"], "Tue, 01 Jan 2030 00:00:00 GMT")
        self.assertEqual(successor_of(response), "/films/new/context")

    def test_version_that_is_registered_without_an_end_announces_none(self):
        self.app.register_blueprint(v1, url_prefix="/films")

        response = self.client.get("/films/context")

        self.assertEqual(response.status_code, 200)
        self.assertFalse({*ANNOUNCEMENT} & {*response.headers.keys()})

    def test_one_version_can_be_registered_twice_with_different_settings(self):
        dates = {"deprecated": DEPRECATED, "sunset": SUNSET}
        self.app.register_blueprint(v1, url_prefix="/a", successor="v1-again", **dates)
        self.app.register_blueprint(v1, url_prefix="/b", name="v1-again")

        announced = {
            url: [name for name in ANNOUNCEMENT if name in self.client.get(url).headers]
            for url in ("/a/context", "/b/context")
        }

        self.assertEqual(announced, {"/a/context": ["Deprecation", "Sunset"], "/b/context": []})


class SubdomainTest(ApiTestCase):
    """What SERVER_NAME makes of the versions: hosts of their own."""

    settings = {"SERVER_NAME": "cinema.localhost"}
    DOOR = "http://cinema.localhost"
    HOSTS = {version: f"http://{version}.cinema.localhost" for version in ("v1", "v2")}

    def test_each_version_is_at_its_host(self):
        for version, host in self.HOSTS.items():
            with self.subTest(version=version):
                at_host = self.client.get("/movies/3", base_url=host)
                under_prefix = self.client.get(f"/{version}/movies/3", base_url=self.DOOR)

                self.assertEqual(at_host.json, REBECCA | {"url": "/movies/3"})
                self.assertEqual(under_prefix.json, REBECCA | {"url": f"/{version}/movies/3"})

    def test_lists_page_as_their_version_does(self):
        members = {
            version: set(self.client.get("/movies", base_url=host).json)
            for version, host in self.HOSTS.items()
        }

        self.assertEqual(members["v1"], {"movies", "page", "per_page", "total"})
        self.assertEqual(members["v2"], {"movies", "per_page", "next_cursor"})

    def test_urls_stay_at_the_host(self):
        for host in self.HOSTS.values():
            with self.subTest(host=host):
                created = self.client.post(
                    "/movies",
                    json=METROPOLIS | {"imdb_id": None},
                    headers=ALICE | {"Accept": JSON_LD},
                    base_url=host,
                )
                pages = self.client.get("/movies?per_page=1", base_url=host)

                self.assertRegex(created.location, "^/movies/[45]$")
                self.assertEqual(created.json["@id"], f"{host}{created.location}")
                self.assertEqual(created.json["@context"], f"{host}/context")
                self.assertIn("</movies?per_page=1&", pages.headers["Link"])

    def test_operations_are_offered_at_the_host_too(self):
        response = self.client.get(
            "/movies/3", headers=ALICE | {"Accept": JSON_LD}, base_url=self.HOSTS["v2"]
        )

        methods = [operation["method"] for operation in response.json["operation"]]
        self.assertEqual(methods, ["DELETE", "PATCH", "PUT"])

    def test_host_of_version_1_leads_to_that_of_version_2(self):
        response = self.client.get("/movies/3", base_url=self.HOSTS["v1"])

        self.assertIn("Deprecation", response.headers)
        self.assertEqual(successor_of(response), f"{self.HOSTS['v2']}/movies/3")

    def test_prefix_of_version_1_leads_to_that_of_version_2(self):
        response = self.client.get("/v1/movies/3", base_url=self.DOOR)

        self.assertEqual(successor_of(response), "/v2/movies/3")

    def test_host_has_its_version_and_nothing_else(self):
        for url in ("/", "/v2/movies", "/errors"):
            with self.subTest(url=url):
                response = self.client.get(url, base_url=self.HOSTS["v2"])

                self.assert_problem(response, 404, "Not Found")


class NoSubdomainTest(ApiTestCase):
    def test_versions_have_no_hosts_without_a_server_name(self):
        response = self.client.get("/movies", base_url="http://v1.cinema.localhost")

        self.assert_problem(response, 404, "Not Found")


class CursorTestCase(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("title", "director", "year", "runtime")
        with cls.app.app_context(), writing():
            db.session.add_all(
                Movie(**dict(zip(names, values, strict=True)), imdb_id=None)
                for values in MORE_MOVIES
            )
        cls.snapshot = cls.database.serialize()

    def pages(self, url, headers=None):
        """Follow the links to the next page from a URL on; yield each page."""
        for _ in range(100):  # the end of patience, should there be no other
            response = self.client.get(url, headers=headers)
            self.assertEqual(response.status_code, 200, response.text)
            yield response.json
            if 'rel="next"' not in response.headers["Link"]:
                return
            url = response.headers["Link"].partition('rel="first", <')[2].partition(">")[0]
        self.fail("the pages should come to an end")

    def walk(self, **arguments):
        """Return the movies on all pages of a list, in their order."""
        url = f"/v2/movies?{urlencode(arguments)}"
        return [movie for page in self.pages(url) for movie in page["movies"]]


class CursorTest(CursorTestCase):
    def test_body_is_the_movies_and_where_the_next_page_begins(self):
        response = self.client.get("/v2/movies?per_page=1")

        self.assertEqual(response.status_code, 200)
        self.assertEqual(list(response.json), ["movies", "per_page", "next_cursor"])
        self.assertEqual(response.json["movies"], [KITTY_FOYLE | {"url": "/v2/movies/1"}])
        self.assertEqual(response.json["per_page"], 1)
        fits = "^[A-Za-z0-9_-]+$"
        self.assertRegex(response.json["next_cursor"], fits, "it should fit into a URL as it is")

    def test_walk_shows_each_movie_once_and_in_order_under_each_sort(self):
        movies = self.walk(per_page=100)
        for sort in SORTS:
            column = sort.removeprefix("-")
            expected = sorted(movies, key=lambda movie: (movie[column], movie["id"]))
            for per_page in (1, 4, 9):
                with self.subTest(sort=sort, per_page=per_page):
                    shown = self.walk(sort=sort, per_page=per_page)

                    down = sort.startswith("-")
                    self.assertEqual(shown, expected[::-1] if down else expected)

    def test_walk_shows_what_the_filters_let_through(self):
        movies = self.walk(per_page=100)
        for filters in FILTERS:
            expected = [movie for movie in movies if passes(movie, **filters)]
            for sort in ("id", "-title", "runtime"):
                with self.subTest(filters=filters, sort=sort):
                    shown = self.walk(**filters, sort=sort, per_page=1)

                    self.assertEqual(sorted(shown, key=lambda movie: movie["id"]), expected)

    def test_links_and_next_cursor_lead_to_the_same_page(self):
        response = self.client.get("/v2/movies?sort=year&year=1940&per_page=2&other=1")

        asked, cursor = "sort=year&year=1940&per_page=2", response.json["next_cursor"]
        first, following = response.headers["Link"].split(", ")
        self.assertEqual(first, f'</v2/movies?{asked}>; rel="first"')
        self.assertEqual(following, f'</v2/movies?{asked}&cursor={cursor}>; rel="next"')

    def test_last_page_leads_nowhere_but_to_the_first(self):
        for per_page in (9, 100):
            with self.subTest(per_page=per_page):
                response = self.client.get(f"/v2/movies?per_page={per_page}")

                self.assertEqual(len(response.json["movies"]), 9)
                self.assertIsNone(response.json["next_cursor"])
                link = f'</v2/movies?per_page={per_page}>; rel="first"'
                self.assertEqual(response.headers["Link"], link)

    def test_page_holds_a_hundred_movies_at_most(self):
        response = self.client.get("/v2/movies?per_page=1000")

        self.assertEqual(response.json["per_page"], 100)

    def test_movies_that_stay_are_shown_once_while_others_come_and_go(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                self.setUp()
                going, staying, shown = [2, 5, 7], {1, 3, 4, 6, 8, 9}, []

                for page in self.pages(f"/v2/movies?sort={sort}&per_page=2"):
                    shown += [movie["id"] for movie in page["movies"]]
                    if going:
                        self.create_movie(title="A", director="A", year=1900, imdb_id=None)
                        self.create_movie(title="Z", director="Z", year=2099, imdb_id=None)
                        self.client.delete(f"/v2/movies/{going.pop()}", headers=ALICE)

                self.assertEqual(len(shown), len(set(shown)), "no movie should be shown twice")
                self.assertLessEqual(staying, set(shown), "no movie should be left out")

    def test_cursor_stays_good_when_its_movie_is_gone(self):
        cursor = self.client.get("/v2/movies?sort=title&per_page=3").json["next_cursor"]
        rest = self.client.get(f"/v2/movies?sort=title&cursor={cursor}").json["movies"]
        last_shown = self.client.get("/v2/movies?sort=title&per_page=3").json["movies"][-1]
        self.client.delete(last_shown["url"], headers=ALICE)

        response = self.client.get(f"/v2/movies?sort=title&cursor={cursor}")

        self.assertEqual(response.json["movies"], rest)

    def test_cursor_that_no_page_gave_is_400_with_the_reason(self):
        for name, cursor in CURSORS_OF_NOBODY.items():
            with self.subTest(name):
                response = self.client.get(f"/v2/movies?{urlencode({'cursor': cursor})}&sort=title")

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["cursor"])

    def test_cursor_of_another_order_is_told_so(self):
        cursor = self.client.get("/v2/movies?sort=year&per_page=1").json["next_cursor"]

        response = self.client.get(f"/v2/movies?sort=-year&cursor={cursor}")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(response.json["errors"], {"cursor": "belongs to sort=year"})

    def test_everything_wrong_is_named_in_one_answer(self):
        response = self.client.get("/v2/movies?cursor=x&per_page=0&year=now&sort=stars")

        self.assert_problem(response, 400, "Bad Request")
        self.assertEqual(set(response.json["errors"]), {"cursor", "per_page", "year", "sort"})

    def test_text_has_pages_too(self):
        response = self.client.get("/v2/movies?per_page=1", headers={"Accept": "text/plain"})

        self.assertEqual(response.mimetype, "text/plain")
        self.assertEqual(len(response.text.splitlines()), 1)
        self.assertIn('rel="next"', response.headers["Link"])


def passes(movie, year=None, director=None, q=""):
    """Tell whether the filters of a URL let a movie through."""
    same_year = year is None or movie["year"] == int(year)
    same_director = director is None or movie["director"] == director
    return same_year and same_director and q.lower() in movie["title"].lower()


class CursorOfWatchlistsTest(CursorTestCase):
    NAMES = ("a", "a-1", "b", "friday-night", "z" * 64)

    def setUp(self):
        super().setUp()
        for name in reversed(self.NAMES):
            body = {"title": "Mine", "movies": [3, 1]}
            self.client.put(f"/v2/watchlists/{name}", json=body, headers=BOB)

    def test_walk_shows_each_watchlist_once_by_name(self):
        for per_page in (1, 2, 5, 6):
            with self.subTest(per_page=per_page):
                pages = list(self.pages(f"/v2/watchlists?per_page={per_page}"))

                watchlists = [each for page in pages for each in page["watchlists"]]
                self.assertEqual(tuple(each["name"] for each in watchlists), self.NAMES)
                self.assertEqual({tuple(each["movies"]) for each in watchlists}, {(3, 1)})

    def test_cursor_that_no_page_gave_is_400_with_the_reason(self):
        for cursor in ("x", cursor_of("name", 3, 3), cursor_of("id", 3, 3)):
            with self.subTest(cursor=cursor):
                response = self.client.get(f"/v2/watchlists?cursor={cursor}")

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(list(response.json["errors"]), ["cursor"])


@about_sqlite
class CostTest(ApiTestCase):
    """What a page asks of the database, counted in the steps of SQLite's machine."""

    MOVIES = 1_000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        same = METROPOLIS | {"imdb_id": None, "version": 1}  # the worst: no sort tells them apart
        with cls.app.app_context(), writing():
            db.session.execute(insert(Movie), [same] * cls.MOVIES)
        cls.snapshot = cls.database.serialize()

    @contextmanager
    def counting(self):
        steps = []
        self.database.set_progress_handler(lambda: steps.append(1), 1)
        yield steps
        self.database.set_progress_handler(None, 1)

    def steps_to(self, sort, movie_id):
        """Return what the page after a movie costs."""
        column = sort.removeprefix("-")
        cursor = cursor_of(sort, METROPOLIS.get(column, movie_id), movie_id)
        url = f"/v2/movies?sort={sort}&per_page=10&cursor={cursor}"
        self.client.get(url)  # now SQLite has read what the tables are, which costs as well
        self.forget_answers()
        with self.counting() as steps:
            response = self.client.get(url)
        self.assertEqual(len(response.json["movies"]), 10)
        return len(steps)

    def test_page_costs_the_same_wherever_it_is(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                near, far = self.steps_to(sort, 100), self.steps_to(sort, 900)

                self.assertAlmostEqual(near, far, delta=20, msg="depth should cost nothing")

    def test_page_costs_a_few_times_the_first_at_most(self):
        for sort in SORTS:
            with self.subTest(sort=sort):
                with self.counting() as first:
                    self.client.get(f"/v2/movies?sort={sort}&per_page=10")

                self.assertLess(self.steps_to(sort, 500), 5 * len(first))

    def test_page_costs_two_statements(self):
        cursor = cursor_of("id", 500, 500)

        statements = self.statements_of(f"/v2/movies?cursor={cursor}")

        self.assertEqual(len(statements), 2, "the list's version, and the movies")


class JsonLdTest(HypermediaTestCase):
    """The lists of version 2, for clients that know Hydra."""

    def test_page_says_what_it_is_part_of_and_where_the_next_begins(self):
        response = self.get("/v2/movies?sort=-id&per_page=1")

        cursor = self.client.get("/v2/movies?sort=-id&per_page=1").json["next_cursor"]
        page = "http://localhost/v2/movies?sort=-id&per_page=1"
        thing = self.expand(response.json)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(thing["@id"], "http://localhost/v2/movies?sort=-id")
        self.assertEqual(thing["@type"], [f"{HYDRA}Collection"])
        self.assertNotIn(f"{HYDRA}totalItems", thing, "nobody has counted")
        self.assertEqual(len(thing[f"{HYDRA}member"]), 1)
        (view,) = thing[f"{HYDRA}view"]
        self.assertEqual(
            view,
            {
                "@id": page,
                "@type": [f"{HYDRA}PartialCollectionView"],
                f"{HYDRA}first": [{"@id": page}],
                f"{HYDRA}next": [{"@id": f"{page}&cursor={cursor}"}],
            },
        )

    def test_page_is_another_thing_than_its_list(self):
        for url in ("/v2/movies", "/v2/watchlists"):
            with self.subTest(url=url):
                response = self.get(url)

                self.assertEqual(response.json["@id"], f"http://localhost{url}")
                self.assertEqual(response.json["view"]["@id"], f"http://localhost{url}?per_page=20")

    def test_next_leads_to_every_movie(self):
        url, found = "http://localhost/v2/movies?per_page=1", []

        while url and len(found) < 10:
            page = self.get(url).json
            found += [member["@id"] for member in page["member"]]
            url = page["view"].get("next")

        self.assertEqual(found, [f"http://localhost/v2/movies/{number}" for number in (1, 2, 3)])

    def test_member_is_described_as_at_its_own_url(self):
        for url in ("/v2/movies", "/v2/watchlists"):
            with self.subTest(url=url):
                member = self.get(url).json["member"][-1]

                itself = self.get(member["@id"]).json

                self.assertEqual(itself["@context"], "http://localhost/v2/context")
                added = {"@context": itself["@context"], "operation": []}
                self.assertEqual(itself, member | added)


class RightsTest(WithCarolTestCase):
    USERS = {"stranger": {}, "member": BOB, "editor": ALICE, "owner": CAROL}

    def test_table_of_rights_has_every_route_of_each_version(self):
        for version in ("v1", "v2"):
            routes = {
                f"{method} {rule.rule.removeprefix(f'/{version}')}"
                for rule in self.app.url_map.iter_rules()
                for method in rule.methods - {"HEAD", "OPTIONS"}
                if rule.endpoint.startswith(f"{version}.")
            }
            with self.subTest(version=version):
                self.assertEqual(routes, set(RIGHTS), "who may do what should be said in RIGHTS")

    def test_what_is_of_no_version_can_only_be_read(self):
        for rule in self.app.url_map.iter_rules():
            if not rule.endpoint.startswith(("v1.", "v2.")):
                with self.subTest(rule=rule.rule):
                    self.assertEqual(rule.methods, {"GET", "HEAD", "OPTIONS"})

    def test_everybody_may_do_what_the_table_says_and_no_more(self):
        self.check(RIGHTS, movie_id="3", name="friday-night")

    def test_what_is_private_is_there_for_its_owner_only(self):
        self.check(RIGHTS_IF_PRIVATE, name="secret")

    def test_who_may_not_change_a_thing_is_not_told_whether_it_is_there(self):
        self.check(RIGHTS_IF_MISSING, movie_id="999", name="nothing")

    def check(self, rights, **values):
        """Try each route as each user in both versions; what is refused must change nothing."""
        for route, expected in rights.items():
            for (user, headers), status in zip(self.USERS.items(), expected, strict=True):
                for version in ("v1", "v2"):
                    with self.subTest(route=route, user=user, version=version):
                        self.setUp()

                        response = self.send(version, route, headers, values)

                        self.assertEqual(response.status_code, status)
                        if status >= 400:
                            self.assert_nothing_changed()

    def send(self, version, route, headers, values):
        method, path = route.split()
        path = path.replace("<id:movie_id>", values.get("movie_id", ""))
        path = path.replace("<name>", values.get("name", ""))
        path = path.replace("<id:token_id>", "1")
        return self.client.open(
            f"/{version}{path}", method=method, json=BODIES.get(route), headers=headers
        )

    def test_401_tells_which_credentials_would_do(self):
        response = self.client.post("/v2/movies", json=METROPOLIS)

        self.assert_challenged(response)

    def test_403_tells_which_permission_is_missing(self):
        response = self.client.post("/v2/movies", json=METROPOLIS, headers=BOB)

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["detail"], "This needs the permission movies:write.")
        self.assertNotIn("WWW-Authenticate", response.headers, "other credentials would not help")

    def test_403_tells_whose_watchlist_it_is(self):
        response = self.client.delete("/v2/watchlists/friday-night", headers=BOB)

        self.assert_problem(response, 403, "Forbidden")
        self.assertEqual(response.json["detail"], "This belongs to carol.")

    def test_refusal_comes_before_anything_that_is_wrong_with_the_body(self):
        for headers, status in (({}, 401), (BOB, 403)):
            with self.subTest(status=status):
                response = self.client.post("/v1/movies", data=b"{", headers=headers)

                self.assertEqual(response.status_code, status)


class OwnershipTest(WithCarolTestCase):
    def test_watchlist_belongs_to_who_creates_it(self):
        response = self.client.put("/v1/watchlists/mine", json={"title": "Mine"}, headers=BOB)

        self.assertEqual(response.status_code, 201)
        self.assertEqual(response.json["owner"], "bob")
        self.assertIs(response.json["private"], False)

    def test_what_only_the_server_sets_is_refused(self):
        for method, name in (("PUT", "friday-night"), ("PATCH", "friday-night"), ("PUT", "new")):
            for member, value in (("owner", "bob"), ("owner", None), ("version", 1), ("items", [])):
                with self.subTest(method=method, name=name, member=member, value=value):
                    response = self.client.open(
                        f"/v1/watchlists/{name}",
                        method=method,
                        json={"title": "Mine", member: value},
                        headers=CAROL,
                    )

                    self.assert_problem(response, 400, "Bad Request")
                    self.assertEqual(list(response.json["errors"]), [member])
                    self.assert_nothing_changed()

    def test_private_is_true_or_false(self):
        for value in (None, 0, 1, "true", "", [], {}):
            with self.subTest(value=value):
                body = {"title": "Mine", "private": value}

                response = self.client.put("/v1/watchlists/mine", json=body, headers=BOB)

                self.assert_problem(response, 400, "Bad Request")
                self.assertEqual(response.json["errors"], {"private": "must be true or false"})
                self.assert_nothing_changed()

    def test_private_that_is_left_out_is_public_for_put_and_stays_for_patch(self):
        patched = self.client.patch("/v1/watchlists/secret", json={"movies": []}, headers=CAROL)
        put = self.client.put("/v1/watchlists/secret", json={"title": "Known"}, headers=CAROL)

        self.assertIs(patched.json["private"], True)
        self.assertIs(put.json["private"], False)


class PrivateWatchlistTest(WithCarolTestCase):
    URL = "/v1/watchlists/secret"

    def names_seen_by(self, headers, version="v1", query=""):
        response = self.client.get(f"/{version}/watchlists{query}", headers=headers)
        return [watchlist["name"] for watchlist in response.json["watchlists"]]

    def test_lists_show_it_to_its_owner_only(self):
        for version in ("v1", "v2"):
            for headers in ({}, ALICE, BOB):
                with self.subTest(version=version, headers=headers):
                    self.assertEqual(self.names_seen_by(headers, version), ["friday-night"])
                    self.assertEqual(self.names_seen_by(CAROL, version), ["friday-night", "secret"])

    def test_total_does_not_count_it(self):
        for headers, total in ((BOB, 1), (CAROL, 2)):
            for per_page in (1, 20):
                with self.subTest(total=total, per_page=per_page):
                    url = f"/v1/watchlists?per_page={per_page}"

                    response = self.client.get(url, headers=headers)

                    self.assertEqual(response.json["total"], total)

    def test_cursor_of_its_owner_shows_it_to_nobody_else(self):
        page = self.client.get("/v2/watchlists?per_page=1", headers=CAROL).json
        query = f"?cursor={page['next_cursor']}"

        self.assertEqual(self.names_seen_by(CAROL, "v2", query), ["secret"])
        self.assertEqual(self.names_seen_by(BOB, "v2", query), [])

    def test_page_does_not_tell_that_something_is_hidden(self):
        response = self.client.get("/v2/watchlists?per_page=1")

        self.assertIsNone(response.json["next_cursor"])

    def test_json_ld_hides_it_too(self):
        for version in ("v1", "v2"):
            with self.subTest(version=version):
                response = self.client.get(
                    f"/{version}/watchlists", headers=BOB | {"Accept": JSON_LD}
                )

                self.assertEqual(len(response.json["member"]), 1)
                self.assertNotIn("secret", response.text)

    def test_404_is_the_one_of_a_watchlist_that_is_not_there(self):
        hidden = self.client.get(self.URL, headers=BOB)
        missing = self.client.get("/v1/watchlists/nobody", headers=BOB)

        self.assert_problem(hidden, 404, "Not Found")
        self.assertEqual(hidden.text, missing.text.replace("nobody", "secret"))
        self.assertEqual(set(hidden.headers.keys()), set(missing.headers.keys()))

    def test_what_is_made_private_is_hidden_at_once(self):
        self.client.get("/v1/watchlists/friday-night")
        self.names_seen_by({})

        self.client.patch("/v1/watchlists/friday-night", json={"private": True}, headers=CAROL)

        self.assertEqual(self.client.get("/v1/watchlists/friday-night").status_code, 404)
        self.assertEqual(self.names_seen_by({}), [], "no cache should remember it")

    def test_what_is_made_public_is_shown_to_all(self):
        self.client.patch(self.URL, json={"private": False}, headers=CAROL)

        self.assertEqual(self.client.get(self.URL).status_code, 200)
        self.assertEqual(self.names_seen_by(BOB), ["friday-night", "secret"])


class ScopeTest(WithCarolTestCase):
    """Tokens may less than the user who has given them away."""

    KEY = ECKey.generate_key("P-256")

    def setUp(self):
        super().setUp()
        keys = self.app.extensions["issuer_keys"]
        self.enterContext(patch.object(keys, "find", return_value=self.KEY))

    def token(self, scope, sub="carol"):
        claims = {
            "iss": self.app.config["AUTHORIZATION_SERVER_URL"],
            "aud": self.app.config["AUDIENCE"],
            "exp": int(time.time()) + 60,
            "sub": sub,
            "client_id": "a-program",
            "scope": scope,
        }
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt"}, claims, self.KEY)
        return {"Authorization": f"Bearer {token}"}

    def test_private_watchlist_is_there_for_tokens_that_may_read_it(self):
        for scope, seen in {
            "watchlists:read": 2,
            "watchlists:read watchlists:write": 2,
            "watchlists:write": 1,
            "movies:write": 1,
            "another": 1,
        }.items():
            for version in ("v1", "v2"):
                with self.subTest(scope=scope, version=version):
                    headers = self.token(scope)

                    one = self.client.get(f"/{version}/watchlists/secret", headers=headers)
                    many = self.client.get(f"/{version}/watchlists", headers=headers)

                    self.assertEqual(one.status_code, 200 if seen == 2 else 404)
                    self.assertEqual(len(many.json["watchlists"]), seen)

    def test_token_that_may_only_read_changes_nothing_and_is_told_what_it_lacks(self):
        response = self.client.delete(
            "/v1/watchlists/friday-night", headers=self.token("watchlists:read")
        )

        self.assert_problem(response, 403, "Forbidden")
        challenge = response.headers["WWW-Authenticate"]
        self.assertIn('error="insufficient_scope", scope="watchlists:write"', challenge)
        self.assert_nothing_changed()

    def test_scope_gives_nobody_more_than_their_role(self):
        response = self.client.delete("/v1/movies/3", headers=self.token("movies:write"))

        self.assert_problem(response, 403, "Forbidden")
        self.assert_nothing_changed()

    def test_json_ld_offers_what_this_token_may_do(self):
        for scope, offered in {"watchlists:read": 0, "watchlists:write": 3}.items():
            with self.subTest(scope=scope):
                response = self.client.get(
                    "/v2/watchlists/friday-night", headers=self.token(scope) | {"Accept": JSON_LD}
                )

                self.assertEqual(len(response.json["operation"]), offered)


class IdempotencyTest(ApiTestCase):
    def create(self, key="order-66", user=ALICE, url="/v1/movies", headers=(), **members):
        return self.client.post(
            url,
            json=METROPOLIS | {"imdb_id": None} | members,
            headers=user | {"Idempotency-Key": key} | dict(headers),
        )

    def number_of_movies(self):
        return self.client.get("/v1/movies").json["total"]

    def change_kept_answers(self, **values):
        with self.app.app_context(), writing():
            db.session.execute(update(KeptAnswer).values(**values))

    def assert_same_answer(self, retry, first):
        self.assertEqual((retry.status_code, retry.data), (first.status_code, first.data))
        self.assert_same_fields(retry, first)

    def test_retry_gives_the_first_answer_and_does_nothing(self):
        first = self.create()

        retry = self.create()

        self.assertEqual(first.status_code, 201)
        self.assert_same_answer(retry, first)
        self.assertEqual(self.number_of_movies(), 4)

    def test_retry_gives_the_first_answer_in_whatever_form_it_was(self):
        for headers in ({"Accept": JSON_LD}, {"Prefer": "return=minimal"}):
            with self.subTest(headers=headers):
                first = self.create(str(headers), headers=headers)

                retry = self.create(str(headers), headers=headers)

                self.assertEqual(first.status_code, 201)
                self.assert_same_answer(retry, first)

    def test_retry_gives_the_first_answer_even_if_the_movie_has_changed(self):
        first = self.create()
        self.client.delete(first.location, headers=ALICE)

        retry = self.create()

        self.assert_same_answer(retry, first)
        self.assertEqual(self.number_of_movies(), 3)

    def test_key_may_stand_in_quotation_marks(self):
        first = self.create("order-66")

        retry = self.create('"order-66"')

        self.assert_same_answer(retry, first)

    def test_other_key_or_none_is_another_request(self):
        self.create()

        for key in ("order-67", None):
            with self.subTest(key=key):
                headers = ALICE | ({"Idempotency-Key": key} if key else {})
                body = METROPOLIS | {"imdb_id": None}

                response = self.client.post("/v1/movies", json=body, headers=headers)

                self.assertEqual(response.status_code, 201)
        self.assertEqual(self.number_of_movies(), 6)

    def test_key_that_comes_with_another_request_is_422(self):
        self.create()

        for name, change in {
            "another body": {"title": "M"},
            "another version": {"url": "/v2/movies"},
            "another query": {"url": "/v1/movies?x"},
            "another answer": {"headers": {"Accept": JSON_LD}},
            "another type": {"headers": {"Content-Type": "application/vnd.cinema+json"}},
        }.items():
            with self.subTest(name):
                response = self.create(**change)

                self.assert_problem(response, 422, "Unprocessable Entity")
                self.assertEqual(response.json["code"], 220)
                self.assertEqual(self.number_of_movies(), 4)

    def test_key_whose_first_request_is_not_answered_yet_is_409(self):
        self.create()
        self.change_kept_answers(status=0)

        retry = self.create()

        self.assert_problem(retry, 409, "Conflict")
        self.assertEqual(retry.json["code"], 91)
        self.assertEqual(self.number_of_movies(), 4)

    def test_request_that_was_never_answered_is_given_up_after_a_minute(self):
        for age, status in ((GIVEN_UP_AFTER - 5, 409), (GIVEN_UP_AFTER + 5, 201)):
            with self.subTest(age=age):
                self.setUp()
                self.create()
                self.change_kept_answers(status=0, received=time.time() - age)

                retry = self.create()

                self.assertEqual(retry.status_code, status)

    def test_answer_is_kept_for_a_day(self):
        for age, movies in ((REMEMBERED_FOR - 60, 4), (REMEMBERED_FOR + 60, 5)):
            with self.subTest(age=age):
                self.setUp()
                self.create()
                self.change_kept_answers(received=time.time() - age)

                retry = self.create()

                self.assertEqual(retry.status_code, 201)
                self.assertEqual(self.number_of_movies(), movies)

    def test_request_that_was_refused_frees_its_key(self):
        for status, wrong in ((400, {"year": "1927"}), (409, {"imdb_id": REBECCA["imdb_id"]})):
            with self.subTest(status=status):
                refused = self.create(str(status), **wrong)

                mended = self.create(str(status))

                self.assertEqual((refused.status_code, mended.status_code), (status, 201))

    def test_request_that_failed_in_the_middle_has_done_nothing_and_frees_its_key(self):
        crash = patch("cinema.api.movies.represent_movie", side_effect=RuntimeError("on purpose"))

        with crash, self.assertLogs(self.app.logger):
            failed = self.create()
        movies_then = self.number_of_movies()
        retry = self.create()

        self.assert_problem(failed, 500, "Internal Server Error")
        self.assertEqual(movies_then, 3, "the movie had been added, but not its answer")
        self.assertEqual(retry.status_code, 201)

    def test_answer_that_cannot_be_kept_undoes_the_movie(self):
        crash = patch.object(KeptAnswer, "__setattr__", side_effect=RuntimeError("on purpose"))

        with crash, self.assertLogs(self.app.logger):
            failed = self.create()

        self.assert_problem(failed, 500, "Internal Server Error")
        self.assertEqual(self.number_of_movies(), 3)

    def test_keys_of_two_users_do_not_meet(self):
        with self.app.app_context(), writing():
            add_user("carol", "editor", PASSWORD)

        hers, alices = self.create(user=CAROL, title="M"), self.create(user=ALICE)

        self.assertEqual((hers.status_code, alices.status_code), (201, 201))
        self.assertEqual((hers.json["title"], alices.json["title"]), ("M", "Metropolis"))

    def test_key_that_is_no_key_is_400(self):
        for key in ("", '""', '"', "k" * 256, "é", "a\tb", "\x7f"):
            with self.subTest(key=key[:5]):
                response = self.create(key)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_key_may_have_255_characters(self):
        response = self.create("k" * 255)

        self.assertEqual(response.status_code, 201)

    def test_key_lets_nobody_in(self):
        self.create()

        for user, status in (({}, 401), (BOB, 403)):
            with self.subTest(status=status):
                response = self.create(user=user)

                self.assertEqual(response.status_code, status)


class ManyClientsTest(ServerTestCase):
    def create_movie(self):
        headers = ALICE | {"Idempotency-Key": "order-66"}
        return self.app.test_client().post("/v1/movies", json=METROPOLIS, headers=headers)

    def test_eight_that_send_the_same_request_at_once_create_one_movie(self):
        responses = all_at_once([self.create_movie] * 8)

        movies = self.app.test_client().get("/v1/movies").json["movies"]
        bodies = {response.status_code: response.json for response in responses}
        statuses = {response.status_code for response in responses}
        self.assertEqual(movies, [bodies[201]])
        self.assertLessEqual(statuses, {201, 409}, "a retry should be answered, or asked to wait")
        self.assertEqual(self.create_movie().json, bodies[201])


class RateLimitTestCase(ApiTestCase):
    settings = {"RATE_LIMIT": "3 per minute"}

    def setUp(self):
        super().setUp()
        self.app.extensions["limits"].own.windows.clear()

    def get(self, address="192.0.2.1", url="/v1/movies/3", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(url, headers=headers, environ_overrides={"REMOTE_ADDR": address})

    def statuses(self, *requests):
        return [self.get(**request).status_code for request in requests]


class RateLimitTest(RateLimitTestCase):
    def test_who_asks_too_often_is_told_when_to_ask_again(self):
        responses = [self.get() for _ in range(4)]

        refused = responses[-1]
        self.assertEqual([response.status_code for response in responses[:3]], [200, 200, 200])
        self.assert_problem(refused, 429, "Too Many Requests")
        self.assertEqual(refused.json["code"], 290)
        self.assertIn(int(refused.headers["Retry-After"]), range(1, 61))
        self.assertIn(refused.headers["Retry-After"], refused.json["detail"])

    def test_every_answer_says_how_much_is_left(self):
        answers = [self.get(url=url) for url in ("/", "/nowhere", "/v1/movies/999", "/v1/movies")]

        self.assertEqual([answer.status_code for answer in answers], [200, 404, 404, 429])
        for answer, left in zip(answers, (2, 1, 0, 0), strict=True):
            with self.subTest(left=left):
                self.assertEqual(answer.headers["RateLimit-Policy"], '"requests";q=3;w=60')
                self.assertRegex(answer.headers["RateLimit"], rf'^"requests";r={left};t=\d+$')

    def test_each_address_has_a_limit_of_its_own(self):
        statuses = self.statuses(*[{}] * 4, {"address": "192.0.2.2"})

        self.assertEqual(statuses, [200, 200, 200, 429, 200])

    def test_limit_ends_with_its_time(self):
        self.statuses(*[{}] * 4)
        now = time.time()

        with patch("time.time", return_value=now + 61):
            response = self.get()

        self.assertEqual(response.status_code, 200)

    def test_counters_that_have_ended_are_cleared_away(self):
        self.statuses(*({"address": f"192.0.2.{number}"} for number in range(3)))

        with (
            patch("cinema.http.rate_limits.MOST_WINDOWS", 2),
            patch("time.time", return_value=time.time() + 61),
        ):
            self.get()

        counters = self.app.extensions["limits"].own.windows
        self.assertEqual([who[-1] for who in counters], ["192.0.2.1"])

    def test_address_that_somebody_claims_to_have_changes_nothing(self):
        requests = [{"X_Forwarded_For": f"192.0.2.{number}"} for number in range(4)]

        self.assertEqual(self.statuses(*requests), [200, 200, 200, 429])


class SharedRateLimitTest(RateLimitTestCase):
    """A limit that several processes share, of whose counters nobody answers."""

    settings = RateLimitTestCase.settings | {"CACHE_URL": "redis://127.0.0.1:1"}

    def setUp(self):
        self.enterContext(patch("cinema.http.caching.answers.get", return_value=None))
        self.enterContext(patch("cinema.http.caching.answers.set"))
        self.enterContext(patch("cinema.http.caching.answers.clear"))
        super().setUp()

    def test_process_counts_for_itself(self):
        statuses = self.statuses(*[{}] * 4)

        self.assertEqual(statuses, [200, 200, 200, 429])


class ProxyTest(ApiTestCase):
    FORWARDED = {
        "X-Forwarded-Host": "api.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Accept": JSON_LD,
    }

    def test_what_a_stranger_claims_to_forward_is_ignored(self):
        response = self.client.get("/v2/movies/3", headers=self.FORWARDED)

        self.assertEqual(response.json["@id"], "http://localhost/v2/movies/3")


class TrustedProxyTest(RateLimitTestCase):
    settings = RateLimitTestCase.settings | {"TRUSTED_PROXIES": 1}

    def test_scheme_is_the_one_that_our_proxy_was_asked_by(self):
        response = self.client.get("/v2/movies/3", headers=ProxyTest.FORWARDED)

        self.assertEqual(response.json["@id"], "https://localhost/v2/movies/3")

    def test_address_is_the_one_that_our_proxy_saw(self):
        spoofed = [{"X_Forwarded_For": f"192.0.2.{number}, 198.51.100.1"} for number in range(4)]

        statuses = self.statuses(*spoofed, {"X_Forwarded_For": "198.51.100.2"})

        self.assertEqual(statuses, [200, 200, 200, 429, 200], "the last one is what our proxy adds")
