"""Movies: everybody can read them; with a token and the permission, you can add one."""

from cinema.data.validation import text
from cinema.http.json_body import json_object
from flask import Blueprint
from flask_security import auth_required, permissions_required
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from .models import Movie, db

blueprint = Blueprint("movies", __name__)


@blueprint.get("")
def list_movies():
    return {"movies": [movie.title for movie in db.session.scalars(select(Movie))]}


@blueprint.post("")
@auth_required("token")
@permissions_required("movies:write")
def create_movie():
    title = read_title(json_object())
    db.session.add(Movie(title=title))
    db.session.commit()
    return {"title": title}, 201


def read_title(values):
    try:
        return text(values.get("title"), most=300)
    except ValueError as error:
        raise BadRequest(f"The title {error}.") from None
