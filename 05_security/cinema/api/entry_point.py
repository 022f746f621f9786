"""The entry point of the API: its name and the URLs of its lists."""

from flask import Blueprint, url_for

from ..http.negotiation import JSON, JSON_LD, offer
from .api_description import link_description
from .representation import represent_entry_point

blueprint = Blueprint("entry_point", __name__)
offer(blueprint, JSON, JSON_LD)


@blueprint.get("/")
def get_entry_point():
    lists = {
        "movies": url_for("v1.movie_list.list_movies"),
        "watchlists": url_for("v1.watchlist_list.list_watchlists"),
    }
    body = represent_entry_point("Cinema", url_for(".get_entry_point"), lists)
    return body, {"Link": link_description()}
