"""6.6 The mutation lab: what a suite notices, tried by a laboratory that fits on a page."""

import unittest
from unittest import TestCase


def number_of_pages(total, per_page):
    """Return how many pages a list has; an empty list has one, too."""
    return max(-(-total // per_page), 1)


FAULTS = {
    "an empty list has no page": lambda total, per_page: -(-total // per_page),
    "a page that is not full is forgotten": lambda total, per_page: max(total // per_page, 1),
    "after a full page comes an empty one": lambda total, per_page: total // per_page + 1,
    "all is on one page": lambda total, per_page: 1,
}


def equivalent(total, per_page):
    """Say the same in other words: a mutant, and no fault."""
    return max((total + per_page - 1) // per_page, 1)


class RunsEveryLineTest(TestCase):
    """Covers 100 % of the function, and asks nothing."""

    number_of_pages = staticmethod(number_of_pages)

    def test_it_answers(self):
        self.assertIsInstance(self.number_of_pages(41, 20), int)


class OneExampleTest(TestCase):
    """Asks what one thinks of first."""

    number_of_pages = staticmethod(number_of_pages)

    def test_41_movies_are_on_3_pages(self):
        self.assertEqual(self.number_of_pages(41, 20), 3)


class EdgesTest(TestCase):
    """Asks where the answer changes: before, at, and after."""

    number_of_pages = staticmethod(number_of_pages)

    def test_pages_begin_and_end_where_they_should(self):
        for total, pages in ((0, 1), (1, 1), (19, 1), (20, 1), (21, 2), (40, 2), (41, 3)):
            with self.subTest(total=total):
                self.assertEqual(self.number_of_pages(total, 20), pages)


class MutationLabTest(TestCase):
    """The three suites above, against the function as it is, and against its faults."""

    def test_all_are_green_as_long_as_nothing_is_broken(self):
        for suite in (RunsEveryLineTest, OneExampleTest, EdgesTest):
            with self.subTest(suite=suite.__name__):
                self.assertTrue(passes(suite, number_of_pages))

    def test_suite_that_only_runs_the_code_notices_nothing(self):
        self.assertEqual(survivors(RunsEveryLineTest), list(FAULTS))

    def test_one_example_notices_what_it_happens_to_touch(self):
        self.assertEqual(
            survivors(OneExampleTest),
            ["an empty list has no page", "after a full page comes an empty one"],
        )

    def test_examples_at_the_edges_notice_all(self):
        self.assertEqual(survivors(EdgesTest), [])

    def test_what_changes_nothing_is_noticed_by_nobody_and_need_not_be(self):
        answers = {(total, n): number_of_pages(total, n) for total in range(99) for n in (1, 7, 20)}

        self.assertTrue(passes(EdgesTest, equivalent))
        self.assertEqual(answers, {asked: equivalent(*asked) for asked in answers})


def survivors(suite):
    """Return the names of the faults with which a suite is still green."""
    return [name for name, fault in FAULTS.items() if passes(suite, fault)]


def passes(suite, function):
    """Run a suite with another function in the place of its own."""
    tried = type(suite.__name__, (suite,), {"number_of_pages": staticmethod(function)})
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(tried).run(result)
    return result.wasSuccessful()
