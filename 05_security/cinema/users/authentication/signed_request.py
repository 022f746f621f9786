"""Signed requests (RFC 9421, hmac-sha256): the secret itself is never sent."""

import secrets
import time

from flask import request
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from ...data.database import db, writing
from ...http.json_body import whole_body
from ...http.raw_url import raw_url
from ...http.signatures.message import (
    WINDOW,
    BadSignature,
    ask_for_signature,
    read_signature,
    verify,
    verify_digest,
)
from .. import credentials
from ..login import WrongCredentials, login_of
from ..user import find_user


class UsedNonce(db.Model):
    """A signature's nonce; we store it for as long as the signature is valid."""

    keyid: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    created: Mapped[int] = mapped_column(index=True)


def authenticate():
    """Return the Login of a signed request, or None if it is not signed."""
    if "Signature" not in request.headers and "Signature-Input" not in request.headers:
        return None
    try:
        signature = read_signature(request.method, raw_url(request.environ), request.headers)
        user = find_user(signature.keyid)
        key = credentials.signing_key(user.name) if user else None
        verify(signature, key or secrets.token_bytes(32), int(time.time()))
        verify_digest(signature, whole_body())
        login = login_of(user)
        use_up(signature)
    except BadSignature as error:
        raise WrongCredentials(str(error)) from None
    return login


def accept_signature():
    """Return the Accept-Signature with which the client can sign this request."""
    sent = {name.lower() for name, _ in request.headers}
    if request.content_length or "transfer-encoding" in sent:
        sent.add("content-digest")
    return ask_for_signature(sent, nonce=secrets.token_urlsafe(16))


def use_up(signature):
    """Store the nonce; raise BadSignature if it was used before: the request is a copy."""
    old = UsedNonce.created < int(time.time()) - 2 * WINDOW
    used = UsedNonce(keyid=signature.keyid, nonce=signature.nonce, created=signature.created)
    try:
        with writing():
            db.session.execute(delete(UsedNonce).where(old))
            db.session.add(used)
    except IntegrityError:
        raise BadSignature("This nonce was used before: sign each request anew.") from None
