"""1.b A model: a movie keeps its values to itself, and takes only those that can be true."""

from unittest import TestCase

from cinema.data.models import Movie

WRONG = {
    "title": ("", " \n", None, 7, ["Rebecca"], "R" * 301, "Rebecca\0"),
    "director": ("", "\t", None, True, {"name": "Alfred Hitchcock"}, "H" * 301, "\0"),
    "year": (1887, 2101, -1940, True, None, "1942", 1940.0),
    "runtime": (0, 100_001, True, None, "126", 126.0, 2**63),
    "imdb_id": ("", 32976, "0032976", "tt32976", "tt" * 9, "TT0032976", "tt003297٣", "tt0032976\n"),
}
LEAST_AND_MOST = {
    "title": ("R", "R" * 300),
    "director": ("H", "H" * 300),
    "year": (1888, 2100),
    "runtime": (1, 100_000),
    "imdb_id": (None, "tt0032976", "tt00329760"),
}


class MovieTest(TestCase):
    def setUp(self):
        self.values = {
            "id": 3,
            "title": "Rebecca",
            "director": "Alfred Hitchcock",
            "year": 1940,
            "runtime": 126,
            "imdb_id": "tt0032976",
        }
        self.movie = Movie(**self.values)

    def test_everything_that_a_client_may_set_is_checked(self):
        for name in Movie.MEMBERS:
            with self.subTest(name=name), self.assertRaises(ValueError):
                setattr(self.movie, name, object())

    def test_setter_takes_a_right_value(self):
        self.movie.title = "Rebecca, restored"

        self.assertEqual(self.movie.title, "Rebecca, restored")

    def test_setter_takes_the_least_and_the_most(self):
        for name, ends in LEAST_AND_MOST.items():
            for value in ends:
                with self.subTest(name=name, value=value):
                    setattr(self.movie, name, value)

                    self.assertEqual(getattr(self.movie, name), value)

    def test_setter_refuses_a_wrong_value_and_says_what_it_must_be(self):
        for name, values in WRONG.items():
            for value in values:
                refused = self.assertRaisesRegex(ValueError, "must be")
                with self.subTest(name=name, value=value), refused:
                    setattr(self.movie, name, value)

    def test_refused_value_leaves_the_old_one(self):
        for name, values in WRONG.items():
            with self.subTest(name=name):
                with self.assertRaises(ValueError):
                    setattr(self.movie, name, values[0])

                self.assertEqual(getattr(self.movie, name), self.values[name])

    def test_movie_cannot_begin_with_a_wrong_value(self):
        for name, values in WRONG.items():
            with self.subTest(name=name), self.assertRaises(ValueError):
                Movie(**self.values | {name: values[0]})
