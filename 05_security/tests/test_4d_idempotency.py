"""4.d Large projects: a POST that may be sent again (Idempotency-Key)."""

import time
from contextlib import contextmanager
from unittest.mock import patch

from cinema.data.database import writing
from cinema.users.commands import add_user

from tests import (
    ALICE,
    BOB,
    METROPOLIS,
    PASSWORD,
    REBECCA,
    ApiTestCase,
    ServerTestCase,
    all_at_once,
)
from tests.large_project import CAROL

JSON_LD = "application/ld+json"
MINUTE, DAY = 60, 24 * 60 * 60  # seconds


class IdempotencyTestCase(ApiTestCase):
    def create(self, key="order-66", user=ALICE, url="/v1/movies", headers=(), **members):
        return self.client.post(
            url,
            json=METROPOLIS | {"imdb_id": None} | members,
            headers=user | {"Idempotency-Key": key} | dict(headers),
        )

    def number_of_movies(self):
        return self.client.get("/v1/movies").json["total"]

    def assert_same_answer(self, retry, first):
        self.assertEqual((retry.status_code, retry.data), (first.status_code, first.data))
        self.assert_same_fields(retry, first)


class IdempotencyTest(IdempotencyTestCase):
    def test_retry_gives_the_first_answer_and_does_nothing(self):
        first = self.create()

        retry = self.create()

        self.assertEqual(first.status_code, 201)
        self.assert_same_answer(retry, first)
        self.assertEqual(self.number_of_movies(), 4)

    def test_retry_gives_the_first_answer_in_whatever_form_it_was(self):
        for headers in ({"Accept": JSON_LD}, {"Prefer": "return=minimal"}):
            with self.subTest(headers=headers):
                first = self.create(str(headers), headers=headers)

                retry = self.create(str(headers), headers=headers)

                self.assertEqual(first.status_code, 201)
                self.assert_same_answer(retry, first)

    def test_retry_gives_the_first_answer_even_if_the_movie_has_changed(self):
        first = self.create()
        self.client.delete(first.location, headers=ALICE)

        retry = self.create()

        self.assert_same_answer(retry, first)
        self.assertEqual(self.number_of_movies(), 3)

    def test_key_may_stand_in_quotation_marks(self):
        first = self.create("order-66")

        retry = self.create('"order-66"')

        self.assert_same_answer(retry, first)

    def test_other_key_or_none_is_another_request(self):
        self.create()

        for key in ("order-67", None):
            with self.subTest(key=key):
                headers = ALICE | ({"Idempotency-Key": key} if key else {})
                body = METROPOLIS | {"imdb_id": None}

                response = self.client.post("/v1/movies", json=body, headers=headers)

                self.assertEqual(response.status_code, 201)
        self.assertEqual(self.number_of_movies(), 6)

    def test_key_that_comes_with_another_request_is_422(self):
        self.create()

        for name, change in {
            "another body": {"title": "M"},
            "another version": {"url": "/v2/movies"},
            "another query": {"url": "/v1/movies?x"},
            "another answer": {"headers": {"Accept": JSON_LD}},
            "another type": {"headers": {"Content-Type": "application/json; charset=utf-8"}},
        }.items():
            with self.subTest(name):
                response = self.create(**change)

                self.assert_problem(response, 422, "Unprocessable Entity")
                self.assertEqual(response.json.get("code"), 220)
                self.assertEqual(self.number_of_movies(), 4)

    def test_answer_is_kept_for_a_day(self):
        for age, movies in ((DAY - 60, 4), (DAY + 60, 5)):
            with self.subTest(age=age):
                self.setUp()
                self.create()

                with patch("time.time", return_value=time.time() + age):
                    retry = self.create()

                self.assertEqual(retry.status_code, 201)
                self.assertEqual(self.number_of_movies(), movies)

    def test_request_that_was_refused_frees_its_key(self):
        for status, wrong in ((400, {"year": "1927"}), (409, {"imdb_id": REBECCA["imdb_id"]})):
            with self.subTest(status=status):
                refused = self.create(str(status), **wrong)

                mended = self.create(str(status))

                self.assertEqual((refused.status_code, mended.status_code), (status, 201))

    def test_keys_of_two_users_do_not_meet(self):
        with self.app.app_context(), writing():
            add_user("carol", "editor", PASSWORD)

        hers, alices = self.create(user=CAROL, title="M"), self.create(user=ALICE)

        self.assertEqual((hers.status_code, alices.status_code), (201, 201))
        self.assertEqual((hers.json["title"], alices.json["title"]), ("M", "Metropolis"))

    def test_key_that_is_no_key_is_400(self):
        for key in ("", '""', '"', "k" * 256, "é", "a\tb", "\x7f"):
            with self.subTest(key=key[:5]):
                response = self.create(key)

                self.assert_problem(response, 400, "Bad Request")
                self.assert_nothing_changed()

    def test_key_may_have_255_characters(self):
        response = self.create("k" * 255)

        self.assertEqual(response.status_code, 201)

    def test_key_lets_nobody_in(self):
        self.create()

        for user, status in (({}, 401), (BOB, 403)):
            with self.subTest(status=status):
                response = self.create(user=user)

                self.assertEqual(response.status_code, status)


