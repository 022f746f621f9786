"""The movie endpoints. The server chooses the ids, so PUT to a missing movie is 404."""

from flask import Blueprint, g

from ..data.database import db, writing
from ..data.finders import find_movie, find_movie_version
from ..data.models import Movie
from ..data.revisions import list_of
from ..http.caching import cached
from ..http.conditional import check_conditions, check_preconditions, quoted_etag, versioned
from ..http.idempotency import idempotent
from ..http.json_body import json_object
from ..http.merge_patch import apply_patch, merge_patch_object
from ..http.negotiation import JSON, JSON_LD, TEXT, offer
from ..http.preferences import answer_as_preferred
from ..users.authentication import login_required
from ..users.permissions import permission_required
from .list_query import asked, read_serialize, text_in_url
from .representation import as_text, movie_url, represent_movie

blueprint = Blueprint("movies", __name__)
offer(blueprint, JSON, JSON_LD, to_readers=(TEXT,), in_url=text_in_url)


@blueprint.post("")
@login_required
@permission_required("movies:write")
@idempotent
def create_movie():
    movie = Movie()
    movie.fill(json_object())
    with writing():
        check_conditions(list_of(Movie))
        db.session.add(movie)
    body = represent_movie(movie.serialize())
    headers = {"Location": movie_url(movie.id), "ETag": quoted_etag(movie)}
    return answer_as_preferred((body, 201, headers))


@blueprint.get("/<id:movie_id>")
@asked(read_serialize)
@versioned(find_movie_version)
@cached
def get_movie(serialize, movie_id):
    serialize = serialize and g.media_type != TEXT
    movie = find_movie(movie_id, serialize)
    return represent_movie(movie) if serialize else as_text([movie])


@blueprint.put("/<id:movie_id>")
@login_required
@permission_required("movies:write")
def replace_movie(movie_id):
    values = json_object()
    with writing():
        movie = find_movie(movie_id, serialize=False)
        check_preconditions(movie)
        movie.fill(values, id=movie_id, url=movie_url(movie_id))
    return answer_as_preferred(represent_movie(movie.serialize()))


@blueprint.patch("/<id:movie_id>")
@login_required
@permission_required("movies:write")
def change_movie(movie_id):
    patch = merge_patch_object()
    with writing():
        movie = find_movie(movie_id, serialize=False)
        check_preconditions(movie)
        apply_patch(movie, patch, id=movie_id, url=movie_url(movie_id))
    body = represent_movie(movie.serialize())
    return answer_as_preferred((body, {"ETag": quoted_etag(movie)}))


@blueprint.delete("/<id:movie_id>")
@login_required
@permission_required("movies:write")
def delete_movie(movie_id):
    with writing():
        movie = find_movie(movie_id, serialize=False)
        check_preconditions(movie)
        body = represent_movie(movie.serialize())
        db.session.delete(movie)
    return answer_as_preferred(body, default="minimal")
