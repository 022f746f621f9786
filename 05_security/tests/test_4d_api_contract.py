"""4.d Large projects: the API answers as `openapi.yaml` says, and in no other way."""

import json
from collections import defaultdict, namedtuple
from unittest.mock import Mock, patch

from cinema.users.tokens import MOST_TOKENS
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from tests import ALICE, BOB, KITTY_FOYLE, METROPOLIS, PASSWORD, REBECCA, basic
from tests.description import (
    Ask,
    ContractTestCase,
    examples,
    mistakes,
    names,
    operations,
    resolved,
    responses,
)

OF_EVERY_MESSAGE = {  # what no description names
    *("Content-Length", "Content-Type", "Date"),
    *("Referrer-Policy", "X-Content-Type-Options"),
}
DIFFERENT_EACH_TIME = ("csrf_token", "instance", "key", "ending", "created", "expires")
NOBODY = basic("alice", "a wrong password")
TOKEN = {"Authorization": "Bearer x"}
WHAT_TOKENS_SAY = {"sub": "alice", "client_id": "a-client", "scope": ""}
MINIMAL, REPRESENTATION = ({"Prefer": f"return={wish}"} for wish in ("minimal", "representation"))
Answer = namedtuple("Answer", "operation status described response")
TROUBLE = {
    429: TooManyRequests("Ask again in 60 seconds.", retry_after=60),
    500: RuntimeError("a fault of ours"),
    503: OperationalError("", {}, Exception("database is locked")),
}
BY_STATUS = {  # what is answered so by all operations that can be
    304: [Ask({"If-None-Match": "*"})],
    401: [Ask({"Authorization": ""}), Ask(NOBODY)],
    406: [Ask({"Accept": "image/png"})],
    412: [Ask({"If-Match": '"0-json"'})],
    413: [Ask(data=b" " * 70_000, content_type="application/json")],
    415: [Ask(data=b"{}", content_type="text/plain"), Ask({"Content-Encoding": "gzip"}, json={})],
}
LOG_IN = ("POST", "/v1/session", {"json": {"name": "alice", "password": PASSWORD}})
TAKE_KEY = ("POST", "/v1/signing-key", {"headers": ALICE})
POST_ONCE = (
    "POST",
    "/v1/movies",
    {"headers": ALICE | {"Idempotency-Key": "1"}, "json": METROPOLIS},
)
IMPORTING = {"name": "Nightly import", "scopes": ["movies:write"]}
TAKE_TOKEN = ("POST", "/v1/tokens", {"headers": ALICE, "json": IMPORTING})
CLEAR_FRIDAY = ("DELETE", "/v1/watchlists/friday", {"headers": ALICE})
READ_WITHOUT_NEED = {401: [Ask(NOBODY)]}
CHANGE_MOVIE = {
    204: [Ask(MINIMAL)],
    400: [Ask(json=[]), Ask(json=METROPOLIS | {"year": "1927"})],
    403: [Ask(BOB), Ask(TOKEN)],
    404: [Ask(path={"movie_id": 999})],
    409: [Ask(json=METROPOLIS | {"imdb_id": KITTY_FOYLE["imdb_id"]})],
}
CHANGE_WATCHLIST = {
    204: [Ask(MINIMAL)],
    400: [Ask(json=[])],
    403: [Ask(BOB), Ask(TOKEN)],
    404: [Ask(BOB, path={"name": "secret"})],
}
FOR_ALL = ("/", "/.well-known/oauth-protected-resource", "/openapi.yaml", "/docs", "/errors")
REQUESTS = {  # what is answered so by one operation, in both versions
    **{f"GET {path}": READ_WITHOUT_NEED for path in (*FOR_ALL, "/context", "/documentation")},
    "GET /errors/{slug}": READ_WITHOUT_NEED | {404: [Ask(path={"slug": "no-such-error"})]},
    "GET /movies": READ_WITHOUT_NEED | {400: [Ask(query_string="per_page=0")]},
    "POST /movies": CHANGE_MOVIE
    | {
        201: [Ask(), Ask(MINIMAL)],
        422: [Ask({"Idempotency-Key": "1"}, json={}, before=[POST_ONCE])],
    },
    "GET /movies/{movie_id}": READ_WITHOUT_NEED
    | {400: [Ask(query_string="serialize=perhaps")], 404: [Ask(path={"movie_id": 999})]},
    "PUT /movies/{movie_id}": CHANGE_MOVIE
    | {200: [Ask(json={name: REBECCA[name] for name in METROPOLIS})]},
    "PATCH /movies/{movie_id}": CHANGE_MOVIE | {200: [Ask(REPRESENTATION, json={})]},
    "DELETE /movies/{movie_id}": CHANGE_MOVIE | {200: [Ask(REPRESENTATION)]},
    "GET /watchlists": READ_WITHOUT_NEED | {400: [Ask(query_string="per_page=0")]},
    "GET /watchlists/{name}": READ_WITHOUT_NEED | {404: [Ask(path={"name": "secret"})]},
    "PUT /watchlists/{name}": CHANGE_WATCHLIST
    | {201: [Ask(before=[CLEAR_FRIDAY]), Ask(MINIMAL, before=[CLEAR_FRIDAY])]},
    "PATCH /watchlists/{name}": CHANGE_WATCHLIST | {200: [Ask(json={})]},
    "DELETE /watchlists/{name}": CHANGE_WATCHLIST | {200: [Ask(REPRESENTATION)]},
    "POST /session": {
        400: [Ask(json={"name": "alice"})],
        401: [Ask(json={"name": "alice", "password": "wrong"})],
        403: [Ask({"Origin": "http://evil.example"})],
    },
    "GET /session": {200: [Ask(before=[LOG_IN])]},
    "DELETE /session": {
        204: [Ask(before=[LOG_IN])],
        401: [Ask(NOBODY, before=[LOG_IN])],
        403: [Ask({"X-CSRF-Token": ""}, before=[LOG_IN])],
        412: [Ask({"If-Match": '"0-json"'}, before=[LOG_IN])],
    },
    "POST /signing-key": {403: [Ask(TOKEN)]},
    "GET /signing-key": {200: [Ask(before=[TAKE_KEY])], 403: [Ask(TOKEN)]},
    "DELETE /signing-key": {
        204: [Ask(before=[TAKE_KEY])],
        403: [Ask(TOKEN)],
        412: [Ask({"If-Match": '"0-json"'}, before=[TAKE_KEY])],
    },
    "PUT /password": {
        204: [Ask(MINIMAL)],
        400: [Ask(json=[]), Ask(json={"current": PASSWORD, "new": "7 chars"})],
        403: [Ask(TOKEN)],
    },
    "POST /tokens": {
        400: [Ask(json=[]), Ask(json=IMPORTING | {"days": 0})],
        403: [Ask(TOKEN)],
        409: [Ask(before=[TAKE_TOKEN] * MOST_TOKENS)],
    },
    "GET /tokens": {403: [Ask(TOKEN)]},
    "DELETE /tokens": {200: [Ask(REPRESENTATION)], 403: [Ask(TOKEN)]},
    "GET /tokens/{token_id}": {403: [Ask(TOKEN)], 404: [Ask(path={"token_id": 999})]},
    "DELETE /tokens/{token_id}": {
        200: [Ask(REPRESENTATION)],
        403: [Ask(TOKEN)],
        404: [Ask(path={"token_id": 999})],
    },
}


