"""1.a First routes and JSON."""

from course.building.promise import Book
from promises.films import MOVIES, some_movies

book = Book("1a")


@book.promise("First routes", "RFC 9110, 15.3.1", "A function under @app.get('/v1/movies').")
def lists(api):
    """GET /v1/movies answers 200 with a JSON object whose member "movies" is a list."""
    answer = api.get(MOVIES).must_be(200)
    answer.must(isinstance(answer.object.get("movies"), list), 'a member "movies" that is a list')


@book.promise("First routes", "RFC 9110, 15.3.1", "Let the URL of a movie be /v1/movies/<its id>.")
def one(api):
    """Each movie of the list has a url, which leads to that movie."""
    movie = some_movies(api)[-1]
    answer = api.get(movie["url"]).must_be(200)
    answer.must_have_members({"id": movie["id"], "title": movie["title"]})
