"""Agrees with the client on the media type of the answer (RFC 9110, section 12.5.1)."""

import re

from flask import g, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

JSON, JSON_LD, TEXT = "application/json", "application/ld+json", "text/plain"
RANGE = re.compile(r"\*/\*|[^*/\s]+/[^/\s]+")
READS = {"GET", "HEAD", "OPTIONS"}


def offer(blueprint, *media_types, to_readers=(), in_url=lambda: None):
    """Let a blueprint's views answer in one of these media types, named in `g.media_type`.

    It is chosen before a view runs: what cannot be answered is not done. `in_url` returns the one
    on which the URL of a reader insists, or None; `Accept` must then take this one.
    """

    @blueprint.before_request
    def choose():
        if request.method == "OPTIONS":  # is answered without a body
            return
        reads = request.method in READS
        insisted = in_url() if reads else None
        offers = (insisted,) if insisted else (*media_types, *(to_readers if reads else ()))
        g.media_type = negotiate(*offers)

    blueprint.after_request(name_media_type)


def negotiate(*offers):
    """Return the one of our offers that the client likes best; raise NotAcceptable if none."""
    ranges = [(name.partition(";")[0], quality) for name, quality in request.accept_mimetypes]
    understood = MIMEAccept((name, quality) for name, quality in ranges if RANGE.fullmatch(name))
    if not understood:
        return offers[0]
    chosen = understood.best_match(offers)
    if chosen is None:
        raise NotAcceptable(f"Here you can have {', '.join(offers)}.")
    return chosen


def name_media_type(response):
    """Say what was agreed on, and which request headers the answer depends on."""
    response.vary.update(("Accept", "Authorization"))
    if response.mimetype == JSON:
        response.mimetype = g.media_type
    return response
