"""Conditional requests (RFC 9110, section 13): answer what is new, change what is known."""

from functools import wraps
from types import SimpleNamespace

from flask import Response, current_app, g, make_response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from .negotiation import JSON, JSON_LD, TEXT

SHORT = {JSON: "json", JSON_LD: "ld", TEXT: "text"}
UNVERSIONED = SimpleNamespace(version=None)  # is there, and has no ETag: only "*" means it
WHAT_A_304_SAYS = {"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary"}


def init_app(app, viewer=lambda: ""):
    """`viewer` tells apart for whom an answer is made: a word, or "" for whoever is a stranger."""
    app.extensions["viewer"] = viewer
    app.after_request(nothing_else_in_304)


def versioned(find_version):
    """Give a GET its ETag; spare it all work if the client has this version already.

    `find_version` is called with what the URL holds. It runs before the view: should somebody write
    between them, the body is newer than its ETag, and never older.
    """

    def decorate(view):
        @wraps(view)
        def answer(*args, **kwargs):
            g.etag = etag(find_version(**request.view_args))
            if "If-Match" in request.headers and not request.if_match.contains(g.etag):
                raise PreconditionFailed("This is not the version that If-Match names.")
            if request.if_none_match.contains_weak(g.etag):
                response = Response(status=304)
            else:
                response = make_response(view(*args, **kwargs))
            response.headers["ETag"] = f'"{g.etag}"'
            return response

        return answer

    return decorate


def etag(version):
    """Name a version, and the way in which it is shown here: two ways are two representations."""
    return tag(version, SHORT[g.media_type], viewer())


def tag(version, way, viewer):
    return "-".join(filter(None, (str(version), way, viewer)))


def viewer():
    return current_app.extensions["viewer"]()


def quoted_etag(entity):
    """Return the ETag of what was written, for those who go on from there.

    Not for PUT: what we keep is not, to the byte, what was sent (RFC 9110, section 9.3.4).
    """
    return f'"{etag(entity.version)}"'


def check_preconditions(entity):
    """Refuse a change as `check_conditions` does, and one without a condition if one is required.

    Raises PreconditionFailed, or PreconditionRequired if our settings want a condition.
    """
    check_conditions(entity)
    conditional = "If-Match" in request.headers or request.if_none_match
    if current_app.config["REQUIRE_IF_MATCH"] and not conditional:
        raise PreconditionRequired("Send If-Match with the ETag that you have read (RFC 6585).")


def check_conditions(entity):
    """Refuse what is meant for another version, or for none (None: nothing is there).

    The entity is what the URL of the request names: for a POST, the list. To be called in
    `writing()`: what was checked there holds until the change is done. Raises PreconditionFailed.
    """
    expected, forbidden = request.if_match, request.if_none_match
    conditional = "If-Match" in request.headers  # with nonsense in it, too: nothing matches that
    if conditional and not matches(expected, expected.as_set(), entity):
        raise PreconditionFailed("It has changed since you read it: read it again.")
    if forbidden and matches(forbidden, forbidden.as_set(include_weak=True), entity):
        raise PreconditionFailed("It is there already, and If-None-Match says that it must not be.")


def matches(etags, tags, entity):
    """Tell whether a tag is this version's, in any way it is shown in to this client or to all."""
    if entity is None or etags.star_tag:
        return entity is not None
    if entity.version is None:
        return False
    viewers = ("", viewer())
    shown = {tag(entity.version, way, viewer) for way in SHORT.values() for viewer in viewers}
    return not shown.isdisjoint(tags)


def nothing_else_in_304(response):
    """Leave out what a client with the ETag has already (RFC 9110, section 15.4.5)."""
    if response.status_code == 304:
        said = [header for header in response.headers if header[0] in WHAT_A_304_SAYS]
        response.headers = Headers(said)
    return response
