"""The lists of version 2: each page has a cursor to the next, so all pages are equally fast.

To find page 5,000 by its number, the database must skip all rows before it. And while others
write, a client that reads page after page sees a movie twice, or never.
"""

from flask import Blueprint, g

from ...data.finders import find_movies_from, find_watchlists_from
from ...data.models import Movie, Watchlist
from ...data.revisions import revision_of
from ...http.caching import cached
from ...http.conditional import versioned
from ...http.negotiation import JSON, JSON_LD, TEXT, offer
from ...users.permissions import reader
from ..list_query import asked, read_cursor_query, read_movie_cursor_query, text_in_url
from ..page_links import link_header
from ..representation import as_text, represent_movies, represent_watchlists

movies = Blueprint("movie_list", __name__)
offer(movies, JSON, JSON_LD, to_readers=(TEXT,), in_url=text_in_url)

watchlists = Blueprint("watchlist_list", __name__)
offer(watchlists, JSON, JSON_LD)


@movies.get("")
@asked(read_movie_cursor_query)
@versioned(lambda: revision_of(Movie))
@cached
def list_movies(query):
    serialize = query.serialize and g.media_type != TEXT
    page = find_movies_from(query, serialize)
    body = represent_movies(page, query) if serialize else as_text(page.items)
    return body, {"Link": link_header(query, page)}


@watchlists.get("")
@asked(read_cursor_query)
@versioned(lambda: revision_of(Watchlist))
@cached
def list_watchlists(query):
    page = find_watchlists_from(query, reader())
    return represent_watchlists(page, query), {"Link": link_header(query, page)}
