"""1.c serialize()."""

from course.building.promise import YOUR_TURN, Book
from promises.films import some_movies

book = Book("1c")
MEMBERS = {"id", "title", "director", "year", "runtime"}


@book.promise(
    "What is sent",
    "RFC 8259",
    "serialize() returns a dictionary: which names are in it?",
    "id, title, director, year and runtime; the URL is added outside.",
    after=("lists",),
)
def members(api):
    """A movie is sent with its id, title, director, year and runtime."""
    movie = some_movies(api)[0]
    answer = api.get(f"/v1/movies/{movie['id']}").must_be(200)
    missing = ", ".join(sorted(MEMBERS - answer.object.keys()))
    answer.must(not missing, f"a member {missing}")


@book.promise(
    "Its URL",
    "RFC 3986, 4.2",
    "Who knows the URL of a movie: the movie, or the web?",
    'Flask\'s url_for("get_movie", movie_id=...) makes it.',
    after=("lists",),
)
def has_url(api):
    """Each movie has a member "url", and GET of it answers with that movie."""
    movie = some_movies(api)[-1]
    api.last.must(isinstance(movie.get("url"), str), 'a member "url"')
    answer = api.get(api.last.leads_to(movie["url"])).must_be(200)
    answer.must_have_members({"id": movie["id"]})


@book.promise(
    "What is sent",
    "RFC 8259",
    "Do the list and the single movie call the same function?",
    "Both views return represent(movie).",
    after=("lists", "one_movie"),
)
def same_everywhere(api):
    """A movie looks the same in the list and at its own URL."""
    movie = some_movies(api)[-1]
    answer = api.get(f"/v1/movies/{movie['id']}").must_be(200)
    answer.must(answer.object == movie, f"what the list says of it: {movie}")


@book.promise(
    "Your turn, 1.1",
    "ISO 3166-1",
    "A property of its own, with a setter; and serialize() names it.",
    tier=YOUR_TURN,
    after=("lists",),
)
def country(api):
    """Each movie has a member "country": two capital letters, or null."""
    for movie in some_movies(api):
        value = movie.get("country", "missing")
        good = value is None or (isinstance(value, str) and len(value) == 2 and value.isupper())
        api.last.must(good, 'a member "country": two capital letters, or null')
