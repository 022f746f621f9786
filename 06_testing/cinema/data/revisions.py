"""Versions: a thing has the number of its last change, a list that of the last change to any."""

from sqlalchemy import bindparam, event, select, text
from sqlalchemy.orm import Mapped, mapped_column

from .database import db, read_one, writing
from .models import Movie, Watchlist


class Revision(db.Model):
    """How many changes there have been to the things of one kind."""

    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


KINDS = (Movie, Watchlist)
FIRST = text("INSERT INTO revision VALUES (:kind, 0) ON CONFLICT DO NOTHING")
NEXT = text("UPDATE revision SET number = number + 1 WHERE kind = :kind RETURNING number")
NOW = select(Revision.number).where(Revision.kind == bindparam("kind"))
IS_ON_A_WATCHLIST = text("SELECT 1 FROM watchlist_item WHERE movie_id = :movie_id LIMIT 1")
MOVIE_LEAVES_WATCHLISTS = text(
    "UPDATE watchlist SET version = :version WHERE name IN"
    " (SELECT watchlist_name FROM watchlist_item WHERE movie_id = :movie_id)"
)


def init_app(app):
    with app.app_context(), writing() as connection:
        for kind in KINDS:
            connection.execute(FIRST, {"kind": kind.__tablename__})


def revision_of(kind):
    """Return the number of the last change to any thing of a kind."""
    return read_one(NOW, kind=kind.__tablename__).number


def next_revision(connection, kind):
    return connection.scalar(NEXT, {"kind": kind.__tablename__})


@event.listens_for(db.session, "before_flush")
def number_changes(session, *_):
    """Give all that the session is about to write its new version; movie_rows sees to its own."""
    written = [entity for entity in (*session.new, *session.dirty) if session.is_modified(entity)]
    for kind in KINDS:
        changed = [entity for entity in written if isinstance(entity, kind)]
        deleted = [entity for entity in session.deleted if isinstance(entity, kind)]
        if changed or deleted:
            version = next_revision(session.connection(), kind)
            for entity in changed:
                entity.version = version
    for movie in session.deleted:
        if isinstance(movie, Movie):
            change_its_watchlists(session, movie)


def change_its_watchlists(session, movie):
    """A movie that goes takes its places on watchlists along, so they change too."""
    connection = session.connection()
    if connection.scalar(IS_ON_A_WATCHLIST, {"movie_id": movie.id}):
        values = {"version": next_revision(connection, Watchlist), "movie_id": movie.id}
        connection.execute(MOVIE_LEAVES_WATCHLISTS, values)
