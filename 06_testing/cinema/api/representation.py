"""Builds response bodies: an entity's data, and what only HTTP knows, such as URLs."""

from flask import Response, g, request

from ..http.negotiation import JSON_LD
from ..users.permissions import may, may_change
from .hypermedia import absolute, collection, collection_of, document, node, template
from .page_links import asked_page, list_url, pages_around
from .urls import version_url

ENTRY_POINT = ("EntryPoint", "Resource")  # in Hydra, a Resource may have collections
TYPES = {"movies": "Movie", "watchlists": "ItemList"}  # of the lists' members


def represent_entry_point(name, url, lists):
    """Return the body of the entry point: a name, and the URLs of the lists."""
    if g.media_type == JSON_LD:
        links = {list_name: absolute(list_url) for list_name, list_url in lists.items()}
        held = [collection_of(TYPES[list_name], list_url) for list_name, list_url in lists.items()]
        door = node(ENTRY_POINT, url, {"name": name} | links | {"collection": held})
        return document(door, expects=None, may_change=False)
    return {"name": name} | lists


def represent_movie(movie):
    """Return the body for a movie (a dictionary)."""
    return document(describe_movie(movie), "Movie", may("movies:write"))


def represent_watchlist(watchlist):
    """Return the body for a watchlist (a dictionary)."""
    return document(describe_watchlist(watchlist), "ItemList", may_change(watchlist["owner"]))


def represent_movies(page, query):
    """Return the body for a page of movies (dictionaries)."""
    movies = [describe_movie(movie) for movie in page.items]
    body = describe_page("movies", movies, page, query)
    return document(body, "Movie", may("movies:write"))


def represent_watchlists(page, query):
    """Return the body for a page of watchlists (dictionaries)."""
    watchlists = [describe_watchlist(watchlist) for watchlist in page.items]
    body = describe_page("watchlists", watchlists, page, query)
    if g.media_type == JSON_LD:  # clients create watchlists at URLs like this, by PUT
        body["search"] = template(request.root_path + request.path, "name")
    return document(body, "ItemList", may("watchlists:write"))


def describe_page(name, items, page, query):
    """Return a page of items with the facts about it; as JSON-LD, a Hydra collection."""
    if g.media_type == JSON_LD:
        around = pages_around(query, page)
        return collection(items, page.total, list_url(query), asked_page(query, around), around)
    return {name: items} | query.facts(page)


def describe_movie(movie):
    """Return a movie with its URL; as JSON-LD, also with its type."""
    url = movie_url(movie["id"])
    if g.media_type == JSON_LD:
        return node("Movie", url, movie | {"duration": f"PT{movie['runtime']}M"})
    return movie | {"url": url}


def describe_watchlist(watchlist):
    """Return a watchlist with its URL; as JSON-LD, also with its type."""
    url = watchlist_url(watchlist["name"])
    if g.media_type == JSON_LD:
        movies = [absolute(movie_url(movie_id)) for movie_id in watchlist["movies"]]
        return node("ItemList", url, watchlist | {"movies": movies})
    return watchlist | {"url": url}


def as_text(movies):
    """Return a text/plain response with movies (instances), one per line."""
    lines = (" ".join(str(movie).split()) for movie in movies)
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


def movie_url(movie_id):
    return version_url("movies.get_movie", movie_id=movie_id)


def watchlist_url(name):
    return version_url("watchlists.get_watchlist", name=name)
