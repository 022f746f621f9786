"""The entry point of the API: its name and the URLs of its lists."""

from flask import Blueprint, url_for

from ..http.negotiation import JSON, JSON_LD, offer
from .representation import represent_entry_point

blueprint = Blueprint("entry_point", __name__)
offer(blueprint, JSON, JSON_LD)


@blueprint.get("/")
def get_entry_point():
    lists = {
        "movies": url_for("movies.list_movies"),
        "watchlists": url_for("watchlists.list_watchlists"),
    }
    return represent_entry_point("Cinema", url_for(".get_entry_point"), lists)
