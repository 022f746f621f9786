"""Parses the query parameters of lists: filters, order and page."""

import re
from dataclasses import dataclass

from flask import request

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


@dataclass
class MovieQuery(PageQuery):
    """The query parameters of the list of movies."""

    director: str | None = None
    year: int | None = None
    q: str | None = None  # a part of the title
    sort: str = "id"  # a leading minus sorts in descending order
    serialize: bool = True


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
MOVIE_RULES = PAGE_RULES | {
    "director": lambda name: text(name, most=300),
    "year": read_year,
    "q": lambda part: text(part, most=300),
    "sort": lambda name: one_of(SORTS, name),
    "serialize": read_flag,
}


def read_movie_query(arguments):
    """Parse query parameters into a MovieQuery; raise Invalid."""
    return MovieQuery(**read(arguments, MOVIE_RULES))


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
