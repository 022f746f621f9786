"""The movie endpoints: list, create, get."""

from flask import Blueprint, request

from ..data.database import db, writing
from ..data.finders import find_movie, find_movies
from ..data.models import Movie
from ..http.json_body import json_object
from .api_key import key_required
from .list_query import read_movie_query, read_serialize
from .page_links import link_header
from .representation import as_text, movie_url, represent_movie, represent_movies

blueprint = Blueprint("movies", __name__)


@blueprint.get("")
def list_movies():
    query = read_movie_query(request.args)
    page = find_movies(query, query.serialize)
    body = represent_movies(page, query) if query.serialize else as_text(page.items)
    return body, {"Link": link_header(query, page.total)}


@blueprint.post("")
@key_required
def create_movie():
    movie = Movie()
    movie.fill(json_object())
    with writing():
        db.session.add(movie)
    return represent_movie(movie.serialize()), 201, {"Location": movie_url(movie.id)}


@blueprint.get("/<id:movie_id>")
def get_movie(movie_id):
    serialize = read_serialize(request.args)
    movie = find_movie(movie_id, serialize)
    return represent_movie(movie) if serialize else as_text([movie])
