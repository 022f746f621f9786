"""Version numbers: of an entity's last change, and of the last change to any of its kind."""

from sqlalchemy import bindparam, event, select
from sqlalchemy.orm import Mapped, mapped_column

from .database import db, writing
from .models import Movie, Watchlist, WatchlistItem

KINDS = (Movie, Watchlist)


class Revision(db.Model):
    """The number of changes so far to entities of one kind."""

    kind: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]

    @property
    def version(self):
        """The version of the list of all entities of this kind."""
        return self.number


NUMBER_OF_KIND = select(Revision.number).where(Revision.kind == bindparam("kind"))  # built once


def init_app(app):
    with app.app_context(), writing():
        for kind in KINDS:
            if db.session.get(Revision, kind.__tablename__) is None:
                db.session.add(Revision(kind=kind.__tablename__, number=0))


def revision_of(kind):
    """Return the number of the last change to any entity of a kind."""
    return db.session.scalar(NUMBER_OF_KIND, {"kind": kind.__tablename__})


def list_of(kind):
    """Return the Revision of a kind, which stands for its list: it has the list's version."""
    return db.session.get(Revision, kind.__tablename__)


@event.listens_for(db.session, "before_flush")
def number_changes(session, *_):
    """Set the versions of all entities that are about to be written, and of their lists."""
    changed = [entity for entity in (*session.new, *session.dirty) if session.is_modified(entity)]
    for movie in session.deleted:
        if isinstance(movie, Movie):
            changed += watchlists_with(session, movie)
    for kind in KINDS:
        if any(isinstance(entity, kind) for entity in (*changed, *session.deleted)):
            revision = list_of(kind)
            revision.number += 1
            for entity in changed:
                if isinstance(entity, kind):
                    entity.version = revision.number


def watchlists_with(session, movie):
    """Return the watchlists that a movie is on: they change when it is deleted."""
    found = select(Watchlist).join(Watchlist.items).where(WatchlistItem.movie_id == movie.id)
    return session.scalars(found).all()
