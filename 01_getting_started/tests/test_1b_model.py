"""1.b A model: a movie keeps its values to itself, and takes only those that can be true."""

from unittest import TestCase

from cinema import Movie

WRONG = {
    "title": ("", " \n", None, 7, ["Rebecca"]),
    "director": ("", "\t", None, True, {"name": "Alfred Hitchcock"}),
    "year": (1887, 2101, -1940, True, None, "1942", 1940.0),
    "runtime": (0, 100_001, True, None, "126", 126.0),
}
LEAST_AND_MOST = {"year": (1888, 2100), "runtime": (1, 100_000)}


class MovieTest(TestCase):
    def setUp(self):
        self.values = {
            "id": 3,
            "title": "Rebecca",
            "director": "Alfred Hitchcock",
            "year": 1940,
            "runtime": 126,
        }
        self.movie = Movie(**self.values)

    def test_title_lies_in_a_private_attribute(self):
        names = vars(self.movie)

        self.assertEqual(names["_Movie__title"], "Rebecca")
        self.assertNotIn("title", names, "the title should be reached through the property only")

    def test_private_attribute_is_out_of_reach_by_its_short_name(self):
        with self.assertRaises(AttributeError):
            getattr(self.movie, "__title")

    def test_checked_attributes_are_properties_with_setters(self):
        for name in WRONG:
            with self.subTest(name=name):
                attribute = getattr(Movie, name)

                self.assertIsInstance(attribute, property)
                self.assertIsNotNone(attribute.fset, f"{name} should have a setter")

    def test_setter_takes_a_right_value(self):
        self.movie.title = "Rebecca, restored"

        self.assertEqual(self.movie.title, "Rebecca, restored")

    def test_setter_takes_the_least_and_the_most(self):
        for name, ends in LEAST_AND_MOST.items():
            for value in ends:
                with self.subTest(name=name, value=value):
                    setattr(self.movie, name, value)

                    self.assertEqual(getattr(self.movie, name), value)

    def test_setter_refuses_a_wrong_value_and_says_for_what(self):
        for name, values in WRONG.items():
            for value in values:
                refused = self.assertRaisesRegex(ValueError, name)
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
