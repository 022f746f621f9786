"""A read-only web API for three movies, in one file."""

from flask import Flask, jsonify, url_for
from werkzeug.exceptions import HTTPException, NotFound


class MovieNotFound(LookupError):
    """The cinema has no such movie."""


class Movie:
    """A movie; every setter checks its value and raises ValueError if it is wrong."""

    def __init__(self, id, title, director, year, runtime):
        self.id = id
        self.title = title
        self.director = director
        self.year = year
        self.runtime = runtime

    @property
    def title(self):
        return self.__title

    @title.setter
    def title(self, value):
        self.__title = text("title", value)

    @property
    def director(self):
        return self.__director

    @director.setter
    def director(self, value):
        self.__director = text("director", value)

    @property
    def year(self):
        return self.__year

    @year.setter
    def year(self, value):
        self.__year = whole_number("year", value, 1888, 2100)  # 1888: the oldest film there is

    @property
    def runtime(self):
        return self.__runtime

    @runtime.setter
    def runtime(self, minutes):
        self.__runtime = whole_number("runtime", minutes, 1, 100_000)

    def serialize(self):
        """Return the movie as a dictionary, ready to become JSON."""
        return {key: getattr(self, key) for key in ("id", "title", "director", "year", "runtime")}


def text(name, value):
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be text, and not blank.")
    return value


def whole_number(name, value, low, high):
    if type(value) is not int or not low <= value <= high:  # isinstance() would let True pass
        raise ValueError(f"{name} must be a whole number from {low} to {high}.")
    return value


MOVIES = [
    Movie(1, "Kitty Foyle", "Sam Wood", 1940, 105),
    Movie(2, "Pride and Prejudice", "Robert Z. Leonard", 1940, 117),
    Movie(3, "Rebecca", "Alfred Hitchcock", 1940, 126),
]


def find_movie(movie_id):
    for movie in MOVIES:
        if str(movie.id) == movie_id:
            return movie
    raise MovieNotFound("There is no such movie.")


app = Flask(__name__, static_folder=None)
app.json.sort_keys = False  # keep the order of the fields
app.url_map.merge_slashes = False  # /v1//movies is not another name for /v1/movies


@app.get("/")
def get_entry_point():
    return {"name": "Cinema", "movies": url_for("list_movies")}


@app.get("/v1/movies")
def list_movies():
    return {"movies": [represent(movie) for movie in MOVIES]}


@app.get("/v1/movies/<movie_id>")
def get_movie(movie_id):
    return represent(find_movie(movie_id))


def represent(movie):
    """Return the movie as a dictionary, with its URL."""
    return movie.serialize() | {"url": url_for("get_movie", movie_id=movie.id)}


def problem(error):
    """Turn an HTTP error into problem details (RFC 9457), and keep its headers."""
    response = error.get_response()
    response.data = jsonify(status=error.code, title=error.name, detail=error.description).data
    response.content_type = "application/problem+json"
    return response


app.register_error_handler(HTTPException, problem)
app.error_handler_spec[None][None][MovieNotFound] = lambda error: problem(NotFound(str(error)))
