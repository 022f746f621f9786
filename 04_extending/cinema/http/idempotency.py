"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): POST that may be sent again.

A client that hears nothing does not know whether its POST was done. With a key, it sends it again,
and hears what it would have heard the first time.
"""

import hashlib
import re
from functools import wraps

from flask import Response, current_app, g, make_response, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest

from .json_body import whole_body

KEY = re.compile(r'("?)(?P<key>[ !#-~]{1,255})\1')  # in quotation marks, or in none


class InFlight(Exception):
    """The first request with this key is being answered at this moment."""


class KeyReused(Exception):
    """The key came with another request before."""


def init_app(app, store, client):
    """`store` keeps the answers, as data/kept_answers.py does; `client` names who is asking."""
    app.extensions["idempotency"] = store, client


def idempotent(view):
    """Do a request with an Idempotency-Key once, and answer it as often as it comes."""

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
    """Keep the answer in the same transaction as what was done: never one without the other."""
    try:
        with store.keeping():
            response = make_response(view(*args, **kwargs))
            kept.status = response.status_code
            kept.headers = response.headers.to_wsgi_list()
            kept.body = response.get_data()
    except BaseException:  # refused, or failed: the key may be used again
        store.forget(kept)
        raise
    return response


def first_answer(kept):
    """Return the answer as it was, with no media type of Flask's if it had none.

    Raises KeyReused if it is that of another request, and InFlight if it is not there yet.
    """
    if kept.fingerprint != fingerprint():
        raise KeyReused("This Idempotency-Key came with another request before.")
    if not kept.status:
        raise InFlight("The first request with this Idempotency-Key is not answered yet.")
    response = Response(kept.body, kept.status)
    response.headers = Headers(kept.headers)
    return response


def read_key():
    """Return the key; the draft wants it in quotation marks, and many clients send none."""
    found = KEY.fullmatch(request.headers["Idempotency-Key"])
    if not found:
        raise BadRequest("Idempotency-Key must be 1 to 255 characters of ASCII, quoted or not.")
    return found["key"]


def fingerprint():
    """Return what is the same for the same request only."""
    types = request.content_type, g.media_type  # of what was sent, and of what comes back
    parts = (request.method, request.host, request.full_path, types, whole_body())
    return hashlib.sha256(repr(parts).encode()).hexdigest()
