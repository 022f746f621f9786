"""The API against its own description: requests by the hundred that nobody has thought of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from course import start

pytestmark = pytest.mark.needs_servers

SCHEMATHESIS = "schemathesis.cli run --checks all --continue-on-failure --no-color"
WITHOUT_LIMITS = dict.fromkeys(("RATE_LIMIT", "FAILED_LOGINS"), "1000000 per minute")
QUICK_HASHES = {  # each request has the password checked
    "PASSWORD_METHOD": "pbkdf2:sha256:1",
    "ARGON2_MEMORY_COST": 8,
    "ARGON2_TIME_COST": 1,
}


@pytest.fixture(params=["4", "5"])
def api(request):
    with start(request.param, **WITHOUT_LIMITS, **QUICK_HASHES) as api:
        friday = {"title": "For Friday", "movies": [3, 1]}  # the examples are about it
        alice = {"auth": ("alice", api.password), "verify": authority(api)}
        requests.put(f"{api}/v1/watchlists/friday", json=friday, **alice).raise_for_status()
        yield api


def authority(api):
    """Return whom to trust: a file, or True for a chapter without TLS."""
    return api.ca if api.chapter.has_tls else True


@pytest.fixture
def schemathesis(api, tmp_path):
    """Run schemathesis on the API, and fail with all that it has to say."""
    command = [
        *(sys.executable, "-m", *SCHEMATHESIS.split()),
        f"--tls-verify={authority(api)}",
    ]
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parent),
        "SCHEMATHESIS_HOOKS": "contract_hooks",
    }

    def run(*options):
        done = subprocess.run(
            [*command, *options, f"{api}/openapi.yaml"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_api_keeps_its_contract_with_alice(api, schemathesis):
    alice = f"--auth=alice:{api.password}"

    schemathesis(alice, "--exclude-checks=ignored_auth", "--max-examples=10")


def test_api_keeps_its_contract_with_strangers(schemathesis):
    schemathesis("--phases=examples,fuzzing,stateful", "--max-examples=5")
