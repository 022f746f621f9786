"""4.d Large projects: what `http/` does for them in any Flask project; no cinema is needed."""

from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace
from unittest import TestCase

from cinema.http import idempotency, problems, rate_limits, request_id
from cinema.http.deprecation import deprecable
from cinema.http.idempotency import InFlight, KeyReused, idempotent
from cinema.http.json_body import json_object
from cinema.http.negotiation import JSON, offer
from cinema.http.problems import problem
from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import Conflict, UnprocessableEntity


class Store:
    """Keeps answers in memory; `data/kept_answers.py` does it with a database."""

    def __init__(self):
        self.answers = {}

    def find_or_begin(self, client, key, fingerprint):
        is_new = (client, key) not in self.answers
        begun = SimpleNamespace(fingerprint=fingerprint, status=0)
        return self.answers.setdefault((client, key), begun), is_new

    def keeping(self):
        return nullcontext()

    def forget(self, kept):
        self.answers = {key: each for key, each in self.answers.items() if each is not kept}


def make_version(name):
    version = deprecable(Blueprint(name, __name__))
    offer(version, JSON)

    @version.get("/notes")
    def list_notes():
        return {"notes": current_app.config["NOTES"]}

    @version.post("/notes")
    @idempotent
    def create_note():
        current_app.logger.warning("A note comes in.")
        current_app.config["NOTES"].append(json_object()["text"])
        return {"request": request_id.request_id()}, 201

    return version


def make_app():
    app, dates = Flask("notes"), {"deprecated": datetime(2030, 1, 1, tzinfo=UTC)}
    app.config.from_mapping(NOTES=[], RATE_LIMIT="9 per minute", FAILED_LOGINS="9 per minute")
    app.config["CACHE_URL"] = None
    for part in (problems, request_id, rate_limits):
        part.init_app(app)
    idempotency.init_app(app, store=Store(), client=lambda: request.remote_addr)
    app.register_error_handler(InFlight, lambda error: problem(Conflict(str(error))))
    app.register_error_handler(KeyReused, lambda error: problem(UnprocessableEntity(str(error))))
    sunset = datetime(2031, 1, 1, tzinfo=UTC)
    app.register_blueprint(
        make_version("v1"), url_prefix="/v1", successor="v2", sunset=sunset, **dates
    )
    app.register_blueprint(make_version("v2"), url_prefix="/v2")
    return app


class LargeProjectTestCase(TestCase):
    def setUp(self):
        self.app = make_app()
        self.client = self.app.test_client()
        self.enterContext(self.assertLogs(self.app.logger))
        self.app.logger.warning("The log is not empty.")

    def create(self, text="Buy milk.", key="1", address="192.0.2.1"):
        return self.client.post(
            "/v2/notes",
            json={"text": text} if text else {},
            headers={"Idempotency-Key": key},
            environ_overrides={"REMOTE_ADDR": address},
        )


class IdempotencyTest(LargeProjectTestCase):
    def test_retry_gives_the_first_answer_and_does_nothing(self):
        first, retry = self.create(), self.create()

        self.assertEqual((first.status_code, retry.status_code), (201, 201))
        self.assertEqual(retry.data, first.data)
        self.assertEqual(self.app.config["NOTES"], ["Buy milk."])

    def test_key_that_comes_with_another_request_is_422(self):
        self.create("Buy milk.")

        self.assertEqual(self.create("Buy bread.").status_code, 422)

    def test_key_whose_request_is_not_answered_yet_is_409(self):
        self.create()
        store, _ = self.app.extensions["idempotency"]
        for kept in store.answers.values():
            kept.status = 0

        self.assertEqual(self.create().status_code, 409)

    def test_request_that_failed_frees_its_key(self):
        failed = self.create(text="")

        self.assertEqual((failed.status_code, self.create().status_code), (500, 201))

    def test_keys_of_two_clients_do_not_meet(self):
        self.create(address="192.0.2.1")

        self.assertEqual(self.create("Buy bread.", address="192.0.2.2").status_code, 201)


class RateLimitTest(LargeProjectTestCase):
    def ask(self, address):
        return self.client.get("/v2/notes", environ_overrides={"REMOTE_ADDR": address})

    def test_who_asks_too_often_is_told_when_to_ask_again(self):
        *answers, refused = [self.ask("192.0.2.1") for _ in range(10)]

        self.assertEqual({answer.status_code for answer in answers}, {200})
        self.assertEqual(refused.status_code, 429)
        self.assertIn(int(refused.headers.get("Retry-After", 0)), range(1, 61))

    def test_another_address_has_a_limit_of_its_own(self):
        for _ in range(10):
            self.ask("192.0.2.1")

        self.assertEqual(self.ask("192.0.2.2").status_code, 200)


class DeprecationTest(LargeProjectTestCase):
    def test_old_version_says_until_when_it_stays_and_what_follows(self):
        headers = self.client.get("/v1/notes").headers

        self.assertEqual(headers.get("Deprecation"), "@1893456000")
        self.assertEqual(headers.get("Sunset"), "Wed, 01 Jan 2031 00:00:00 GMT")
        self.assertEqual(headers.get("Link"), '</v2/notes>; rel="successor-version"')

    def test_current_version_announces_no_end(self):
        headers = self.client.get("/v2/notes").headers

        self.assertEqual({"Deprecation", "Sunset", "Link"} & set(headers.keys()), set())


class RequestIdTest(LargeProjectTestCase):
    def test_number_of_a_request_is_in_the_answer_and_in_the_log(self):
        with self.assertLogs(self.app.logger) as log:
            response = self.create()

        self.assertIn(f"[request {response.json.get('request')}] A note", log.output[0])
