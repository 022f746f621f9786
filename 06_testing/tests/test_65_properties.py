"""6.5 Properties: what holds for every movie, not only for those that somebody has thought of.

hypothesis draws the examples. When one fails, it looks for a smaller one, and shows that.
"""

import json
from unittest import TestCase

from cinema.http.merge_patch import merge_patch
from hypothesis import example, given
from hypothesis import strategies as st

from . import ALICE, REBECCA, ApiTestCase
from .examples import (
    EXAMPLES,
    FEW_EXAMPLES,
    json_values,
    letters,
    movies,
    objects,
    patches,
    visible,
    watchlists,
    years,
)

MOVIES, MOVIE, WATCHLIST = "/v1/movies", REBECCA["url"], "/v1/watchlists/friday-night"
ODD_TITLES = (
    "e\u0301 is not \u00e9",  # looks like it; who normalizes text makes another of it
    "\u202eright to left",
    "\ufeffwith a mark before it",
    "lines\u2028and\u0085lines\r\n",
    "👩‍👩‍👧 \U0001d510 \U0010ffff",
    "</script>\\\"'; DROP TABLE movie; --%_",
    " blanks around ",
)


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode()


class WrittenTest(ApiTestCase):
    """What was written is what is read."""

    @EXAMPLES
    @given(movies)
    def test_what_is_created_can_be_read_back(self, movie):
        self.begin_again()
        created = self.client.post(MOVIES, json=movie, headers=ALICE)

        self.assertEqual(created.status_code, 201)
        found = self.client.get(created.location)
        identity = {"id": 4, "url": created.location}
        self.assertEqual(found.json, {"imdb_id": None} | movie | identity)
        for text in (movie["title"], movie["director"]):
            self.assertIn(as_json(text), found.data, "a text should come back byte for byte")

    def test_odd_titles_can_be_read_back(self):
        for title in ODD_TITLES:
            with self.subTest(title=title):
                self.client.patch(MOVIE, json={"title": title}, headers=ALICE)

                self.assertEqual(self.client.get(MOVIE).json, REBECCA | {"title": title})
                listed = self.client.get("/v2/movies?sort=title&per_page=100").json["movies"]
                self.assertIn(REBECCA | {"title": title, "url": "/v2/movies/3"}, listed)

    @FEW_EXAMPLES
    @given(watchlists)
    def test_watchlist_can_be_read_back(self, watchlist):
        self.begin_again()
        self.client.put(WATCHLIST, json=watchlist, headers=ALICE)

        found = self.client.get(WATCHLIST, headers=ALICE).json
        identity = {"name": "friday-night", "owner": "alice", "url": WATCHLIST}
        self.assertEqual(found, {"movies": [], "private": False} | watchlist | identity)

    @FEW_EXAMPLES
    @given(movies, watchlists)
    def test_put_twice_is_put_once(self, movie, watchlist):
        for url, body in ((MOVIE, movie), (WATCHLIST, watchlist)):
            self.begin_again()
            self.client.put(url, json=body, headers=ALICE)
            after_one = self.database.serialize()
            first = self.client.get(url, headers=ALICE)

            self.assertEqual(self.client.put(url, json=body, headers=ALICE).status_code, 200)

            self.assertTrue(self.database.serialize() == after_one, "one is as good as two")
            self.assert_same_fields(self.client.get(url, headers=ALICE), first)

    @FEW_EXAMPLES
    @given(movies)
    def test_what_is_read_can_be_sent_back(self, movie):
        self.begin_again()
        self.client.put(MOVIE, json=movie, headers=ALICE)
        before = self.database.serialize()
        found = self.client.get(MOVIE).json

        for method in ("PUT", "PATCH"):
            answer = self.client.open(MOVIE, method=method, json=found, headers=ALICE)
            self.assertEqual((answer.status_code, answer.json), (200, found))
        self.assertTrue(self.database.serialize() == before, "what is known changes nothing")


class ShownTest(TestCase):
    """What a property shows when it fails is what its reader goes on with."""

    def test_failing_example_is_shown_with_its_values_and_without_guesses(self):
        @EXAMPLES
        @given(title=visible, year=years)
        def is_blank(title, year):
            self.assertEqual(title.strip(), "")

        with self.assertRaises(AssertionError) as caught:
            is_blank()

        shown = "\n".join(caught.exception.__notes__)
        self.assertIn("is_blank(\n    title='0',\n    year=1888,\n)", shown)


