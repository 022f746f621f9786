"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a POST that is safe to repeat.

A client that gets no response does not know whether its POST was done. With a key, it can send the
request again, and gets the first response.
"""

import hashlib
import re
from functools import wraps

from flask import Response, current_app, g, make_response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest

from .json_body import whole_body

KEY = re.compile(r'("?)(?P<key>[ !#-~]{1,255})\1')  # with or without quotation marks


class InFlight(Exception):
    """The first request with this key is still being processed."""


class KeyReused(Exception):
    """The key was used for a different request before."""


def init_app(app, store, client):
    """`store` stores responses, as data/kept_answers.py does; `client()` is the user's name."""
    app.extensions["idempotency"] = store, client


def idempotent(view):
    """Run the view once for each Idempotency-Key; after that, return the stored response."""

    @wraps(view)
    def once(*args, **kwargs):
        if "Idempotency-Key" not in request.headers:
            return view(*args, **kwargs)
        store, client = current_app.extensions["idempotency"]
        kept, is_new = store.find_or_begin(client(), read_key(), fingerprint())
        if is_new:
            return finish(store, kept, view, *args, **kwargs)
        return first_answer(kept)

    return once


def finish(store, kept, view, *args, **kwargs):
    """Run the view and store its response, both in one transaction."""
    try:
        with store.keeping():
            response = make_response(view(*args, **kwargs))
            kept.status = response.status_code
            kept.headers = response.headers.to_wsgi_list()
            kept.body = response.get_data()
    except BaseException:  # refused or failed: free the key
        store.forget(kept)
        raise
    return response


def first_answer(kept):
    """Return the stored response as it was, without a default Content-Type.

    Raises KeyReused if it belongs to a different request, InFlight if there is none yet.
    """
    if kept.fingerprint != fingerprint():
        raise KeyReused("This Idempotency-Key came with another request before.")
    if not kept.status:
        raise InFlight("The first request with this Idempotency-Key is not answered yet.")
    response = Response(kept.body, kept.status)
    response.headers = Headers(kept.headers)
    return response


def read_key():
    """Return the key. The draft requires quotation marks, but many clients send none."""
    found = KEY.fullmatch(request.headers["Idempotency-Key"])
    if not found:
        raise BadRequest("Idempotency-Key must be 1 to 255 characters of ASCII, quoted or not.")
    return found["key"]


def fingerprint():
    """Return a hash of the request: its method, URL, media types and body."""
    types = request.content_type, g.media_type  # of the request, and of the response
    parts = (request.method, request.host, request.full_path, types, whole_body())
    return hashlib.sha256(repr(parts).encode()).hexdigest()
