"""Conditional requests (RFC 9110, section 13): 304 if unchanged, 412 if changed meanwhile."""

from functools import wraps
from types import SimpleNamespace

from flask import Response, current_app, g, make_response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import PreconditionFailed, PreconditionRequired

from .negotiation import JSON, JSON_LD, TEXT

SHORT = {JSON: "json", JSON_LD: "ld", TEXT: "text"}
UNVERSIONED = SimpleNamespace(version=None)  # exists, but has no ETag: only "*" matches
WHAT_A_304_SAYS = {"Cache-Control", "Content-Location", "Date", "ETag", "Expires", "Vary"}


def init_app(app, viewer=lambda: ""):
    """`viewer()` returns a word for who is asking, to put in ETags; "" without credentials."""
    app.extensions["viewer"] = viewer
    app.after_request(nothing_else_in_304)


def versioned(find_version):
    """Add an ETag to a GET; answer 304, without the view, if the client has this version already.

    `find_version` takes the variables of the URL. It runs before the view: if somebody writes in
    between, the body is newer than its ETag, never older.
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
    """Return the ETag of a version; each media type, and each kind of reader, has its own."""
    return tag(version, SHORT[g.media_type], viewer())


def tag(version, way, viewer):
    return "-".join(filter(None, (str(version), way, viewer)))


def viewer():
    return current_app.extensions["viewer"]()


def quoted_etag(entity):
    """Return the new ETag of an entity that was written, in quotation marks.

    Not for PUT: we do not store the body byte for byte (RFC 9110, section 9.3.4).
    """
    return f'"{etag(entity.version)}"'


def check_preconditions(entity):
    """Check conditions as `check_conditions` does; with REQUIRE_IF_MATCH, there must be one.

    Raises PreconditionFailed or PreconditionRequired.
    """
    check_conditions(entity)
    conditional = "If-Match" in request.headers or request.if_none_match
    if current_app.config["REQUIRE_IF_MATCH"] and not conditional:
        raise PreconditionRequired("Send If-Match with the ETag that you have read (RFC 6585).")


def check_conditions(entity):
    """Raise PreconditionFailed if the entity does not meet If-Match or If-None-Match.

    The entity is the resource at the request's URL (for a POST, the list), or None if it is
    missing. Call it in `writing()`, where the result holds until the change is done.
    """
    expected, forbidden = request.if_match, request.if_none_match
    conditional = "If-Match" in request.headers  # even a malformed one, which nothing matches
    if conditional and not matches(expected, expected.as_set(), entity):
        raise PreconditionFailed("It has changed since you read it: read it again.")
    if forbidden and matches(forbidden, forbidden.as_set(include_weak=True), entity):
        raise PreconditionFailed("It is there already, and If-None-Match says that it must not be.")


def matches(etags, tags, entity):
    """Tell whether a tag is the entity's, in any media type, for this reader or for everybody."""
    if entity is None or etags.star_tag:
        return entity is not None
    if entity.version is None:
        return False
    viewers = ("", viewer())
    shown = {tag(entity.version, way, viewer) for way in SHORT.values() for viewer in viewers}
    return not shown.isdisjoint(tags)


def nothing_else_in_304(response):
    """Remove from a 304 the headers that the client already has (RFC 9110, section 15.4.5)."""
    if response.status_code == 304:
        said = [header for header in response.headers if header[0] in WHAT_A_304_SAYS]
        response.headers = Headers(said)
    return response
