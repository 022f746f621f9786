"""6.5 The contract: schemathesis makes requests of openapi.yaml, and holds the answers against it.

What the description says is tried, the good and the bad: for each operation requests that keep its
schemas, and must be served, and requests that break them, and must be refused.
"""

import re
from collections import Counter

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from . import ALICE, PASSWORD, ApiTestCase
from .examples import EXAMPLES
from .routes import routes_of

FEW = settings(EXAMPLES, max_examples=2, suppress_health_check=list(HealthCheck))
THERE = {"movie_id": 3, "name": "friday", "token_id": 1}  # else nearly all answers would be 404
JUDGEMENTS = (positive_data_acceptance, negative_data_rejection)  # of good and of bad requests


def make_likely(case):
    """Put in what no schema can know, without which most requests would end early."""
    body = case.body if isinstance(case.body, dict) else {}
    if isinstance(body.get("movies"), list):
        body["movies"] = list(range(1, min(len(body["movies"]), 3) + 1))
    if case.path.endswith("/session"):
        body |= {"name": "alice", "password": PASSWORD}
    if case.path.endswith("/password"):
        body["current"] = PASSWORD


def is_excused(case, response):
    """Tell whether a good request is refused for a reason that only words can give."""
    reasons = response.json().get("errors", {}) if response.status_code == 400 else {}
    return (
        response.status_code == 412  # a condition is looked at before the body is
        or reasons.keys() == {"cursor"}  # which nobody can make up
        or reasons.keys() == {"new"}  # a password that is guessed first
    )


class ContractTest(ApiTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schema = schemathesis.openapi.from_wsgi("/openapi.yaml", cls.app)
        cls.schema.config.generation.codec = None  # else a second goes by to find what UTF-8 has
        cls.operations = [found.ok() for found in cls.schema.get_all_operations()]
        client = cls.app.test_client()
        friday = {"title": "Friday", "movies": [3, 1]}
        client.put("/v1/watchlists/friday", json=friday, headers=ALICE)
        token = {"name": "on my shelf", "scopes": ["watchlists:read"]}
        client.post("/v1/tokens", json=token, headers=ALICE)
        client.post("/v1/signing-key", headers=ALICE)
        login = client.post("/v1/session", json={"name": "alice", "password": PASSWORD})
        cls.session = {
            "headers": {"X-CSRF-Token": login.json["csrf_token"]},
            "cookies": {"session": client.get_cookie("session").value},
        }
        cls.snapshot = cls.database.serialize()  # each request finds all that

    def test_each_operation_serves_what_keeps_its_schema(self):
        for operation in self.operations:
            with self.subTest(operation.label):
                statuses = self.try_out(operation, GenerationMode.POSITIVE)

                self.assertTrue(
                    any(status < 300 for status in statuses),
                    f"nothing was served, so little was tried: {dict(statuses)}",
                )

    def test_each_operation_refuses_what_breaks_its_schema(self):
        for operation in self.operations:
            if operation.body or operation.query:
                with self.subTest(operation.label):
                    self.try_out(operation, GenerationMode.NEGATIVE)

    def test_strangers_are_refused_as_the_contract_says(self):
        for operation in self.operations:
            with self.subTest(operation.label):
                self.try_out(operation, GenerationMode.POSITIVE, stranger=True)

    def test_both_versions_are_in_the_contract(self):
        described = {f"{o.method.upper()} {o.path}" for o in self.operations}
        routes = {
            re.sub("<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", route)
            for route in routes_of(self.app.url_map)
        }
        files = {route for route in routes if route.startswith("GET /docs/")}
        itself = {"GET /openapi.yaml"}  # schemathesis does not ask again for what it has
        self.assertEqual(described, routes - files - itself)

    def try_out(self, operation, mode, stranger=False):
        """Send some requests, check each answer, and return how often each status came."""
        statuses = Counter()
        names = {parameter.name for parameter in operation.path_parameters}
        there = {name: THERE[name] for name in names & THERE.keys()} or None

        @FEW
        @given(operation.as_strategy(generation_mode=mode, path_parameters=there))
        def each(case):
            self.begin_again()
            if mode is GenerationMode.POSITIVE:
                make_likely(case)
            credentials = {} if stranger else self.credentials(case)
            response = case.call(**credentials)
            statuses[response.status_code] += 1
            excluded = list(JUDGEMENTS if stranger or is_excused(case, response) else ())
            if not stranger:
                excluded.append(ignored_auth)  # the other test is about that
            case.validate_response(response, excluded_checks=excluded)

        each()
        return statuses

    def credentials(self, case):
        return self.session if case.path.endswith("/session") else {"headers": ALICE}
