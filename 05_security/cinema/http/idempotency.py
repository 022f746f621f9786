"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): POST that may be sent again.

A client that hears nothing does not know whether its POST was done. With a key, it sends it again,
and hears what it would have heard the first time.
"""

import hashlib
import re
import time
from functools import wraps

from flask import Response, g, make_response, request
from sqlalchemy import delete
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest

from ..data.database import db, writing
from ..users.authentication import current_login
from .json_body import whole_body

REMEMBERED_FOR = 24 * 60 * 60  # seconds
GIVEN_UP_AFTER = 60  # seconds: a request that has not been answered by then never will be
KEY = re.compile(r'("?)(?P<key>[ !#-~]{1,255})\1')  # in quotation marks, or in none


class InFlight(Exception):
    """The first request with this key is being answered at this moment."""


class KeyReused(Exception):
    """The key came with another request before."""


class KeptAnswer(db.Model):
    """A request that came with a key, and what it was answered; a status of 0: not yet."""

    user_name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    received: Mapped[float] = mapped_column(index=True)  # seconds since 1970
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[list] = mapped_column(db.JSON, default=list)
    body: Mapped[bytes] = mapped_column(default=b"")


def idempotent(view):
    """Do a request with an Idempotency-Key once, and answer it as often as it comes."""

    @wraps(view)
    def once(*args, **kwargs):
        if "Idempotency-Key" not in request.headers:
            return view(*args, **kwargs)
        kept = find_or_begin(read_key(), fingerprint())
        if kept.status:
            return first_answer(kept)
        return finish(kept, view, *args, **kwargs)

    return once


def find_or_begin(key, its_fingerprint):
    """Return what is kept of the key; if it is new, keep from now on that it is in flight."""
    user_name = current_login().name
    with writing():
        forget_old()
        kept = db.session.get(KeptAnswer, (user_name, key))
        if kept is None:
            kept = KeptAnswer(
                user_name=user_name, key=key, fingerprint=its_fingerprint, received=time.time()
            )
            db.session.add(kept)
        elif kept.fingerprint != its_fingerprint:
            raise KeyReused("This Idempotency-Key came with another request before.")
        elif not kept.status:
            raise InFlight("The first request with this Idempotency-Key is not answered yet.")
    return kept


def finish(kept, view, *args, **kwargs):
    """Keep the answer in the same transaction as what was done: never one without the other."""
    try:
        with writing():
            response = make_response(view(*args, **kwargs))
            kept.status = response.status_code
            kept.headers = response.headers.to_wsgi_list()
            kept.body = response.get_data()
    except BaseException:  # refused, or failed: the key may be used again
        with writing():
            db.session.execute(
                delete(KeptAnswer).filter_by(user_name=kept.user_name, key=kept.key, status=0)
            )
        raise
    return response


def first_answer(kept):
    """Return the answer as it was, with no media type of Flask's if it had none."""
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


def forget_old():
    now = time.time()
    given_up = (KeptAnswer.status == 0) & (KeptAnswer.received < now - GIVEN_UP_AFTER)
    old = KeptAnswer.received < now - REMEMBERED_FOR
    db.session.execute(delete(KeptAnswer).where(given_up | old))
