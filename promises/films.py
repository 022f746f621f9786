"""What several promises begin with: films that nobody else has, made and found."""

import secrets
from concurrent.futures import ThreadPoolExecutor

from course.building.promise import needs

MOVIES = "/v1/movies"
MEMBERS = ("id", "title", "director", "year", "runtime", "imdb_id", "url")
BAD = 400, 422  # the lessons say 400; RFC 9110, 15.5.21 lets 422 say the same
BAD_BODIES = (  # each with its media type: the members, the JSON or the type is wrong
    ("application/json", b'{"junk": 1}'),
    ("application/json", b"{"),
    ("text/plain", b"junk"),
)


def film(**members):
    """Return a film that nobody has: neither a seed nor an earlier check is in its way."""
    number = secrets.randbelow(10**7)
    values = {"title": f"Check {number}", "director": "Fritz Lang", "year": 1927, "runtime": 153}
    return values | {"imdb_id": f"tt9{number:07}"} | members


@needs("creates")
def create(api, **members):
    """Create a film; return it as GET shows it, and its URL.

    Lenient: how a 201 looks is what the promise `creates` is about.
    """
    answer = api.send("POST", MOVIES, json=film(**members)).must_be(201, 200)
    url = answer.headers.get("Location") or answer.object.get("url")
    answer.must(url, "a URL that leads to the new movie")
    return api.get(answer.leads_to(url)).must_be(200).object, answer.leads_to(url)


@needs("creates")
def a_director(api):
    """Create five films of a director whom nobody else has; return the name and the films."""

    def make():
        name = f"Director {secrets.token_hex(5)}"
        titles = ("Delta 50%", "alpha", "Charlie", "alpha", "Bravo_x")
        years = (1950, 1930, 1940, 1930, 1960)
        runtimes = (90, 120, 60, 150, 75)
        made = []
        for title, year, runtime in zip(titles, years, runtimes, strict=True):
            body = film(title=title, director=name, year=year, runtime=runtime)
            made.append(create(api, **body)[0])
        create(api, title="alpha", year=1930)  # of another: no list above has it
        return name, made

    return api.once("a_director", make)


@needs("lists")
def some_movies(api):
    """Return the movies of the first page; where there is none, one is created first."""
    movies = api.get(MOVIES).must_be(200).object["movies"]
    if not movies:
        create(api)
        movies = api.get(MOVIES).must_be(200).object["movies"]
    return movies


def refused(api, body, *names):
    """Send a body that must be refused, with an error for each name."""
    return api.send("POST", MOVIES, json=body).must_be_problem(*BAD).must_name(*names)


def is_free(api, imdb_id):
    """Tell whether no movie has an imdb_id: one can be made with it."""
    return api.send("POST", MOVIES, json=film(imdb_id=imdb_id)).status in (200, 201)


def known(api, url):
    """Return what GET shows at a URL, if the answer is 200."""
    return api.get(url).must_be(200).object


def must_show(answer, movie):
    """Demand the members of a movie; what an API shows besides, such as a time, may be another."""
    return answer.must_have_members({name: movie[name] for name in MEMBERS if name in movie})


def at_once(calls):
    """Call functions all at once, each in a thread of its own; return what they return."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]
