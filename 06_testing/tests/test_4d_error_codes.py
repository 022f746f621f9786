"""4.d Large projects: the errors of requests that are sent again have codes as well."""

from unittest import mock

from cinema.api.error_codes import ErrorCode

from tests import ALICE, METROPOLIS, REBECCA, ApiTestCase
from tests.errors import Causes, EveryCode


class CodesOfRetriesTest(EveryCode, ApiTestCase):
    def in_flight(self):
        """The first request was given a key, and then its server died: nothing freed the key."""
        crash = mock.patch("cinema.api.movies.represent_movie", side_effect=RuntimeError)
        with crash, mock.patch("cinema.data.kept_answers.forget"), self.assertLogs("cinema"):
            self.post_with_key(METROPOLIS)
        return self.post_with_key(METROPOLIS)

    def key_reused(self):
        self.post_with_key(METROPOLIS)
        return self.post_with_key(REBECCA)

    def post_with_key(self, body):
        headers = ALICE | {"Idempotency-Key": '"1"'}
        return self.client.post("/v1/movies", json=body, headers=headers)

    def test_every_code_is_the_answer_to_some_request(self):
        known = {code for code in ErrorCode if hasattr(Causes, code.name.lower())}

        self.assertEqual(set(ErrorCode) - known, set(self.codes()), "each code should have a cause")
