"""1.b A model: what of it can be seen over HTTP."""

from course.building.promise import HARDENED, Book
from promises.films import some_movies

book = Book("1b")


@book.promise(
    "A property and its setter",
    "Python Tutorial, 9.6",
    "Which values does a setter let through?",
    "title and director are text that is not blank; year and runtime are whole numbers.",
    after=("lists",),
)
def right_values(api):
    """In each movie, title and director are text, and year and runtime are numbers."""
    for movie in some_movies(api):
        for name in ("title", "director"):
            good = isinstance(movie.get(name), str) and movie[name].strip()
            api.last.must(good, f"a {name} that is text", rf'^\s*"{name}"')
        for name in ("year", "runtime"):
            api.last.must(type(movie.get(name)) is int, f"a {name} that is a whole number")


@book.promise(
    "Try to break it",
    "Python Tutorial, 9.6",
    "Is the answer made of vars(movie), or of movie.__dict__?",
    "Name the members to send, one by one.",
    after=("lists",),
    tier=HARDENED,
)
def nothing_private(api):
    """Private attributes of the class, such as _Movie__title, are not in the response."""
    for movie in some_movies(api):
        private = [name for name in movie if name.startswith(("_Movie", "_sa_", "__"))]
        api.last.must(not private, f"no member {', '.join(private)}", r'^\s*"_')