class CrashTest(IdempotencyTestCase):
    """Looks inside: crashes in the view, by `represent_movie`, and in the store of kept answers."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.assertLogs(self.app.logger))
        self.app.logger.warning("The log is not empty.")

    def create_and_crash(self):
        with patch("cinema.api.movies.represent_movie", side_effect=RuntimeError("on purpose")):
            return self.create()

    def create_and_die(self):
        """Crash so that even the key is not freed: as a server does that is killed."""
        with patch("cinema.data.kept_answers.forget"):
            return self.create_and_crash()

    def test_key_whose_first_request_is_not_answered_yet_is_409(self):
        self.create_and_die()

        retry = self.create()

        self.assert_problem(retry, 409, "Conflict")
        self.assertEqual(retry.json.get("code"), 91)
        self.assertEqual(self.number_of_movies(), 3)

    def test_request_that_was_never_answered_is_given_up_after_a_minute(self):
        for age, status in ((MINUTE - 5, 409), (MINUTE + 5, 201)):
            with self.subTest(age=age):
                self.begin_again()
                self.create_and_die()

                with patch("time.time", return_value=time.time() + age):
                    retry = self.create()

                self.assertEqual(retry.status_code, status)

    def test_request_that_failed_in_the_middle_has_done_nothing_and_frees_its_key(self):
        failed = self.create_and_crash()
        movies_then = self.number_of_movies()
        retry = self.create()

        self.assert_problem(failed, 500, "Internal Server Error")
        self.assertEqual(movies_then, 3, "the movie had been added, but not its answer")
        self.assertEqual(retry.status_code, 201)

    def test_answer_that_cannot_be_kept_undoes_the_movie(self):
        @contextmanager
        def keeping():
            with writing():
                yield
                raise RuntimeError("on purpose")

        with patch("cinema.data.kept_answers.keeping", keeping):
            failed = self.create()

        self.assert_problem(failed, 500, "Internal Server Error")
        self.assertEqual(self.number_of_movies(), 3)


class ManyClientsTest(ServerTestCase):
    def create_movie(self):
        headers = ALICE | {"Idempotency-Key": "order-66"}
        return self.app.test_client().post("/v1/movies", json=METROPOLIS, headers=headers)

    def test_eight_that_send_the_same_request_at_once_create_one_movie(self):
        responses = all_at_once([self.create_movie] * 8)

        movies = self.app.test_client().get("/v1/movies").json["movies"]
        bodies = {response.status_code: response.json for response in responses}
        statuses = {response.status_code for response in responses}
        self.assertEqual(movies, [bodies[201]])
        self.assertLessEqual(statuses, {201, 409}, "a retry should be answered, or asked to wait")
        self.assertEqual(self.create_movie().json, bodies[201])
