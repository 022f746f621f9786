"""The movie endpoints. The server chooses the ids, so PUT to a missing movie is 404."""

from flask import Blueprint, g, request

from ..data.database import db, writing
from ..data.finders import find_movie, find_movies
from ..data.models import Movie
from ..http.json_body import json_object
from ..http.merge_patch import apply_patch, merge_patch_object
from ..http.negotiation import JSON, JSON_LD, TEXT, offer
from ..http.preferences import answer_as_preferred
from .api_key import key_required
from .list_query import read_movie_query, read_serialize, text_in_url
from .page_links import link_header
from .representation import as_text, movie_url, represent_movie, represent_movies

blueprint = Blueprint("movies", __name__)
offer(blueprint, JSON, JSON_LD, to_readers=(TEXT,), in_url=text_in_url)


@blueprint.get("")
def list_movies():
    query = read_movie_query(request.args)
    serialize = query.serialize and g.media_type != TEXT
    page = find_movies(query, serialize)
    body = represent_movies(page, query) if serialize else as_text(page.items)
    return body, {"Link": link_header(query, page.total)}


@blueprint.post("")
@key_required
def create_movie():
    movie = Movie()
    movie.fill(json_object())
    with writing():
        db.session.add(movie)
    body = represent_movie(movie.serialize())
    return answer_as_preferred((body, 201, {"Location": movie_url(movie.id)}))


@blueprint.get("/<id:movie_id>")
def get_movie(movie_id):
    serialize = read_serialize(request.args) and g.media_type != TEXT
    movie = find_movie(movie_id, serialize)
    return represent_movie(movie) if serialize else as_text([movie])


@blueprint.put("/<id:movie_id>")
@key_required
def replace_movie(movie_id):
    values = json_object()
    with writing():
        movie = find_movie(movie_id, serialize=False)
        movie.fill(values, id=movie_id, url=movie_url(movie_id))
    return answer_as_preferred(represent_movie(movie.serialize()))


@blueprint.patch("/<id:movie_id>")
@key_required
def change_movie(movie_id):
    patch = merge_patch_object()
    with writing():
        movie = find_movie(movie_id, serialize=False)
        apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))
    return answer_as_preferred(represent_movie(movie.serialize()))


@blueprint.delete("/<id:movie_id>")
@key_required
def delete_movie(movie_id):
    with writing():
        movie = find_movie(movie_id, serialize=False)
        body = represent_movie(movie.serialize())
        db.session.delete(movie)
    return answer_as_preferred(body, default="minimal")
