"""The models: movies and watchlists, which check every value."""

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from . import validation
from .database import db

YEARS = 1888, 2100  # from the oldest film there is to the distant future
MINUTES = 1, 100_000
LONGEST_WATCHLIST = 100  # movies


class Movie(validation.Checked, db.Model):
    """A film; `runtime` is in minutes, `imdb_id` is its number in the Internet Movie Database."""

    __table_args__ = {"sqlite_autoincrement": True}  # an id is never used again
    MEMBERS = ("title", "director", "year", "runtime", "imdb_id")
    DEFAULTS = {"imdb_id": None}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(index=True)
    director: Mapped[str] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(index=True)
    runtime: Mapped[int] = mapped_column(index=True)
    imdb_id: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    @validates("title", "director")
    def check_text(self, _name, value):
        return validation.text(value, most=300)

    @validates("year")
    def check_year(self, _name, value):
        return validation.whole_number(value, *YEARS)

    @validates("runtime")
    def check_runtime(self, _name, value):
        return validation.whole_number(value, *MINUTES)

    @validates("imdb_id")
    def check_imdb_id(self, _name, value):
        return validation.imdb_id(value)

    def serialize(self):
        """Return the movie as a dictionary, ready to become JSON."""
        return {"id": self.id} | self.members()

    def __str__(self):
        return f"{self.title} ({self.year}), directed by {self.director}, {self.runtime} minutes"


class Watchlist(validation.Checked, db.Model):
    """An ordered list of movies, with a name that its client chooses."""

    MEMBERS = ("name", "title", "movies", "private")
    DEFAULTS = {"movies": [], "private": False}

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    private: Mapped[bool] = mapped_column(default=False)
    owner: Mapped[str] = mapped_column(ForeignKey("user.name", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column()
    items: Mapped[list["WatchlistItem"]] = relationship(
        cascade="all, delete-orphan", order_by="WatchlistItem.position", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False}

    @validates("name")
    def check_name(self, _name, value):
        return validation.slug(value)

    @validates("title")
    def check_title(self, _name, value):
        return validation.text(value, most=300)

    @validates("private")
    def check_private(self, _name, value):
        return validation.flag(value)

    @property
    def movies(self):
        """The ids of the movies, in the order of the list."""
        return [item.movie_id for item in self.items]

    @movies.setter
    def movies(self, movie_ids):
        check_movie_ids(movie_ids)
        if movie_ids != self.movies:  # equal items would still be a change
            self.items = [
                WatchlistItem(position=position, movie_id=movie_id)
                for position, movie_id in enumerate(movie_ids)
            ]

    def serialize(self):
        """Return the watchlist as a dictionary, ready to become JSON."""
        return self.members() | {"owner": self.owner}


class WatchlistItem(db.Model):
    """A movie's place on a watchlist; deleted with the movie, or with the watchlist."""

    watchlist_name: Mapped[str] = mapped_column(
        ForeignKey("watchlist.name", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    movie_id: Mapped[int] = mapped_column(ForeignKey("movie.id", ondelete="CASCADE"), index=True)


def check_movie_ids(movie_ids):
    """Raise ValueError unless this is a list of ids of existing movies, each of them once."""
    if not isinstance(movie_ids, list) or not all(is_id(each) for each in movie_ids):
        raise ValueError("must be a list of movie ids")
    if len(movie_ids) > LONGEST_WATCHLIST or len(set(movie_ids)) < len(movie_ids):
        raise ValueError(f"must be at most {LONGEST_WATCHLIST} movies, each of them once")
    known = set(db.session.scalars(select(Movie.id).where(Movie.id.in_(movie_ids))))
    if missing := [str(each) for each in movie_ids if each not in known]:
        raise ValueError(f"there is no movie {', '.join(missing)}")


def is_id(value):
    return type(value) is int and 0 < value < 2**63
