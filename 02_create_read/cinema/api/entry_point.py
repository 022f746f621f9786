"""The entry point of the API: its name and the URLs of its lists."""

from flask import Blueprint, url_for

blueprint = Blueprint("entry_point", __name__)


@blueprint.get("/")
def get_entry_point():
    return {"name": "Cinema", "movies": url_for("movies.list_movies")}
