"""1.a First routes and JSON."""

from course.building.promise import HARDENED, YOUR_TURN, Book
from promises.films import MOVIES, some_movies

book = Book("1a")


@book.promise(
    "The list",
    "RFC 9110, 15.3.1",
    "Which function does Flask call for GET /v1/movies? A route ties them together.",
    "A view may return a dictionary: Flask turns it into JSON.",
    '@app.get("/v1/movies") above a function that returns {"movies": [...]}',
)
def lists(api):
    """GET /v1/movies answers 200 with a JSON object, and its member "movies" is a list."""
    answer = api.get(MOVIES).must_be(200)
    answer.must(isinstance(answer.object.get("movies"), list), 'a member "movies" that is a list')


@book.promise(
    "One movie",
    "RFC 9110, 15.3.1",
    "A route may have a part that varies: <movie_id>.",
    'The view of "/v1/movies/<movie_id>" gets that part as its argument, as text.',
    after=("lists",),
)
def one_movie(api):
    """GET /v1/movies/ID answers 200 with the movie of that id."""
    movie = some_movies(api)[-1]
    answer = api.get(f"{MOVIES}/{movie['id']}").must_be(200)
    answer.must_have_members({"id": movie["id"], "title": movie["title"]})


@book.promise(
    "The front door",
    "RFC 9110, 9.3.1",
    "GET / is a route like any other.",
    'It answers {"name": "Cinema", "movies": "/v1/movies"}.',
)
def front_door(api):
    """GET / answers with a member "movies", a URL that leads to the list."""
    answer = api.get("/").must_be(200)
    url = answer.object.get("movies")
    answer.must(isinstance(url, str), 'a member "movies" that is a URL', r'^\s*"movies"')
    listed = api.get(answer.leads_to(url)).must_be(200)
    listed.must("movies" in listed.object, "the list of movies where the front door leads")


@book.promise(
    "HEAD and OPTIONS",
    "RFC 9110, 9.3.2",
    "Flask answers HEAD itself, for every view of GET. Elsewhere, route HEAD to the same view.",
    after=("lists",),
)
def head(api):
    """HEAD answers what GET does, without the body."""
    got, answer = api.get(MOVIES), api.send("HEAD", MOVIES).must_be(200)
    answer.must(not answer.content, "no body")
    answer.must(answer.media_type == got.media_type, f"Content-Type: {got.media_type}")


@book.promise(
    "HEAD and OPTIONS",
    "RFC 9110, 9.3.7",
    "Flask answers OPTIONS by itself. Elsewhere, a view or a middleware lists the methods.",
    after=("lists",),
)
def options(api):
    """OPTIONS lists the methods of the URL in the header `Allow`, GET and HEAD among them."""
    answer = api.send("OPTIONS", MOVIES).must_be(200, 204)
    answer.must_have("Allow")
    answer.must({"GET", "HEAD"} <= answer.allowed, "Allow with GET and HEAD in it", "(?i)^Allow:")


@book.promise(
    "Try to break it",
    "RFC 3986, 2.1",
    "The text in a URL was chosen by somebody else. Which texts can your code not read?",
    tier=HARDENED,
    after=("lists",),
)
def odd_urls(api):
    """A URL with odd bytes, a null or a huge number in it is never a 500."""
    for path in ("/v1/movies/%FF", "/v1/movies/%00", "/v1/movies/" + "9" * 400, "/%2e%2e/"):
        api.get(path).must(api.last.status < 500, "no 5xx: the mistake is the client's")


@book.promise(
    "Your turn, 1.2",
    "RFC 9110, 15.5.5",
    'One more route: "/v1/movies/<movie_id>/director".',
    "You already have a function that finds a movie, or says that there is none.",
    tier=YOUR_TURN,
    after=("one_movie",),
)
def director_of_a_movie(api):
    """GET /v1/movies/ID/director answers with the director, or 404 if there is no such movie."""
    movie = some_movies(api)[0]
    answer = api.get(f"{MOVIES}/{movie['id']}/director").must_be(200)
    answer.must(movie["director"] in answer.text, f"{movie['director']}, in the body")
    api.get(f"{MOVIES}/987654321/director").must_be_problem(404)