class RefusedTest(ApiTestCase):
    """What is refused leaves no trace, whatever it was; and what is not refused was done."""

    NAMES = st.sampled_from(("title", "director", "year", "runtime", "imdb_id", "id", "movies"))
    # Mostly nonsense; but of the kind that a member could be, with something good beside it.
    BODIES = st.builds(
        lambda movie, other: movie | other,
        movies | st.just({}),
        objects(NAMES | st.text(letters, max_size=3), json_values | st.integers(-1, 2101)),
    )
    REQUESTS = (("POST", MOVIES), ("PUT", MOVIE), ("PATCH", MOVIE), ("PUT", WATCHLIST))

    @EXAMPLES
    @given(BODIES)
    @example({"title": "Good", "director": "Good", "year": 1, "runtime": 1})
    def test_refused_object_changes_nothing(self, body):
        for method, url in self.REQUESTS:
            self.begin_again()
            self.check(self.client.open(url, method=method, json=body, headers=ALICE), url)

    @FEW_EXAMPLES
    @given(
        st.binary(max_size=50)
        | st.text(letters, max_size=50).map(str.encode)
        | json_values.map(as_json)
    )
    def test_refused_bytes_change_nothing(self, body):
        for method, url in self.REQUESTS:
            self.begin_again()
            send = {"method": method, "data": body, "content_type": "application/json"}
            self.check(self.client.open(url, **send, headers=ALICE), url)

    def check(self, answer, url):
        if answer.status_code < 400:
            found = self.client.get(answer.location or url, headers=ALICE)
            self.assertEqual(found.json, answer.json)
        else:
            self.assert_problem(answer, 400, "Bad Request")
            self.assert_nothing_changed()


class PagesTest(ApiTestCase):
    """What who turns pages sees while others write; in the stories, they write at any time."""

    def test_by_number_what_comes_at_the_end_is_seen_once(self):
        first = self.numbers_of("/v1/movies?per_page=2&page=1")
        self.create_movie()
        second = self.numbers_of("/v1/movies?per_page=2&page=2")

        self.assertEqual((first, second), ([1, 2], [3, 4]))

    def test_by_number_the_next_is_lost_when_another_goes(self):
        first = self.numbers_of("/v1/movies?per_page=2&page=1")
        self.client.delete("/v1/movies/1", headers=ALICE)
        second = self.numbers_of("/v1/movies?per_page=2&page=2")

        self.assertEqual((first, second), ([1, 2], []))  # 3 has moved to page 1

    def test_by_cursor_no_movie_is_lost(self):
        cursor = self.client.get("/v2/movies?per_page=2").json["next_cursor"]
        self.client.delete("/v1/movies/1", headers=ALICE)
        self.client.delete("/v1/movies/2", headers=ALICE)  # even the one that the cursor names

        self.assertEqual(self.numbers_of(f"/v2/movies?per_page=2&cursor={cursor}"), [3])

    def numbers_of(self, url):
        return [movie["id"] for movie in self.client.get(url).json["movies"]]


def merge_patch_of_rfc_7396(target, patch):
    """Do what the pseudocode of section 2 says, line by line; to be slow and plain is its merit."""
    if isinstance(patch, dict):
        if not isinstance(target, dict):
            target = {}
        target = dict(target)
        for name, value in patch.items():
            if value is None:
                if name in target:
                    del target[name]
            else:
                target[name] = merge_patch_of_rfc_7396(target.get(name), value)
        return target
    return patch


class PatchTest(ApiTestCase):
    """A patch does what RFC 7396 says; so does the next, to what the first has made."""

    APPENDIX_A = (
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    )

    def test_examples_of_the_rfc(self):
        for merge in (merge_patch_of_rfc_7396, merge_patch):
            for target, patch, result in self.APPENDIX_A:
                with self.subTest(merge.__module__, target=target, patch=patch):
                    self.assertEqual(merge(target, patch), result)

    @EXAMPLES
    @given(json_values, json_values)
    def test_ours_is_that_of_the_rfc(self, target, patch):
        before = json.dumps([target, patch])

        self.assertEqual(merge_patch(target, patch), merge_patch_of_rfc_7396(target, patch))
        self.assertEqual(json.dumps([target, patch]), before, "what was given should stay as it is")

    @FEW_EXAMPLES
    @given(st.lists(patches(movies, "imdb_id"), max_size=3))
    def test_patches_of_a_movie_compose(self, patches):
        self.begin_again()
        self.check_patches(MOVIE, patches, REBECCA, {"imdb_id": None})

    @FEW_EXAMPLES
    @given(st.lists(patches(watchlists, "movies", "private"), max_size=3))
    def test_patches_of_a_watchlist_compose(self, patches):
        self.begin_again()
        friday = {"title": "Friday", "movies": [3, 1], "private": True}
        before = self.client.put(WATCHLIST, json=friday, headers=ALICE).json
        self.check_patches(WATCHLIST, patches, before, {"movies": [], "private": False})

    def check_patches(self, url, patches, expected, defaults):
        """Send one patch after the other; a member that one removes is at its default then."""
        for patch in patches:
            answer = self.client.patch(url, json=patch, headers=ALICE)

            expected = defaults | merge_patch_of_rfc_7396(expected, patch)
            self.assertEqual((answer.status_code, answer.json), (200, expected))
            self.assertEqual(self.client.get(url, headers=ALICE).json, expected)
