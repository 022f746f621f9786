"""Content negotiation: chooses the media type by Accept (RFC 9110, section 12.5.1)."""

import re

from flask import g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

JSON, JSON_LD, TEXT = "application/json", "application/ld+json", "text/plain"
RANGE = re.compile(r"\*/\*|[^*/\s]+/[^/\s]+")
READS = {"GET", "HEAD", "OPTIONS"}


def offer(blueprint, *media_types, to_readers=(), in_url=lambda: None):
    """Choose one of these media types for a blueprint's responses, as `g.media_type`.

    That happens before the view, so a 406 has no effects. `to_readers` are more types for GET;
    `in_url` returns the only one that a GET's URL allows, or None. `Accept` must then allow it.
    """

    @blueprint.before_request
    def choose():
        if request.method == "OPTIONS":  # its response has no body
            return
        reads = request.method in READS
        insisted = in_url() if reads else None
        offers = (insisted,) if insisted else (*media_types, *(to_readers if reads else ()))
        g.media_type = negotiate(*offers)

    blueprint.after_request(name_media_type)


def negotiate(*offers):
    """Return the offer that the client prefers; raise NotAcceptable if it accepts none."""
    ranges = [(name.partition(";")[0], quality) for name, quality in request.accept_mimetypes]
    understood = MIMEAccept((name, quality) for name, quality in ranges if RANGE.fullmatch(name))
    if not understood:
        return offers[0]
    chosen = understood.best_match(offers)
    if chosen is None:
        raise NotAcceptable(f"Here you can have {', '.join(offers)}.")
    return chosen


def name_media_type(response):
    """Set Content-Type, and Vary with the request headers that the response depends on."""
    response.vary.update(("Accept", "Authorization", "Cookie", "Signature-Input"))
    if response.mimetype == JSON:
        response.mimetype = g.media_type
    return response
