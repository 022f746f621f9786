"""4.b HTTP caching: what we have answered before, we need not make again."""

import random
import socket
from contextlib import ExitStack
from unittest import mock

from cinema.data.models import Movie, Watchlist
from cinema.http import caching
from cinema.http.caching import Cache, ForgivingCache, answers
from flask import Flask
from redis.exceptions import ConnectionError as RedisIsGone

from tests import ALICE, BOB, METROPOLIS, REBECCA, SETTINGS, ApiTestCase, ServerTestCase
from tests.caching import (
    FRIDAY_NIGHT,
    JSON,
    JSON_LD,
    SATURDAY,
    SECRET,
    TEXT,
    VERSIONED,
    CachingTestCase,
)

NOW = 1000.0  # of a clock that stands still


class ApplicationCacheTest(CachingTestCase):
    """What we have answered before, we need not make again."""

    def test_second_answer_costs_one_statement_for_the_version(self):
        for url in VERSIONED:
            for accept in (JSON, JSON_LD):
                headers = {"Accept": accept}
                with self.subTest(url=url, accept=accept):
                    first = self.statements_of(url, headers)

                    second = self.statements_of(url, headers)

                    self.assertGreater(len(first), 1)
                    self.assertEqual(len(second), 1)

    def test_second_answer_is_not_made_again(self):
        for url in VERSIONED:
            first = self.get(url)
            with self.subTest(url=url), nothing_is_loaded():
                second = self.get(url)

                self.assertEqual(second.status_code, 200)
                self.assertEqual(second.data, first.data)

    def test_answer_from_the_cache_is_the_same_to_the_byte(self):
        for url in (*VERSIONED, "/v1/movies?per_page=1&page=2", "/v1/movies/3?serialize=false"):
            for accept in (JSON, JSON_LD, TEXT):
                for who in (None, ALICE, BOB):
                    with self.subTest(url=url, accept=accept, who=who):
                        made, cached = (whole(self.get(url, accept, who)) for _ in range(2))

                        with no_cache():
                            uncached = whole(self.get(url, accept, who))

                        self.assertEqual(cached, made)
                        self.assertEqual(uncached, made)

    def test_head_after_get_has_its_fields(self):
        for url in VERSIONED:
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
                url = randomly.choice((*VERSIONED, SECRET))
                accept = randomly.choice((JSON, JSON_LD))

                cached = whole(self.get(url, accept, reader))

                with no_cache():
                    self.assertEqual(cached, whole(self.get(url, accept, reader)))

    def random_change(self, randomly):
        number = randomly.randint(1, 999)
        movies = randomly.sample((1, 2, 3), randomly.randint(0, 3))
        movie = {**METROPOLIS, "runtime": number, "imdb_id": None}
        watchlist = {"title": str(number), "movies": movies}
        private = {"private": randomly.choice((True, False))}
        movie_url = f"/v{randomly.choice('12')}/movies/{randomly.choice('1233')}"
        watchlist_url = randomly.choice((FRIDAY_NIGHT, "/v2/watchlists/friday-night", SECRET))
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
        for url in ("/v1/watchlists", "/v2/watchlists"):
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

    def test_versions_and_hosts_are_kept_apart(self):
        for url in (REBECCA["url"], "/v2/movies/3"):
            for host in ("a.example", "b.example"):
                with self.subTest(url=url, host=host):
                    response = self.get(url, JSON_LD, Host=host)

                    self.assertEqual(response.json["@id"], f"http://{host}{url}")

    def test_key_is_short_however_long_the_url(self):
        with mock.patch.object(answers, "set") as keep:
            for length in (0, 1, 6000):
                self.get(f"/v1/movies?ignored={'é' * length}")

        keys = [call.args[0] for call in keep.call_args_list]
        self.assertEqual([len(key) for key in keys], [64, 64, 64])

    def test_error_is_not_kept(self):
        with mock.patch.object(answers, "set") as keep:
            self.get("/v1/movies/999")
            self.get("/v1/movies?page=junk")
            self.get(REBECCA["url"], accept="image/png")

        keep.assert_not_called()

    def test_answer_of_an_old_version_never_comes_back(self):
        self.get(SATURDAY)
        self.change("DELETE", SATURDAY)
        gone = self.get(SATURDAY)

        self.put(SATURDAY, ALICE, title="Another", movies=[1])

        self.assertEqual(gone.status_code, 404)
        self.assertEqual(self.get(SATURDAY).json["title"], "Another")


class RememberedTotalTest(CachingTestCase):
    def test_total_is_remembered_for_the_next_page_and_new_after_a_write(self):
        first = self.statements_of("/v1/movies?per_page=1")
        second = self.statements_of("/v1/movies?per_page=1&page=2")
        self.change("POST", "/v1/movies", METROPOLIS)

        after = self.client.get("/v1/movies?per_page=1")

        self.assertEqual((len(first), len(second)), (3, 2), "the second page need not count")
        self.assertEqual(after.json["total"], 4)

    def test_totals_of_two_questions_are_kept_apart(self):
        totals = [
            self.client.get(f"/v1/movies?per_page=1{filters}").json["total"]
            for filters in ("", "&year=1940", "&q=Rebecca&year=1940", "&director=Alfred+Hitchcock")
        ]

        self.assertEqual(totals, [3, 3, 1, 1])


