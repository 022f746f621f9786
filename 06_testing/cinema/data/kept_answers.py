"""Stored responses to requests that may be repeated: see `http/idempotency.py`."""

import time

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, mapped_column

from .database import db, writing

REMEMBERED_FOR = 24 * 60 * 60  # seconds
GIVEN_UP_AFTER = 60  # seconds; a request without a response by then never gets one


class KeptAnswer(db.Model):
    """A request with an Idempotency-Key, and its response; status 0 means: none yet."""

    user_name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    received: Mapped[float] = mapped_column(index=True)  # seconds since 1970
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[list] = mapped_column(db.JSON, default=list)
    body: Mapped[bytes] = mapped_column(default=b"")


def find_or_begin(user_name, key, fingerprint):
    """Return the KeptAnswer of a key, and True if it is new: then it is in flight from now on."""
    with writing():
        forget_old()
        kept = db.session.get(KeptAnswer, (user_name, key))
        if kept is not None:
            return kept, False
        kept = KeptAnswer(
            user_name=user_name, key=key, fingerprint=fingerprint, received=time.time()
        )
        db.session.add(kept)
    return kept, True


def keeping():
    """Commit the block's changes and the response that it stores together, or neither."""
    return writing()


def forget(kept):
    """Free a key that has no response yet, so that it can be used again."""
    with writing():
        db.session.execute(
            delete(KeptAnswer).filter_by(user_name=kept.user_name, key=kept.key, status=0)
        )


def forget_old():
    now = time.time()
    given_up = (KeptAnswer.status == 0) & (KeptAnswer.received < now - GIVEN_UP_AFTER)
    old = KeptAnswer.received < now - REMEMBERED_FOR
    db.session.execute(delete(KeptAnswer).where(given_up | old))
