"""What a list may be asked for in its URL: which movies, in which order, which page."""

import re
from dataclasses import dataclass
from functools import wraps
from math import ceil

from flask import request

from ..data.cursor import Cursor, read_cursor
from ..data.models import YEARS
from ..data.validation import Invalid, one_of, text, whole_number
from ..http.negotiation import TEXT

MOST_PER_PAGE = 100
COLUMNS = ("id", "title", "director", "year", "runtime")
SORTS = (*COLUMNS, *(f"-{name}" for name in COLUMNS))


@dataclass
class PageQuery:
    """A question to a list; what it does not mention stays at its default."""

    page: int = 1
    per_page: int = 20

    @property
    def offset(self):
        return min((self.page - 1) * self.per_page, 2**63 - 1)  # SQLite counts no further

    def facts(self, page):
        """Say which part of all there is a page shows."""
        return {"page": self.page, "per_page": self.per_page, "total": page.total}

    def around(self, page):
        """Return the arguments that ask for the pages around a page, by their relation."""
        last = max(ceil(page.total / self.per_page), 1)
        pages = {"first": 1, "last": last}
        if self.page > 1:
            pages["prev"] = min(self.page - 1, last)
        if self.page < last:
            pages["next"] = self.page + 1
        return {rel: {"page": number} for rel, number in pages.items()}


@dataclass
class CursorQuery:
    """A question to a list for what comes after a place in it."""

    cursor: Cursor | None = None  # None: from the beginning
    per_page: int = 20
    sort: str = "name"

    def __post_init__(self):
        if self.cursor and self.cursor.sort != self.sort:
            raise Invalid({"cursor": f"belongs to sort={self.cursor.sort}"})

    def cursor_at(self, entity, columns):
        """Return the place of an entity in the order of two columns."""
        return Cursor(self.sort, *(getattr(entity, column.key) for column in columns))

    def facts(self, page):
        """Say where the page ends."""
        return {"per_page": self.per_page, "next_cursor": page.following and str(page.following)}

    def around(self, page):
        """Return the arguments that ask for the first and the next page, by their relation."""
        size, cursors = {"per_page": self.per_page}, {"first": None}
        if page.following:
            cursors["next"] = str(page.following)
        return {rel: {"cursor": cursor} | size for rel, cursor in cursors.items()}


@dataclass
class MovieQuestion:
    """What may be asked of the movies, in whatever way the pages are turned."""

    director: str | None = None
    year: int | None = None
    q: str | None = None  # a part of the title
    sort: str = "id"  # with a minus before it: downwards
    serialize: bool = True


@dataclass
class MovieQuery(MovieQuestion, PageQuery):
    """A question to the list of movies."""


@dataclass
class MovieCursorQuery(MovieQuestion, CursorQuery):
    """A question to the list of movies for those after a place in it."""


def read_count(digits):
    if not re.fullmatch("[1-9][0-9]{0,99}", digits):
        raise ValueError("must be a whole number, 1 or more")
    return int(digits)


def read_year(digits):
    return whole_number(int(digits) if re.fullmatch("[0-9]{4}", digits) else None, *YEARS)


def read_flag(word):
    return one_of(("true", "false"), word) == "true"


PAGE_RULES = {
    "page": read_count,
    "per_page": lambda digits: min(read_count(digits), MOST_PER_PAGE),
}
CURSOR_RULES = {"cursor": read_cursor, "per_page": PAGE_RULES["per_page"]}
MOVIE_RULES = {
    "director": lambda name: text(name, most=300),
    "year": read_year,
    "q": lambda part: text(part, most=300),
    "sort": lambda name: one_of(SORTS, name),
    "serialize": read_flag,
}


def asked(read_question):
    """Hand a view what is made of the URL's arguments; what is junk is refused before all else."""

    def decorate(view):
        @wraps(view)
        def answer(*args, **kwargs):
            return view(read_question(request.args), *args, **kwargs)

        return answer

    return decorate


def read_movie_query(arguments):
    """Make a MovieQuery of a URL's arguments."""
    return MovieQuery(**read(arguments, PAGE_RULES | MOVIE_RULES))


def read_movie_cursor_query(arguments):
    """Make a MovieCursorQuery of a URL's arguments."""
    return MovieCursorQuery(**read(arguments, CURSOR_RULES | MOVIE_RULES))


def read_cursor_query(arguments):
    """Make a CursorQuery of a URL's arguments."""
    return CursorQuery(**read(arguments, CURSOR_RULES))


def read_page_query(arguments):
    """Make a PageQuery of a URL's arguments."""
    return PageQuery(**read(arguments, PAGE_RULES))


def read_serialize(arguments):
    """Tell whether `?serialize=` asks for dictionaries (true, the default) or instances."""
    return read(arguments, {"serialize": read_flag}).get("serialize", True)


def text_in_url():
    """Return the media type of lines of text if `?serialize=false` asks for them, or None."""
    return TEXT if request.args.get("serialize") == "false" else None


def read(arguments, rules):
    """Return what the rules make of the arguments; those without a rule are ignored.

    Raises Invalid, with a reason for each argument that cannot be understood.
    """
    values, reasons = {}, {}
    for name, rule in rules.items():
        given = arguments.getlist(name)
        try:
            if len(given) > 1:
                raise ValueError("may be given once only")
            if given:
                values[name] = rule(*given)
        except ValueError as error:
            reasons[name] = str(error)
    if reasons:
        raise Invalid(reasons)
    return values
