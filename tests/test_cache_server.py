"""The application cache of chapter 4 in a real server, which several processes share."""

import pytest
import redis
import requests

from course import cache_server
from course.serving.server import Api
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

REBECCA = "/v1/movies/3"
PASSWORD = "the password of the tests"
LIMIT = 1000  # requests in a minute


class Front:
    """One of the processes that answer for the same host, as if a gateway had chosen it."""

    def __init__(self, api):
        self.api = api

    def ask(self, method, path, **options):
        headers = {"Host": "cinema.example"}
        response = requests.request(method, self.api + path, headers=headers, **options)
        response.raise_for_status()
        return response

    def get(self, path):
        return self.ask("GET", path)

    def change(self, path, **members):
        return self.ask("PATCH", path, json=members, auth=("alice", PASSWORD))


@pytest.fixture(scope="module")
def cache():
    with cache_server() as cache:
        yield cache


@pytest.fixture(scope="module")
def fronts(cache):
    """Two processes with one database and one cache."""
    settings = {
        "CACHE_URL": cache.url,
        "CINEMA_PASSWORD": PASSWORD,
        "RATE_LIMIT": f"{LIMIT} per minute",
    }
    with Api(find_chapter("4"), settings) as first:
        database = {"DATABASE_URL": f"sqlite:///{first.database.as_posix()}"}
        with Api(find_chapter("4"), settings | database) as second:
            yield Front(first), Front(second)


@pytest.fixture
def kept(cache):
    """A client of the cache, in which nothing is kept."""
    with redis.from_url(cache.url) as kept:
        kept.flushall()
        yield kept


def answers_in(kept):
    return kept.keys("cinema:*")


def left(response):
    """Return how many requests are left, as RateLimit says."""
    return int(response.headers["RateLimit"].partition("r=")[2].partition(";")[0])


def test_what_one_process_has_answered_another_need_not_make(fronts, kept):
    first, second = fronts

    made = first.get(REBECCA)
    answers = answers_in(kept)
    found = second.get(REBECCA)

    assert len(answers) == 1
    assert answers_in(kept) == answers
    assert found.content == made.content
    assert found.headers["ETag"] == made.headers["ETag"]


def test_each_process_sees_at_once_what_the_other_has_written(fronts, kept):
    for runtime in range(200, 210):
        for writer, reader in (fronts, reversed(fronts)):
            reader.get(REBECCA)

            writer.change(REBECCA, runtime=runtime)

            assert reader.get(REBECCA).json()["runtime"] == runtime
            assert reader.get("/v1/movies").json()["movies"][2]["runtime"] == runtime


def test_answers_do_not_stay_for_ever(fronts, kept):
    fronts[0].get(REBECCA)

    seconds = [kept.ttl(key) for key in answers_in(kept)]

    assert len(seconds) == 1
    assert 0 < seconds[0] <= 300


def test_answer_that_nobody_can_read_is_made_anew(fronts, kept):
    whole = fronts[0].get(REBECCA).content
    for key in answers_in(kept):
        kept.set(key, b"!junk")

    again = fronts[0].get(REBECCA)

    assert again.content == whole


def test_requests_to_all_processes_are_counted_together(fronts, kept):
    counts = [left(front.get("/")) for front in (*fronts, *fronts)]

    assert counts == [LIMIT - 1, LIMIT - 2, LIMIT - 3, LIMIT - 4]


def test_death_of_the_cache_slows_but_does_not_break(fronts, kept, cache):
    """The last test: the cache does not come back."""
    first, second = fronts
    before = first.get(REBECCA).content

    cache.stop()

    assert first.get(REBECCA).content == before
    second.change(REBECCA, runtime=300)
    for front in fronts:
        response = front.get(REBECCA)
        assert response.json()["runtime"] == 300
        assert response.elapsed.total_seconds() < 2
        assert left(response) > LIMIT - 100
        assert "The cache does not answer" in front.api.log
