"""Reads lists of movies as rows, with statements that are built once for all requests.

Replaces: the views of both lists, through `app.view_functions`. The plain finders build each
`select()` anew, and the ORM makes 20 entities; here only the values differ between requests.
Gives up: there are two more views to keep in step. Text, and a search in titles, stay plain.
"""

from functools import cache
from inspect import unwrap
from types import SimpleNamespace

from cinema.api.list_query import asked, read_movie_cursor_query, read_movie_query
from cinema.api.lists import by_cursor, by_page
from cinema.api.page_links import link_header
from cinema.api.representation import represent_movies
from cinema.data import finders
from cinema.data.models import Movie
from cinema.data.revisions import Revision
from cinema.http.caching import cached
from cinema.http.conditional import versioned
from cinema.http.negotiation import TEXT
from flask import g
from sqlalchemy import bindparam, func, select

from .common import COLUMNS, as_dictionary, execute, replace

NEWEST = select(Revision.number).where(Revision.kind == Movie.__tablename__)
PLACE = SimpleNamespace(value=bindparam("value"), key=bindparam("key"))


def init_app(app):
    for version, read_query, find, plain in (
        ("v1", read_movie_query, find_page, by_page.list_movies),
        ("v2", read_movie_cursor_query, find_page_from, by_cursor.list_movies),
    ):
        view = asked(read_query)(versioned(newest)(cached(list_movies(find, unwrap(plain)))))
        replace(app, version, "movie_list.list_movies", view)


def newest():
    return execute(NEWEST).scalar_one()


def list_movies(find, plain):
    def view(query):
        if query.q is not None or not query.serialize or g.media_type == TEXT:
            return plain(query)
        wanted = {"director": query.director, "year": query.year}
        page = find(query, {name: value for name, value in wanted.items() if value is not None})
        return represent_movies(page, query), {"Link": link_header(query, page)}

    return view


def find_page(query, values):
    rows, count = statements_of_pages(tuple(values), query.sort)
    found = execute(rows, size=query.per_page, offset=query.offset, **values).all()
    total = query.offset + len(found)
    if len(found) == query.per_page or (not found and query.page > 1):
        total = execute(count, **values).scalar_one()
    return finders.Page([as_dictionary(row) for row in found], total)


def find_page_from(query, values):
    columns = getattr(Movie, query.sort.removeprefix("-")), Movie.id
    place = {"value": query.cursor.value, "key": query.cursor.key} if query.cursor else {}
    rows = statement_from(tuple(values), query.sort, columns, bool(place))
    found = execute(rows, size=query.per_page + 1, **place, **values).all()
    shown = found[: query.per_page]
    following = query.cursor_at(shown[-1], columns) if len(found) > len(shown) else None
    return finders.PageFrom([as_dictionary(row) for row in shown], following)


@cache
def statements_of_pages(filters, sort):
    found = matching(filters)
    page = found.order_by(*finders.order(sort)).limit(bindparam("size")).offset(bindparam("offset"))
    return page, select(func.count()).select_from(found.subquery())


@cache
def statement_from(filters, sort, columns, has_place):
    down = sort.startswith("-")
    found = matching(filters)
    rest = finders.after(PLACE, found, columns, down) if has_place else found
    order = [column.desc() if down else column for column in columns]
    return rest.order_by(*order).limit(bindparam("size"))


def matching(filters):
    wanted = {name: bindparam(name) if name in filters else None for name in ("director", "year")}
    return finders.matching(SimpleNamespace(q=None, **wanted)).with_only_columns(*COLUMNS)
