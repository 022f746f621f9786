"""Your suite. It passes, but notices no fault yet: add tests, for one fault after the other.

`python3 -m course mutants`, in the folder of the course, breaks the API in many ways and runs this
suite each time. What survives comes with a question. Write the test that answers it, and run the
command again, with `--only` and the name of that fault.

In the chapter's folder, `../.venv/bin/python -m unittest your_suite.test_cinema` runs it alone.
"""

from tests import ApiTestCase

# In tests/__init__.py there is more to import: ALICE, an editor, and BOB, a member (the headers
# with which they log in), REBECCA, a movie that is there, and METROPOLIS, which is not. Each test
# begins with the same three movies in the database, whatever the one before it has done.
# A class of tests with other settings says so: settings = {"RATE_LIMIT": "3 per minute"}.
# In tests/credentials.py are the other ways to say who one is, such as tokens and signatures, an
# issuer_without_a_network, and `later`, in which time has passed: `with later(days=2):`.


class EntryPointTest(ApiTestCase):
    """The entry point, where every client begins."""

    def test_api_has_a_front_door(self):
        response = self.client.get("/")

        self.assertEqual(response.status_code, 200)

    # That there is an answer says little. What is in it? Do its links lead anywhere?


# What do clients rely on most? Begin with that: a class for each promise, and in it a test for
# each part of it. self.create_movie() posts Metropolis; what should come back, and what is there
# afterwards?
