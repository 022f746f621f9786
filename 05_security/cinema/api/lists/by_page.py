"""The lists of version 1: numbered pages, with the total number of items."""

from flask import Blueprint, g

from ...data.finders import find_movies, find_watchlists
from ...data.models import Movie, Watchlist
from ...data.revisions import revision_of
from ...http.caching import cached
from ...http.conditional import versioned
from ...http.negotiation import JSON, JSON_LD, TEXT, offer
from ...users.permissions import reader
from ..list_query import asked, read_movie_query, read_page_query, text_in_url
from ..page_links import link_header
from ..representation import as_text, represent_movies, represent_watchlists

movies = Blueprint("movie_list", __name__)
offer(movies, JSON, JSON_LD, to_readers=(TEXT,), in_url=text_in_url)

watchlists = Blueprint("watchlist_list", __name__)
offer(watchlists, JSON, JSON_LD)


@movies.get("")
@asked(read_movie_query)
@versioned(lambda: revision_of(Movie))
@cached
def list_movies(query):
    serialize = query.serialize and g.media_type != TEXT
    page = find_movies(query, serialize)
    body = represent_movies(page, query) if serialize else as_text(page.items)
    return body, {"Link": link_header(query, page)}


@watchlists.get("")
@asked(read_page_query)
@versioned(lambda: revision_of(Watchlist))
@cached
def list_watchlists(query):
    page = find_watchlists(query, reader())
    return represent_watchlists(page, query), {"Link": link_header(query, page)}