class CacheThatIsGoneTest(ApiTestCase):
    """The death of the cache's server slows the API, and does not break it."""

    def setUp(self):
        super().setUp()
        self.clock = self.enterContext(mock.patch("cinema.http.caching.time.monotonic"))
        self.clock.return_value = NOW
        self.addCleanup(setattr, answers, "left_alone_until", 0)

    def failing(self, *results):
        return self.enterContext(mock.patch.object(Cache, "get", side_effect=results))

    def test_answers_go_on_and_one_warning_is_logged(self):
        self.failing(RedisIsGone("Connection refused."))

        with self.assertLogs("cinema", "WARNING") as logs:
            statuses = [self.client.get("/v1/movies").status_code for _ in range(3)]

        self.assertEqual(statuses, [200, 200, 200])
        self.assertEqual(len(logs.output), 1)
        self.assertIn("The cache does not answer: Connection refused.", logs.output[0])

    def test_cache_is_left_alone_for_five_seconds_and_then_asked_again(self):
        ask = self.failing(RedisIsGone, None, None)
        with self.assertLogs("cinema", "WARNING"):
            self.client.get("/v1/movies")

        asked = []
        for seconds in (0, 4.9, 5.1, 5.2):
            self.clock.return_value = NOW + seconds
            self.client.get("/v1/movies")
            asked.append(ask.call_count)

        self.assertEqual(asked, [1, 1, 2, 3])

    def test_one_warning_for_each_time_it_was_asked_in_vain(self):
        self.failing(RedisIsGone, RedisIsGone)

        with self.assertLogs("cinema", "WARNING") as logs:
            for seconds in (0, 1, 5.1, 6):
                self.clock.return_value = NOW + seconds
                self.client.get("/v1/movies")

        self.assertEqual(len(logs.output), 2)

    def test_answer_that_cannot_be_kept_is_given_all_the_same(self):
        failing = mock.patch.object(Cache, "set", side_effect=RedisIsGone)
        with failing, self.assertLogs("cinema", "WARNING"):
            response = self.client.get(REBECCA["url"])

        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json, REBECCA)


class SharedCacheTest(ServerTestCase):
    """With CACHE_URL, answers and counts are kept by a server of their own."""

    def start(self, name, **settings):
        with mock.patch.dict(SETTINGS, settings):
            return super().start(name)

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, answers, "left_alone_until", 0)

    def test_api_starts_and_answers_while_nobody_is_there(self):
        client = self.start("other.db", CACHE_URL=nobody_there()).test_client()

        with self.assertLogs("cinema", "WARNING"):
            statuses = [client.get("/v1/movies").status_code for _ in range(2)]

        self.assertEqual(statuses, [200, 200])

    def test_what_is_no_url_of_a_cache_is_refused_at_the_start(self):
        for url in ("nonsense", "http://127.0.0.1", "redis://localhost:99999"):
            with self.subTest(url=url):
                app = Flask("cinema")
                app.config["CACHE_URL"] = url

                with self.assertRaisesRegex(ValueError, "scheme|[Pp]ort"):
                    caching.init_app(app)

    def test_requests_are_counted_here_while_nobody_is_there(self):
        app = self.start("other.db", CACHE_URL=nobody_there(), RATE_LIMIT="3 per minute")
        client = app.test_client()

        with self.assertLogs("cinema", "WARNING"):
            answers_given = [client.get("/v1/movies") for _ in range(4)]

        self.assertEqual([each.status_code for each in answers_given], [200, 200, 200, 429])
        self.assertRegex(answers_given[1].headers["RateLimit"], '^"requests";r=1;t=[0-9]+$')
        self.assertIn("Retry-After", answers_given[3].headers)


def whole(response):
    """Return all of an answer but what differs from one request to the next."""
    headers = [(name, value) for name, value in response.headers if name != "RateLimit"]
    return response.status_code, sorted(headers), response.data


def no_cache():
    return mock.patch.multiple(ForgivingCache, get=mock.Mock(return_value=None), set=mock.Mock())


def nothing_is_loaded():
    """Fail if anything of a movie or a watchlist is loaded or shown."""
    stop = mock.Mock(side_effect=AssertionError("the view should not have run"))
    finders = [
        *(f"cinema.api.lists_by_page.{name}" for name in ("find_movies", "find_watchlists")),
        *(
            f"cinema.api.lists_by_cursor.{name}"
            for name in ("find_movies_from", "find_watchlists_from")
        ),
        "cinema.api.movies.find_movie",
        "cinema.api.watchlists.find_watchlist",
    ]
    patches = ExitStack()
    for name in finders:
        patches.enter_context(mock.patch(name, stop))
    for model in (Movie, Watchlist):
        patches.enter_context(mock.patch.object(model, "serialize", stop))
    return patches


def nobody_there():
    """Return the URL of a cache on a port where nobody listens."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{server.getsockname()[1]}/0"
