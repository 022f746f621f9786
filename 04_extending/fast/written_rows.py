"""Writes movies as rows, without the session's bookkeeping.

Replaces: the views that create and replace a movie, through `app.view_functions`. The model still
checks each value, but the ORM does not work out what has changed and in which order to write it.
Gives up: such a change does not pass `before_flush`, so it must take its version number itself.
"""

from functools import cache
from types import SimpleNamespace

from cinema.api import movies
from cinema.data.database import writing
from cinema.data.models import Movie
from cinema.data.revisions import Revision
from cinema.http.conditional import check_conditions, check_preconditions, quoted_etag
from cinema.http.idempotency import idempotent
from cinema.http.json_body import json_object
from cinema.http.preferences import answer_as_preferred
from cinema.users.authentication import login_required
from cinema.users.permissions import permission_required
from sqlalchemy import bindparam, insert, select, update

from .common import COLUMNS, execute, refuse_missing, replace

TABLE, REVISIONS = Movie.__table__, Revision.__table__
INSERT = insert(TABLE).values({name: bindparam(name) for name in (*Movie.MEMBERS, "version")})
KNOWN = select(*COLUMNS, Movie.version).where(Movie.id == bindparam("id"))
NEXT = (
    update(REVISIONS)
    .where(REVISIONS.c.kind == Movie.__tablename__)
    .values(number=REVISIONS.c.number + 1)
    .returning(REVISIONS.c.number)
)


def init_app(app):
    replace(app, "v", "movies.create_movie", create_movie)
    replace(app, "v", "movies.replace_movie", replace_movie)


@login_required
@permission_required("movies:write")
@idempotent
def create_movie():
    movie = Movie()
    movie.fill(json_object())
    with writing():
        movie.version = execute(NEXT).scalar_one()
        check_conditions(SimpleNamespace(version=movie.version - 1))  # of the list, before this
        row = execute(INSERT, **movie.members(), version=movie.version).inserted_primary_key
    movie.id = row.id
    headers = {"Location": movies.movie_url(movie.id), "ETag": quoted_etag(movie)}
    return answer_as_preferred((movies.represent_movie(movie.serialize()), 201, headers))


@login_required
@permission_required("movies:write")
def replace_movie(movie_id):
    values, movie = json_object(), Movie()
    with writing():
        known = execute(KNOWN, id=movie_id).first()
        refuse_missing(known, movie_id)
        check_preconditions(known)
        movie.fill(values, id=movie_id, url=movies.movie_url(movie_id))
        members = movie.members().items()
        changes = {name: value for name, value in members if getattr(known, name) != value}
        if changes:
            changes["version"] = execute(NEXT).scalar_one()
            execute(update_of(*changes), its_id=movie_id, **changes)
    return answer_as_preferred(movies.represent_movie({"id": movie_id} | movie.members()))


@cache
def update_of(*names):
    """Return the statement that writes these columns; the indexes of others stay as they are."""
    place = TABLE.c.id == bindparam("its_id")
    return update(TABLE).where(place).values({name: bindparam(name) for name in names})
