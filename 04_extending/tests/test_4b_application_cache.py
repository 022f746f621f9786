"""4.b HTTP caching: what we have answered before, we need not make again."""

import logging
import random
import socket
import time
from unittest import mock

from cinema.http.caching import answers
from click import ClickException
from redis.exceptions import ConnectionError as RedisIsGone

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, ServerTestCase
from tests.caching import (
    JSON,
    JSON_LD,
    SATURDAY,
    SECRET,
    TEXT,
    CachingTestCase,
    nothing_is_shown,
)

NOW = 1000.0  # of a clock that stands still


class ApplicationCacheTest(CachingTestCase):
    """What we have answered before, we need not make again."""

    def test_answer_from_the_cache_is_the_same_to_the_byte(self):
        for url in (
            *self.versioned,
            "/v1/movies?per_page=1&page=2",
            "/v1/movies/3?serialize=false",
        ):
            for accept in (JSON, JSON_LD, TEXT):
                for who in (None, ALICE, BOB):
                    with self.subTest(url=url, accept=accept, who=who):
                        made, cached = (whole(self.get(url, accept, who)) for _ in range(2))

                        with no_cache(self.app):
                            uncached = whole(self.get(url, accept, who))

                        self.assertEqual(cached, made)
                        self.assertEqual(uncached, made)

    def test_head_after_get_has_its_fields(self):
        for url in self.versioned:
            with self.subTest(url=url):
                full = self.get(url)

                response = self.client.head(url)

                self.assertEqual(whole(response)[1], whole(full)[1])
                self.assertEqual(response.data, b"")

    def test_cache_never_shows_what_was(self):
        randomly = random.Random(4)  # noqa: S311 (the same each time)
        for _ in range(40):
            method, url, body, who = self.random_change(randomly)
            self.change(method, url, body, who)
            for reader in (None, ALICE, BOB):
                url = randomly.choice((*self.versioned, SECRET))
                accept = randomly.choice((JSON, JSON_LD))

                cached = whole(self.get(url, accept, reader))

                with no_cache(self.app):
                    self.assertEqual(cached, whole(self.get(url, accept, reader)))

    def random_change(self, randomly):
        number = randomly.randint(1, 999)
        movies = randomly.sample((1, 2, 3), randomly.randint(0, 3))
        movie = {**METROPOLIS, "runtime": number, "imdb_id": None}
        watchlist = {"title": str(number), "movies": movies}
        private = {"private": randomly.choice((True, False))}
        movie_url = f"/{randomly.choice(self.versions)}/movies/{randomly.choice('1233')}"
        watchlist_url = randomly.choice((*self.urls("/watchlists/friday-night"), SECRET))
        who = BOB if watchlist_url == SECRET else ALICE
        return randomly.choice(
            (
                ("POST", "/v1/movies", movie, ALICE),
                ("PUT", movie_url, movie, ALICE),
                ("PATCH", movie_url, {"runtime": number}, ALICE),
                ("DELETE", f"/v1/movies/{randomly.randint(1, 9)}", None, ALICE),
                ("PUT", watchlist_url, watchlist, who),
                ("PATCH", watchlist_url, private, who),
                ("DELETE", watchlist_url, None, who),
            )
        )

    def test_what_one_reader_may_see_is_not_shown_to_another(self):
        for url in self.urls("/watchlists"):
            with self.subTest(url=url):
                names = [
                    [watchlist["name"] for watchlist in self.get(url, JSON, who).json["watchlists"]]
                    for who in (BOB, ALICE, None, BOB)
                ]

                every, public = ["friday-night", "saturday", "secret"], ["friday-night", "saturday"]
                self.assertEqual(names, [every, public, public, every])

    def test_private_watchlist_in_the_cache_is_hidden_from_others(self):
        self.get(SECRET, credentials=BOB)

        for who in (None, ALICE):
            with self.subTest(who=who):
                response = self.get(SECRET, credentials=who)

                self.assert_problem(response, 404, "Not Found")

    def test_operations_that_are_offered_are_those_of_the_reader(self):
        counts = [
            len(self.get(REBECCA["url"], JSON_LD, who).json["operation"])
            for who in (ALICE, None, BOB, ALICE)
        ]

        self.assertEqual(counts, [3, 0, 0, 3])

    def test_versions_schemes_hosts_and_prefixes_are_kept_apart(self):
        for url in self.versioned:
            for base in (
                "http://a.example",
                "http://b.example",
                "https://a.example",
                "http://a.example/cinema",
                "https://a.example/cinema",
            ):
                with self.subTest(url=url, base=base):
                    response = self.client.get(url, headers={"Accept": JSON_LD}, base_url=base)

                    self.assertEqual(response.status_code, 200)
                    self.assertEqual(response.json["@id"], f"{base}{url}")

    def test_url_in_an_answer_has_the_prefix_that_was_asked(self):
        for base, prefix in (("http://localhost", ""), ("http://localhost/cinema", "/cinema")):
            for url in self.entities:
                with self.subTest(base=base, url=url):
                    response = self.client.get(url, base_url=base)

                    self.assertEqual(response.json["url"], f"{prefix}{url}")

    def test_answer_of_an_old_version_never_comes_back(self):
        self.get(SATURDAY)
        self.change("DELETE", SATURDAY)
        gone = self.get(SATURDAY)

        self.put(SATURDAY, ALICE, title="Another", movies=[1])

        self.assertEqual(gone.status_code, 404)
        self.assertEqual(self.get(SATURDAY).json["title"], "Another")


