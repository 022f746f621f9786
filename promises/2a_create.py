"""2.a Create."""

from course.building.promise import Book
from promises.films import MOVIES, create, film, is_free, refused

book = Book("2a")
MEMBERS = {"id", "title", "director", "year", "runtime", "url"}


@book.promise("201", "RFC 9110, 15.3.2", "Your key is the variable API_KEY.", "return movie, 201")
def creates(api):
    """POST /v1/movies with the key answers 201 with all that was sent, an id and a url."""
    sent = film()
    answer = api.send("POST", MOVIES, json=sent).must_be(201)
    answer.must_have_members(sent)
    answer.must(answer.object.keys() >= MEMBERS, "an id and a url")


@book.promise("201", "RFC 9110, 10.2.2", 'return movie, 201, {"Location": url}')
def location(api):
    """`Location` and `url` lead to the new movie, and the body is just what you will find there."""
    answer = api.send("POST", MOVIES, json=film()).must_be(201)
    for url in (answer.must_have("Location"), answer.object["url"]):
        found = api.get(answer.leads_to(url)).must_be(200)
        found.must(found.object == answer.object, f"what POST answered: {answer.object}")


@book.promise("401", "RFC 9110, 11.6.1", "A 401 carries WWW-Authenticate.", after=("creates",))
def no_key(api):
    """Without credentials the answer is 401 with `WWW-Authenticate`, and nothing happens."""
    body = film()
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        answer = api.send("POST", MOVIES, who="nobody", headers=headers, json=body)
        answer.must_be_problem(401).must_have("WWW-Authenticate")
    answer.must(is_free(api, body["imdb_id"]), "nothing created by a request that was refused")


@book.promise(
    "400", "RFC 9110, 15.5.1", "Collect the reasons; raise at the end.", after=("creates",)
)
def all_at_once(api):
    """All that is wrong is refused with 400 and told at once, and nothing is kept."""
    body = film(title=" ", year="1927", runtime=True, rating=5)
    del body["director"]
    answer = refused(api, body, "title", "year", "runtime", "director", "rating")
    answer.must(is_free(api, body["imdb_id"]), "nothing kept of a movie that was refused")


@book.promise("409", "RFC 9110, 15.5.10", "UNIQUE in the database.", after=("creates",))
def second_imdb_id(api):
    """A second movie of the same imdb_id is 409, and the first stays."""
    movie, url = create(api)
    api.send("POST", MOVIES, json=film(imdb_id=movie["imdb_id"])).must_be_problem(409)
    answer = api.get(url)
    answer.must(answer.object == movie, f"the first movie: {movie}")
