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
        said = f"should be {status} {title}, and says: {response.get_data(as_text=True)[:300]}"
        self.assertEqual(response.status_code, status, said)
        self.assertEqual(response.mimetype, "application/problem+json", said)
        self.assertEqual(response.json.get("status"), status, said)
        self.assertEqual(response.json.get("title"), title, said)
        if not response.json.get("detail"):
            self.fail("detail should tell the client what to mend")

    def assert_same_fields(self, response, other):
        """Check that two answers have the same header fields."""
        self.assertEqual(dict(response.headers), dict(other.headers))