class TotalTest(CachingTestCase):
    """A total may be kept as well; it is never one of another time, or of another question."""

    def test_total_is_new_after_a_write(self):
        self.client.get("/v1/movies?per_page=1")
        self.client.get("/v1/movies?per_page=1&page=2")
        self.change("POST", "/v1/movies", METROPOLIS)

        totals = [
            self.client.get(f"/v1/movies?per_page=1&page={page}").json["total"] for page in (1, 2)
        ]

        self.assertEqual(totals, [4, 4])

    def test_totals_of_two_questions_are_kept_apart(self):
        totals = [
            self.client.get(f"/v1/movies?per_page=1{filters}").json["total"]
            for filters in ("", "&year=1940", "&q=Rebecca&year=1940", "&director=Alfred+Hitchcock")
        ]

        self.assertEqual(totals, [3, 3, 1, 1])


class KeptTest(CachingTestCase):
    """Looks inside: the store behind Flask-Caching, SQL statements, `serialize` of the models."""

    def keys_that_are_kept(self, *requests):
        """Return the keys under which something is kept while these requests are answered."""
        store = store_of(self.app)
        with mock.patch.object(store, "set", wraps=store.set) as keep:
            for url, headers in requests:
                self.client.get(url, headers=headers)
        return [call.args[0] for call in keep.call_args_list]

    def test_second_answer_costs_one_statement_at_most(self):
        for url in self.versioned:
            for accept in (JSON, JSON_LD):
                headers = {"Accept": accept}
                with self.subTest(url=url, accept=accept):
                    self.client.get(url, headers=headers)

                    statements = self.statements_of(url, headers)

                    self.assertLessEqual(len(statements), 1, "the version is all that is asked")

    def test_second_answer_is_not_made_again(self):
        for url in self.versioned:
            first = self.get(url)
            with self.subTest(url=url), nothing_is_shown() as shown:
                second = self.get(url)

                self.assertEqual((second.status_code, second.data), (200, first.data))
                shown.assert_not_called()

    def test_key_is_short_however_long_the_url(self):
        keys = self.keys_that_are_kept(
            *((f"/v1/movies?ignored={'%C3%A9' * length}", {}) for length in (0, 1, 6000))
        )

        self.assertEqual(len(set(keys)), 3, "each URL should have a key of its own")
        self.assertLessEqual(max(map(len, keys)), 250, "which is all that some caches take")

    def test_error_is_not_kept(self):
        keys = self.keys_that_are_kept(
            ("/v1/movies/999", {}),
            ("/v1/movies?page=junk", {}),
            (SECRET, ALICE),
            (REBECCA["url"], {"Accept": "image/png"}),
        )

        self.assertEqual(keys, [], "an error should be made anew each time")


class CacheThatFailsTest(CachingTestCase):
    """Looks inside: the store behind Flask-Caching fails, as Redis does when it is gone."""

    def setUp(self):
        super().setUp()
        logging.disable()  # whoever warns of it may
        self.addCleanup(logging.disable, logging.NOTSET)
        some_time_ago = time.monotonic() - 60  # whoever leaves it alone for a while may, too
        self.enterContext(mock.patch("time.monotonic", return_value=some_time_ago))

    def test_answers_go_on_as_if_there_were_no_cache(self):
        gone = mock.Mock(side_effect=RedisIsGone("Connection refused."))
        for failing in ({"get"}, {"set"}, {"get", "set"}):
            for url in self.versioned:
                with self.subTest(failing=failing, url=url):
                    with no_cache(self.app):
                        expected = whole(self.get(url))
                    store = store_of(self.app)

                    with mock.patch.multiple(store, **dict.fromkeys(failing, gone)):
                        answers_given = [whole(self.get(url)) for _ in range(2)]

                    self.assertEqual(answers_given, [expected] * 2, "it should be slower, no more")
        gone.assert_called()


class SharedCacheTest(ServerTestCase):
    """With CACHE_URL, answers are kept by a server of their own: here, by nobody."""

    def setUp(self):
        super().setUp()
        logging.disable()
        self.addCleanup(logging.disable, logging.NOTSET)
        some_time_ago = time.monotonic() - 60
        self.enterContext(mock.patch("time.monotonic", return_value=some_time_ago))

    def start(self, name, **settings):
        with mock.patch.dict(SETTINGS, settings):
            return super().start(name)

    def test_api_starts_answers_and_changes_while_nobody_is_there(self):
        client = self.start("other.db", CACHE_URL=nobody_there()).test_client()

        created = client.post("/v1/movies", json=METROPOLIS, headers=ALICE)
        read = [client.get("/v1/movies/1") for _ in range(2)]

        self.assertEqual(created.status_code, 201, created.text)
        self.assertEqual([each.status_code for each in read], [200, 200])
        self.assertEqual([each.json for each in read], [created.json] * 2)

    def test_what_is_no_url_of_a_cache_is_refused_at_the_start(self):
        for url in ("nonsense", "http://127.0.0.1", "redis://localhost:99999"):
            refused = self.assertRaisesRegex(ClickException, "^CACHE_URL must be like redis://")
            with self.subTest(url=url), refused:  # in one line, and without a traceback
                self.start("other.db", CACHE_URL=url)


def whole(response):
    """Return all of an answer but what differs from one request to the next."""
    headers = [(name, value) for name, value in response.headers if name != "RateLimit"]
    return response.status_code, sorted(headers), response.data


def store_of(app):
    """Return where Flask-Caching keeps what `answers` is given in this application."""
    return app.extensions["cache"][answers]


def no_cache(app):
    """Let the application find nothing that it has kept, and keep nothing more."""
    nothing = mock.Mock(return_value=None)
    return mock.patch.multiple(store_of(app), get=nothing, set=nothing)


def nobody_there():
    """Return the URL of a cache on a port where nobody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"
