"""Chapter 4 against its own description: requests by the hundred that nobody has thought of."""

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


@pytest.fixture
def api():
    with start("4", **WITHOUT_LIMITS) as api:
        friday = {"title": "For Friday", "movies": [3, 1]}  # the examples are about it
        url = f"{api}/v1/watchlists/friday"
        requests.put(url, json=friday, auth=("alice", api.password)).raise_for_status()
        yield api


@pytest.fixture
def schemathesis(api, tmp_path):
    """Run schemathesis on the API, and fail with all that it has to say."""
    environment = os.environ | {
        "PYTHONPATH": str(Path(__file__).parent),
        "SCHEMATHESIS_HOOKS": "contract_hooks",
    }

    def run(*options):
        done = subprocess.run(
            [sys.executable, "-m", *SCHEMATHESIS.split(), *options, f"{api}/openapi.yaml"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def test_api_keeps_its_contract_with_alice(api, schemathesis):
    """Leave wrong passwords to the other test: each costs the API a third of a second."""
    alice = f"--auth=alice:{api.password}"

    schemathesis(alice, "--exclude-checks=ignored_auth", "--max-examples=10")


def test_api_keeps_its_contract_with_strangers(schemathesis):
    schemathesis("--phases=examples,fuzzing,stateful", "--max-examples=5")
