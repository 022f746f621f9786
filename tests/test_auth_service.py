"""Chapter 5's API and its authentication service, each in a process of its own."""

import os
import subprocess
import sys

import pytest
import requests

from course import start

pytestmark = pytest.mark.slow

SECRET = "the secret between the two processes"
NEW = "a sled named Rosebud"


@pytest.fixture
def api():
    with start("5", AUTH_SERVICE_SECRET=SECRET, ARGON2_TIME_COST=1) as api:
        yield api


def get(api, password, name="alice"):
    return requests.get(f"{api}/v1/movies/3", auth=(name, password), verify=api.ca, timeout=20)


def files_of(api, name):
    return b"".join(file.read_bytes() for file in api.database.parent.glob(f"{name}.db*"))


def run_command(api, *words):
    """Run a command of the API in a third process, which knows what the API knows."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{api.database.as_posix()}",
        "AUTH_SERVICE_URL": api.auth_service,
        "AUTH_SERVICE_SECRET": SECRET,
    }
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "cinema", *words],
        cwd=api.chapter.folder,
        env=environment,
        check=True,
        timeout=60,
        capture_output=True,
    )


def test_service_has_the_passwords_and_the_api_has_none(api):
    assert get(api, api.password).status_code == 200
    assert get(api, "a wrong guess").status_code == 401

    secrets = api.password.encode(), b"argon2", b"a wrong guess"
    assert not [secret for secret in secrets if secret in files_of(api, "cinema")]
    assert b"argon2" in files_of(api, "auth_service"), "else we look wrongly"
    assert not list(api.database.parent.glob("credentials.db*"))
    logs = api.log + api.auth_service.log
    assert "POST /verifications" in logs
    assert not [secret for secret in (api.password, "a wrong guess", SECRET) if secret in logs]


def test_change_by_another_process_is_known_at_once(api):
    assert get(api, api.password).status_code == 200  # and remembered for a minute

    run_command(api, "set-password", "alice", "--password", NEW)

    assert get(api, api.password).status_code == 401
    assert get(api, NEW).status_code == 200


def test_service_that_is_gone_is_a_503_and_no_crash(api):
    api.auth_service.stop()

    response = get(api, api.password)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    movies = requests.get(f"{api}/v1/movies", verify=api.ca, timeout=20)
    assert movies.status_code == 200, "who needs no password does not notice"


def test_stranger_gets_nothing_out_of_the_service(api):
    url = f"{api.auth_service}/users/alice/password"

    response = requests.put(url, json={"password": "taken over"}, timeout=20)

    assert response.status_code == 401
    assert get(api, api.password).status_code == 200
