"""The models: movies, which check every value."""

from sqlalchemy.orm import Mapped, mapped_column, validates

from . import validation
from .database import db

YEARS = 1888, 2100  # from the oldest film there is to the distant future
MINUTES = 1, 100_000


class Movie(validation.Checked, db.Model):
    """A film; `runtime` is in minutes, `imdb_id` is its number in the Internet Movie Database."""

    __table_args__ = {"sqlite_autoincrement": True}  # an id is never used again
    MEMBERS = ("title", "director", "year", "runtime", "imdb_id")
    DEFAULTS = {"imdb_id": None}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    director: Mapped[str] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(index=True)
    runtime: Mapped[int]
    imdb_id: Mapped[str | None] = mapped_column(unique=True)

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
        return {name: getattr(self, name) for name in ("id", *self.MEMBERS)}

    def __str__(self):
        return f"{self.title} ({self.year}), directed by {self.director}, {self.runtime} minutes"
