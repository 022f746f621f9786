"""The watchlist endpoints. Clients choose the names, so PUT to a missing watchlist creates it."""

from flask import Blueprint

from ..data.database import db, writing
from ..data.finders import find_watchlist, find_watchlist_version
from ..data.models import Watchlist
from ..http.caching import cached
from ..http.conditional import check_preconditions, quoted_etag, versioned
from ..http.json_body import json_object
from ..http.merge_patch import apply_patch, merge_patch_object
from ..http.negotiation import JSON, JSON_LD, offer
from ..http.preferences import answer_as_preferred
from ..users.authentication import current_login, login_required
from ..users.permissions import permission_required, reader, refuse_others
from .representation import represent_watchlist, watchlist_url

blueprint = Blueprint("watchlists", __name__)
offer(blueprint, JSON, JSON_LD)


@blueprint.get("/<name>")
@versioned(lambda name: find_watchlist_version(name, reader()))
@cached
def get_watchlist(name):
    return represent_watchlist(find_watchlist(name, reader()))


@blueprint.put("/<name>")
@login_required
@permission_required("watchlists:write")
def put_watchlist(name):
    values = json_object()
    with writing():
        known = db.session.get(Watchlist, name)
        watchlist = find_own_watchlist(name) if known else Watchlist(owner=current_login().name)
        check_preconditions(known)
        watchlist.fill(values, name=name, owner=watchlist.owner, url=watchlist_url(name))
        db.session.add(watchlist)
    body = represent_watchlist(watchlist.serialize())
    created = 201, {"Location": watchlist_url(name)}
    return answer_as_preferred(body if known else (body, *created))


@blueprint.patch("/<name>")
@login_required
@permission_required("watchlists:write")
def change_watchlist(name):
    patch = merge_patch_object()
    with writing():
        watchlist = find_own_watchlist(name)
        check_preconditions(watchlist)
        identity = {"name": name, "owner": watchlist.owner, "url": watchlist_url(name)}
        apply_patch(watchlist, patch, **identity)
    body = represent_watchlist(watchlist.serialize())
    return answer_as_preferred((body, {"ETag": quoted_etag(watchlist)}))


@blueprint.delete("/<name>")
@login_required
@permission_required("watchlists:write")
def delete_watchlist(name):
    with writing():
        watchlist = find_own_watchlist(name)
        check_preconditions(watchlist)
        body = represent_watchlist(watchlist.serialize())
        db.session.delete(watchlist)
    return answer_as_preferred(body, default="minimal")


def find_own_watchlist(name):
    """Return a watchlist to change; raise WatchlistNotFound if hidden, Forbidden if not theirs."""
    watchlist = find_watchlist(name, reader(), serialize=False)
    refuse_others(watchlist.owner)
    return watchlist
