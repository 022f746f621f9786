"""Chapter 5 on PostgreSQL: its whole suite, on two servers, and its API over a socket."""

import os
import re
import subprocess
import sys

import psycopg
import pytest
import requests

from course import database_server
from course.serving.server import Api
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

PASSWORD = "the password of the tests"
METROPOLIS = {"title": "Metropolis", "director": "Fritz Lang", "year": 1927, "runtime": 153}


@pytest.fixture(scope="module")
def servers():
    """The URLs of two servers: for what everybody may read, and for what proves who somebody is."""
    with database_server() as main, database_server() as credentials:
        yield main, credentials


@pytest.fixture(scope="module")
def api(servers):
    main, credentials = servers
    with Api(
        find_chapter("5"),
        {
            "DATABASE_URL": main.url.replace("postgresql://", "postgres://"),
            "CREDENTIALS_DATABASE_URL": credentials.url,
            "AUTH_SERVICE_DATABASE_URL": credentials.url,
            "CINEMA_PASSWORD": PASSWORD,
        },
    ) as api:
        yield api


def test_whole_suite_of_chapter_5_passes(servers):
    main, credentials = servers
    urls = {"TEST_DATABASE_URL": main, "TEST_CREDENTIALS_DATABASE_URL": credentials}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "unittest"],
        cwd=find_chapter("5").folder,
        env=os.environ | urls,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    told = done.stderr[-5000:]
    assert done.returncode == 0, told
    number = int(re.search(r"^Ran (\d+) tests", told, re.MULTILINE)[1])
    skipped = int(re.search(r"skipped=(\d+)", told)[1])
    assert number > 900
    assert skipped < 30, "a test that is skipped here must be about SQLite itself"
    with psycopg.connect(main) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'")
        assert left.fetchall() == [], "the suite should take its databases away"


def test_what_one_request_writes_the_next_reads(api):
    alice = {"auth": ("alice", PASSWORD), "verify": api.ca}

    created = requests.post(f"{api}/v1/movies", json=METROPOLIS, **alice)
    found = requests.get(api + created.headers["Location"], **alice)
    watchlist = requests.put(
        f"{api}/v1/watchlists/x", json={"title": "X", "movies": [created.json()["id"]]}, **alice
    )

    assert (created.status_code, watchlist.status_code) == (201, 201)
    assert found.json() == created.json()
    assert created.json()["id"] == 660


def test_first_database_holds_no_password_and_the_second_no_movie(api, servers):
    main, credentials = (tables_and_columns(url) for url in servers)

    assert "movie.title" in main
    assert {name for name in main if "password" in name or "signing_key" in name} == set()
    assert {"credential.password_hash", "credential.signing_key"} <= credentials
    assert not any(name.startswith("movie.") for name in credentials)


def tables_and_columns(url):
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        return {name for (name,) in rows}


def test_nobody_enters_without_the_password(servers):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(re.sub(":[^:]+@", ":wrong@", servers[0].url))


def test_server_ends_and_leaves_nothing():
    with database_server() as server:
        folder = server.child.log.parent
        assert folder.exists()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url, connect_timeout=2)


def test_it_runs_from_a_course_that_only_root_can_enter(monkeypatch):
    monkeypatch.setattr("course.production.postgres.everybody_can_run", lambda _file: False)

    with database_server() as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
