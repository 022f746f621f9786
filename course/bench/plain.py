"""The first peer: version 1 of the API, written as the documentation shows it.

Flask and Flask-SQLAlchemy with the settings that they come with: `db.paginate`, `db.get_or_404`,
`jsonify`, Werkzeug's `add_etag` and `make_conditional`, SQLAlchemy's `version_id_col`, and
Flask-Limiter for the rate limit (RATE_LIMIT in the environment). It answers what
chapter 4 answers to the requests of the benchmark, and does less besides: it has no watchlists,
JSON-LD, content negotiation, preferences, sessions, signatures, tokens, deprecation, idempotency
keys and request ids, takes what JSON `request.get_json` lets pass, and looks at a password only
before a write. The benchmark gives all contenders the same quick password hash.
"""

import json
import os
from functools import wraps
from pathlib import Path
from urllib.parse import urlencode

import click
from flask import Blueprint, Flask, abort, jsonify, request, url_for
from flask.cli import with_appcontext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Conflict, HTTPException, Unauthorized
from werkzeug.http import generate_etag
from werkzeug.security import check_password_hash, generate_password_hash

SORTS = ("id", "title", "director", "year", "runtime")
REQUIRED = {"title", "director", "year", "runtime"}

db = SQLAlchemy()
limiter = Limiter(
    get_remote_address,
    default_limits=[lambda: os.environ["RATE_LIMIT"]],
    headers_enabled=True,
    storage_uri="memory://",
)
blueprint = Blueprint("movies", __name__)


class User(db.Model):
    name: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    is_editor: Mapped[bool]


class Movie(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    director: Mapped[str] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(index=True)
    runtime: Mapped[int]
    imdb_id: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    def to_dict(self):
        return {
            "id": self.id,
            "title": self.title,
            "director": self.director,
            "year": self.year,
            "runtime": self.runtime,
            "imdb_id": self.imdb_id,
            "url": url_for("movies.get_movie", movie_id=self.id),
        }


def create_app():
    app = Flask(__name__)
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db.init_app(app)
    with app.app_context():
        db.create_all()
    limiter.init_app(app)
    app.register_blueprint(blueprint, url_prefix="/v1")
    app.register_error_handler(HTTPException, problem)
    app.register_error_handler(IntegrityError, lambda _: problem(Conflict("It is there already.")))
    app.register_error_handler(StaleDataError, lambda _: problem(Conflict("Someone was faster.")))
    app.cli.add_command(seed)
    return app


@click.command()
@click.argument("films", type=Path)
@with_appcontext
def seed(films):
    """Load the films of a JSON file, and make the editor alice."""
    password_hash = generate_password_hash(os.environ["CINEMA_PASSWORD"])
    db.session.add(User(name="alice", password_hash=password_hash, is_editor=True))
    db.session.add_all(Movie(**film) for film in json.loads(films.read_text(encoding="utf-8")))
    db.session.commit()


def problem(error):
    response = error.get_response()
    response.data = json.dumps(
        {"status": error.code, "title": error.name, "detail": error.description}
    )
    response.content_type = "application/problem+json"
    return response


def editor_required(view):
    @wraps(view)
    def guarded(*args, **kwargs):
        user = authenticate()
        if user is None:
            raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "cinema"}))
        if not user.is_editor:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def authenticate():
    credentials = request.authorization
    if credentials is None or credentials.type != "basic":
        return None
    user = db.session.get(User, credentials.username)
    if user and check_password_hash(user.password_hash, credentials.password):
        return user
    return None


@blueprint.after_request
def make_conditional(response):
    if request.method == "GET" and response.status_code == 200:
        response.add_etag()
        response.make_conditional(request)
    return response


@blueprint.get("/movies")
def list_movies():
    page = db.paginate(select_movies(), max_per_page=100, error_out=False)
    body = {
        "movies": [movie.to_dict() for movie in page.items],
        "page": page.page,
        "per_page": page.per_page,
        "total": page.total,
    }
    return jsonify(body), {"Link": link_header(page)}


def select_movies():
    movies = db.select(Movie)
    if director := request.args.get("director"):
        movies = movies.where(Movie.director == director)
    if year := request.args.get("year", type=int):
        movies = movies.where(Movie.year == year)
    if q := request.args.get("q"):
        movies = movies.where(Movie.title.icontains(q, autoescape=True))
    sort = request.args.get("sort", "id")
    if sort.removeprefix("-") not in SORTS:
        abort(400, f"sort is not one of {', '.join(SORTS)}")
    column = getattr(Movie, sort.removeprefix("-"))
    return movies.order_by(column.desc() if sort.startswith("-") else column, Movie.id)


def link_header(page):
    last = max(page.pages, 1)
    numbers = {"first": 1, "last": last}
    if page.has_prev:
        numbers["prev"] = min(page.prev_num, last)
    if page.has_next:
        numbers["next"] = page.next_num
    return ", ".join(f'<{page_url(number)}>; rel="{rel}"' for rel, number in numbers.items())


def page_url(number):
    return f"{request.path}?{urlencode(request.args.to_dict() | {'page': number})}"


@blueprint.post("/movies")
@editor_required
def create_movie():
    movie = Movie(**read_movie())
    db.session.add(movie)
    db.session.commit()
    body = movie.to_dict()
    return jsonify(body), 201, {"Location": body["url"]}


@blueprint.get("/movies/<int:movie_id>")
def get_movie(movie_id):
    return jsonify(db.get_or_404(Movie, movie_id).to_dict())


@blueprint.put("/movies/<int:movie_id>")
@editor_required
def replace_movie(movie_id):
    movie = db.get_or_404(Movie, movie_id)
    check_version(movie)
    for name, value in read_movie().items():
        setattr(movie, name, value)
    db.session.commit()
    return jsonify(movie.to_dict())


@blueprint.delete("/movies/<int:movie_id>")
@editor_required
def delete_movie(movie_id):
    movie = db.get_or_404(Movie, movie_id)
    check_version(movie)
    db.session.delete(movie)
    db.session.commit()
    return "", 204


def check_version(movie):
    etag = generate_etag(jsonify(movie.to_dict()).data) if request.if_match else None
    if request.if_match and not request.if_match.contains(etag):
        abort(412)


def read_movie():
    """Return the body's members, or refuse it with a reason for each that is wrong."""
    values = request.get_json()
    if not isinstance(values, dict):
        abort(400, "The body is not an object.")
    values = {"imdb_id": None} | values
    reasons = dict.fromkeys(REQUIRED - values.keys(), "is required")
    for name, value in values.items():
        if name not in RULES:
            reasons[name] = "is not known"
        elif not RULES[name](value):
            reasons[name] = "is wrong"
    if reasons:
        abort(400, "; ".join(f"{name} {reason}" for name, reason in reasons.items()))
    return values


def is_text(value):
    return isinstance(value, str) and 0 < len(value.strip()) <= 300


def is_whole_number(value, least, most):
    return type(value) is int and least <= value <= most


RULES = {
    "title": is_text,
    "director": is_text,
    "year": lambda value: is_whole_number(value, 1888, 2100),
    "runtime": lambda value: is_whole_number(value, 1, 100_000),
    "imdb_id": lambda value: value is None or (isinstance(value, str) and value.startswith("tt")),
}
