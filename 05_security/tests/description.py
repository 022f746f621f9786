"""What the tests of the API description read: operations, examples, schemas of `openapi.yaml`."""

import re
from collections import namedtuple
from functools import cache
from pathlib import Path

import cinema
import yaml
from openapi_schema_validator import OAS31Validator, oas31_format_checker

from tests import ALICE, PASSWORD, ApiTestCase

HOST = "http://127.0.0.1:8004"  # as the description has it
FRIDAY = {"title": "For Friday", "movies": [3, 1]}
SECRET = {"title": "Not for you", "private": True}


class Operation(namedtuple("Operation", "method path definition")):
    @property
    def name(self):
        """What it is called in REQUESTS, where versions make no difference."""
        return f"{self.method} {re.sub('^/v[12]', '', self.path)}"


class Ask:
    """What a request brings besides its operation; `before` are requests that come first."""

    def __init__(self, headers=(), path=(), before=(), **arguments):
        self.headers, self.path, self.before = dict(headers), dict(path), before
        self.arguments = arguments


LOG_IN = ("POST", "/v1/session", {"json": {"name": "alice", "password": PASSWORD}})
IMPORTING = {"name": "Nightly import", "scopes": ["movies:write"]}


def text():
    path = Path(cinema.__file__).parent / "api" / "openapi.yaml"
    return path.read_text(encoding="utf-8")


@cache
def description():
    return yaml.safe_load(text())


def nodes(*values):
    """Yield all mappings in these values, at any depth."""
    for value in values:
        if isinstance(value, dict):
            yield value
            yield from nodes(*value.values())
        elif isinstance(value, list):
            yield from nodes(*value)


def resolved(node):
    """Return what a reference refers to; what is none stays as it is."""
    while "$ref" in node:
        name = node["$ref"].removeprefix("#/components/").split("/")
        node = description()["components"][name[0]][name[1]]
    return node


def operations():
    for path, item in description()["paths"].items():
        for method, definition in item.items():
            if method != "parameters":
                parameters = [*item.get("parameters", []), *definition.get("parameters", [])]
                whole = definition | {"parameters": list(map(resolved, parameters))}
                yield Operation(method.upper(), path, whole)


def responses(operation):
    """Return how each status is described; a status is a number here."""
    described = operation.definition["responses"]
    return {int(status): resolved(response) for status, response in described.items()}


def examples(described):
    """Return the examples of a body, with their summaries."""
    if "example" in described:
        return [("", described["example"])]
    named = map(resolved, described.get("examples", {}).values())
    return [(example.get("summary", ""), example["value"]) for example in named]


def mistakes(schema, value):
    """Return what is wrong with a value, as its schema sees it."""
    whole = schema | {"components": description()["components"]}
    errors = OAS31Validator(whole, format_checker=oas31_format_checker).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]


def names(response):
    return {name for name, _ in response.headers}


class ContractTestCase(ApiTestCase):
    """Speaks with the API as the description says, about what alice has.

    These are the watchlists `friday` and `secret`, and a token.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        client = cls.app.test_client()
        for name, watchlist in {"friday": FRIDAY, "secret": SECRET}.items():
            client.put(f"/v1/watchlists/{name}", json=watchlist, headers=ALICE)
        client.post("/v1/tokens", json=IMPORTING, headers=ALICE)
        cls.snapshot = cls.database.serialize()

    def ask(self, operation, ask, accept=()):
        """Send a request that is right but for what it asks otherwise."""
        self.setUp()
        headers = self.credentials(operation) | dict(accept)
        for method, url, arguments in ask.before:
            said = self.client.open(url, method=method, base_url=HOST, **arguments)
            if url.endswith("/session"):
                headers["X-CSRF-Token"] = said.json["csrf_token"]
        parameters = operation.definition["parameters"]
        path = {each["name"]: each["example"] for each in parameters if each["in"] == "path"}
        return self.client.open(
            operation.path.format(**path | ask.path),
            method=operation.method,
            base_url=HOST,
            headers=headers | ask.headers,
            **(ask.arguments or self.body(operation)),
        )

    def credentials(self, operation):
        """Be alice wherever somebody is wanted, but not where a cookie is what it is about."""
        schemes = [scheme for choice in operation.definition["security"] for scheme in choice]
        wanted = {} not in operation.definition["security"]
        return ALICE if wanted and "basic" in schemes else {}

    def body(self, operation):
        if "requestBody" not in operation.definition:
            return {}
        if operation.path.endswith("/session"):
            return LOG_IN[2]
        media_type, body = next(iter(operation.definition["requestBody"]["content"].items()))
        (_, example), *_ = examples(body)
        return {"json": example, "content_type": media_type}
