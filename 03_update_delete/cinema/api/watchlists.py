"""The watchlist endpoints. Clients choose the names, so PUT to a missing watchlist creates it."""

from flask import Blueprint, request

from ..data.database import db, writing
from ..data.finders import find_watchlist, find_watchlists
from ..data.models import Watchlist
from ..http.json_body import json_object
from ..http.merge_patch import apply_patch, merge_patch_object
from ..http.negotiation import JSON, JSON_LD, offer
from ..http.preferences import answer_as_preferred
from .api_key import key_required
from .list_query import read_page_query
from .page_links import link_header
from .representation import represent_watchlist, represent_watchlists, watchlist_url

blueprint = Blueprint("watchlists", __name__)
offer(blueprint, JSON, JSON_LD)


@blueprint.get("")
def list_watchlists():
    query = read_page_query(request.args)
    page = find_watchlists(query)
    return represent_watchlists(page, query), {"Link": link_header(query, page.total)}


@blueprint.get("/<name>")
def get_watchlist(name):
    return represent_watchlist(find_watchlist(name))


@blueprint.put("/<name>")
@key_required
def put_watchlist(name):
    values = json_object()
    with writing():
        known = db.session.get(Watchlist, name)
        watchlist = known or Watchlist()
        watchlist.fill(values, name=name, url=watchlist_url(name))
        db.session.add(watchlist)
    body = represent_watchlist(watchlist.serialize())
    created = 201, {"Location": watchlist_url(name)}
    return answer_as_preferred(body if known else (body, *created))


@blueprint.patch("/<name>")
@key_required
def change_watchlist(name):
    patch = merge_patch_object()
    with writing():
        watchlist = find_watchlist(name, serialize=False)
        apply_patch(watchlist, patch, name=name, url=watchlist_url(name))
    return answer_as_preferred(represent_watchlist(watchlist.serialize()))


@blueprint.delete("/<name>")
@key_required
def delete_watchlist(name):
    with writing():
        watchlist = find_watchlist(name, serialize=False)
        body = represent_watchlist(watchlist.serialize())
        db.session.delete(watchlist)
    return answer_as_preferred(body, default="minimal")
