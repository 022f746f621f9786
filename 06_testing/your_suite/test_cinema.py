"""Your suite. It passes, but notices no fault yet: add tests, for one fault after the other.

`python3 -m course mutants`, in the folder of the course, breaks the API in many ways and runs this
suite each time. For each fault that survives, it asks a question. Write the test that answers it,
and run the command again, with `--only` and the name of that fault.

In the chapter's folder, `../.venv/bin/python -m unittest your_suite.test_cinema` runs it alone.
"""

from tests import ApiTestCase

# You can import more from tests/__init__.py: ALICE, an editor, and BOB, a member (the headers
# with which they log in), REBECCA, a movie in the database, and METROPOLIS, a new one. Each test
# begins with the same three movies, whatever the tests before it have done.
# A class of tests can have its own settings: settings = {"RATE_LIMIT": "3 per minute"}.
# tests/credentials.py has the other ways to log in, such as tokens and signatures, an
# issuer_without_a_network, and `later`, which moves the clock: `with later(days=2):`.


class EntryPointTest(ApiTestCase):
    """The entry point, where every client begins."""

    def test_api_has_a_front_door(self):
        response = self.client.get("/")

        self.assertEqual(response.status_code, 200)

    # A status of 200 says little. What is in the body? Do its links work?


# Begin with what clients rely on most: a class for each promise, and in it a test for each part
# of it. self.create_movie() posts Metropolis; what should come back, and what is there
# afterwards?
