"""Parses the query parameters of lists: filters, order and page."""

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
    """The paging parameters of a list, with their defaults."""

    page: int = 1
    per_page: int = 20

    @property
    def offset(self):
        return min((self.page - 1) * self.per_page, 2**63 - 1)  # SQLite's largest integer

    def facts(self, page):
        """Return the body's members about the page: number, size and total."""
        return {"page": self.page, "per_page": self.per_page, "total": page.total}

    def around(self, page):
        """Return the query parameters of the other pages, by link relation."""
        last = max(ceil(page.total / self.per_page), 1)
        pages = {"first": 1, "last": last}
        if self.page > 1:
            pages["prev"] = min(self.page - 1, last)
        if self.page < last:
            pages["next"] = self.page + 1
        return {rel: {"page": number} for rel, number in pages.items()}


@dataclass
class CursorQuery:
    """The paging parameters of a list with cursors, with their defaults."""

    cursor: Cursor | None = None  # None: from the beginning
    per_page: int = 20
    sort: str = "name"

    def __post_init__(self):
        if self.cursor and self.cursor.sort != self.sort:
            raise Invalid({"cursor": f"belongs to sort={self.cursor.sort}"})

    def cursor_at(self, entity, columns):
        """Return a Cursor that points to an entity, by its values in two columns."""
        return Cursor(self.sort, *(getattr(entity, column.key) for column in columns))

    def facts(self, page):
        """Return the body's members about the page: size and next cursor."""
        return {"per_page": self.per_page, "next_cursor": page.following and str(page.following)}

    def around(self, page):
        """Return the query parameters of the first and the next page, by link relation."""
        size, cursors = {"per_page": self.per_page}, {"first": None}
        if page.following:
            cursors["next"] = str(page.following)
        return {rel: {"cursor": cursor} | size for rel, cursor in cursors.items()}


@dataclass
class MovieQuestion:
    """Filters and order of the list of movies, in both versions of the API."""

    director: str | None = None
    year: int | None = None
    q: str | None = None  # a part of the title
    sort: str = "id"  # a leading minus sorts in descending order
    serialize: bool = True


@dataclass
class MovieQuery(MovieQuestion, PageQuery):
    """The query parameters of the list of movies."""


@dataclass
class MovieCursorQuery(MovieQuestion, CursorQuery):
    """The query parameters of the list of movies with cursors."""


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
    """Parse the query parameters and pass them to the view; refuse invalid ones first."""

    def decorate(view):
        @wraps(view)
        def answer(*args, **kwargs):
            return view(read_question(request.args), *args, **kwargs)

        return answer

    return decorate


def read_movie_query(arguments):
    """Parse query parameters into a MovieQuery; raise Invalid."""
    return MovieQuery(**read(arguments, PAGE_RULES | MOVIE_RULES))


def read_movie_cursor_query(arguments):
    """Parse query parameters into a MovieCursorQuery; raise Invalid."""
    return MovieCursorQuery(**read(arguments, CURSOR_RULES | MOVIE_RULES))


def read_cursor_query(arguments):
    """Parse query parameters into a CursorQuery; raise Invalid."""
    return CursorQuery(**read(arguments, CURSOR_RULES))


def read_page_query(arguments):
    """Parse query parameters into a PageQuery; raise Invalid."""
    return PageQuery(**read(arguments, PAGE_RULES))


def read_serialize(arguments):
    """Return `?serialize=` as a bool: True (the default) for dictionaries, False for instances."""
    return read(arguments, {"serialize": read_flag}).get("serialize", True)


def text_in_url():
    """Return text/plain if the URL says `?serialize=false`, or None."""
    return TEXT if request.args.get("serialize") == "false" else None


def read(arguments, rules):
    """Return the arguments, each parsed by the rule of its name; ignore those without a rule.

    Raises Invalid, with a reason for each argument that its rule rejects.
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