def questions(described):
    """Return requests for the examples of a list, whose summaries are their questions."""
    bodies = described.get("content", {}).values()
    asked = {summary for body in bodies for summary, _ in examples(body) if summary[:1] == "?"}
    return [Ask(query_string=question[1:]) for question in sorted(asked)] or [Ask()]


def made_before(operation):
    """Return the requests that make what is there only if somebody has made it."""
    made = {"session": [LOG_IN], "signing-key": [TAKE_KEY]}
    return made.get(operation.path.rpartition("/")[2], [])


def ask_with(parameter, before=()):
    """Return a request in which the example of a parameter stands, wherever it belongs."""
    name, value = parameter["name"], parameter["example"]
    return {
        "header": Ask({name: str(value)}, before=before),
        "path": Ask(path={name: value}),
        "query": Ask(query_string={name: json.dumps(value).strip('"')}),
    }[parameter["in"]]


def comparable(body):
    """Return a body as it is in version 1 and each time."""
    if isinstance(body, dict):
        body = {name: body[name] for name in body if name not in DIFFERENT_EACH_TIME}
    return json.dumps(body, sort_keys=True).replace("/v2/", "/v1/")


class AnswersTest(ContractTestCase):
    """Asks each operation for each of the answers that it is described to have."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        asking = cls()
        with patch("cinema.users.authentication.oauth.read_token", return_value=WHAT_TOKENS_SAY):
            cls.answers = [
                Answer(operation, status, described, response)
                for operation in operations()
                for status, described in responses(operation).items()
                for response in asking.get_answers(operation, status, described)
            ]

    def get_answers(self, operation, status, described):
        """Ask for an answer in each way that leads to it, in each of its media types."""
        if status in TROUBLE:
            trouble = Mock(side_effect=TROUBLE[status])
            views = dict.fromkeys(self.app.view_functions, trouble)
            with patch.dict(self.app.view_functions, views), patch.object(self.app.logger, "error"):
                yield self.ask(operation, Ask())
        elif status == 428:
            with patch.dict(self.app.config, REQUIRE_IF_MATCH=True):
                yield self.ask(operation, Ask())
        else:
            asks = REQUESTS.get(operation.name, {}).get(status) or BY_STATUS.get(status)
            for ask in asks or questions(described):
                for media_type in described.get("content", [""]) if status < 300 else [""]:
                    yield self.ask(operation, ask, {"Accept": media_type} if media_type else {})

    def about(self, answer):
        return self.subTest(f"{answer.status} to {answer.operation.method} {answer.operation.path}")

    def test_every_status_that_is_described_is_given(self):
        for answer in self.answers:
            with self.about(answer):
                self.assertEqual(answer.response.status_code, answer.status, answer.response.text)

    def test_bodies_are_as_described(self):
        for answer in self.answers:
            if answer.response.is_json:
                with self.about(answer):
                    body = answer.described["content"][answer.response.mimetype]
                    self.assertEqual(mistakes(body["schema"], answer.response.json), [])

    def test_body_is_there_if_one_is_described_unless_the_client_prefers_none(self):
        for answer in self.answers:
            with self.about(answer):
                unwanted = answer.response.headers.get("Preference-Applied") == "return=minimal"
                if "content" in answer.described and not unwanted:
                    self.assertIn(answer.response.mimetype, answer.described["content"])
                else:
                    self.assertEqual((answer.response.data, answer.response.mimetype), (b"", None))

    def test_every_header_that_is_sent_is_described(self):
        for answer in self.answers:
            with self.about(answer):
                sent = names(answer.response) - OF_EVERY_MESSAGE
                self.assertLessEqual(sent, answer.described["headers"].keys())

    def test_every_header_that_must_be_sent_is_sent(self):
        for answer in self.answers:
            with self.about(answer):
                headers = answer.described["headers"].items()
                needed = {name for name, header in headers if resolved(header).get("required")}
                self.assertLessEqual(needed, names(answer.response))

    def test_headers_are_as_described(self):
        for answer in self.answers:
            with self.about(answer):
                for name, header in answer.described["headers"].items():
                    for value in answer.response.headers.getlist(name):
                        schema = resolved(header)["schema"]
                        number = schema.get("type") == "integer"
                        self.assertEqual(mistakes(schema, int(value) if number else value), [])

    def test_every_header_that_is_described_is_sent_at_times(self):
        described = {name for answer in self.answers for name in answer.described["headers"]}

        sent = {name for answer in self.answers for name in names(answer.response)}

        self.assertEqual(described - sent, set())

    def test_version_1_is_deprecated_and_nothing_else(self):
        for answer in self.answers:
            if answer.status != 304:  # which says as little as it may
                with self.about(answer):
                    deprecated = answer.operation.path.startswith("/v1/")
                    self.assertEqual("Deprecation" in answer.response.headers, deprecated)

    def test_every_media_type_that_is_described_is_given(self):
        described = {
            (answer.operation.name, answer.status, media_type)
            for answer in self.answers
            for media_type in answer.described.get("content", ())
        }

        given = {
            (answer.operation.name, answer.status, answer.response.mimetype)
            for answer in self.answers
        }

        self.assertEqual(described - given, set())

    def test_every_example_of_an_answer_is_one_that_was_given(self):
        given = defaultdict(set)  # by status, to one operation, and to anybody's
        for answer in self.answers:
            body = answer.response.json if answer.response.is_json else answer.response.text
            for name in (answer.operation.name, "an error"):
                given[name, answer.status].add(comparable(body))
        for answer in self.answers:
            name = answer.operation.name if answer.status < 400 else "an error"
            for body in answer.described.get("content", {}).values():
                for _, example in examples(body):
                    with self.about(answer):
                        self.assertIn(comparable(example), given[name, answer.status])


class ExamplesTest(ContractTestCase):
    def test_every_example_of_a_body_is_accepted(self):
        for operation in operations():
            bodies = operation.definition.get("requestBody", {}).get("content", {})
            for media_type, body in bodies.items():
                for _, example in examples(body):
                    with self.subTest(method=operation.method, path=operation.path, body=example):
                        response = self.ask(operation, Ask(json=example, content_type=media_type))

                        self.assertIn(response.status_code, (200, 201), response.text)

    def test_every_example_of_a_parameter_is_accepted(self):
        for operation in operations():
            for parameter in operation.definition["parameters"]:
                with self.subTest(path=operation.path, parameter=parameter["name"]):
                    response = self.ask(operation, ask_with(parameter, made_before(operation)))

                    self.assertLess(response.status_code, 300, response.text)

    def test_examples_are_as_their_schemas_say(self):
        for operation in operations():
            bodies = operation.definition.get("requestBody", {}).get("content", {}).values()
            parameters = operation.definition["parameters"]
            values = [(body["schema"], example) for body in bodies for _, example in examples(body)]
            values += [(parameter["schema"], parameter["example"]) for parameter in parameters]
            for schema, value in values:
                with self.subTest(path=operation.path, value=value):
                    self.assertEqual(mistakes(schema, value), [])


class SaidOfAllTest(ContractTestCase):
    """What the description says once, in words."""

    def test_options_allows_what_is_described_and_head_where_there_is_get(self):
        allowed = defaultdict(lambda: {"OPTIONS"})
        for operation in operations():
            allowed[operation.path] |= {operation.method}
            if operation.method == "GET":
                allowed[operation.path] |= {"HEAD"}
        for path, methods in allowed.items():
            with self.subTest(path=path):
                url = path.format(movie_id=3, name="friday", slug="conflict", token_id=1)

                response = self.client.options(url)

                self.assertEqual(response.status_code, 200)
                self.assertEqual(response.headers.get("Allow"), ", ".join(sorted(methods)))
                self.assertEqual("Accept-Patch" in response.headers, "PATCH" in methods)

    def test_head_has_the_headers_of_get(self):
        for operation in operations():
            if operation.method == "GET":
                with self.subTest(path=operation.path):
                    get = self.ask(operation, Ask())

                    head = self.ask(operation._replace(method="HEAD"), Ask())

                    self.assertEqual(head.status_code, get.status_code)
                    self.assertEqual(names(head), names(get))

    def test_other_methods_are_problems_too(self):
        problem = {"$ref": "#/components/schemas/Problem"}
        for method, status in {"TRACE": 405, "PUT": 405, "BREW": 501}.items():
            with self.subTest(method=method):
                response = self.client.open("/v2/movies", method=method)

                self.assertEqual(response.status_code, status)
                self.assertEqual(mistakes(problem, response.json), [])
