"""What every test of this chapter starts from: the application, and a client for it."""

from unittest import TestCase

from cinema import app

REBECCA = {
    "id": 3,
    "title": "Rebecca",
    "director": "Alfred Hitchcock",
    "year": 1940,
    "runtime": 126,
    "url": "/v1/movies/3",
}


class ApiTestCase(TestCase):
    def setUp(self):
        self.app = app
        self.client = app.test_client()

    def assert_problem(self, response, status, title):
        """Check that an answer is an error in the one shape that all errors have."""
        self.assertEqual(response.status_code, status)
        self.assertEqual(response.mimetype, "application/problem+json")
        self.assertEqual(response.json["status"], status)
        self.assertEqual(response.json["title"], title)
        self.assertTrue(response.json["detail"], "detail should tell the client what to mend")
