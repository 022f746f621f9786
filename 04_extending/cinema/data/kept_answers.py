"""Answers that are kept for requests that may come again: see `http/idempotency.py`."""

import time

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, mapped_column

from .database import db, writing

REMEMBERED_FOR = 24 * 60 * 60  # seconds
GIVEN_UP_AFTER = 60  # seconds: a request that has not been answered by then never will be


class KeptAnswer(db.Model):
    """A request that came with a key, and what it was answered; a status of 0: not yet."""

    user_name: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    received: Mapped[float] = mapped_column(index=True)  # seconds since 1970
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[list] = mapped_column(db.JSON, default=list)
    body: Mapped[bytes] = mapped_column(default=b"")


def find_or_begin(user_name, key, fingerprint):
    """Return what is kept of a key, and whether it is new: then it is in flight from now on."""
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
    """Keep what the block does together with the answer that it sets, or neither."""
    return writing()


def forget(kept):
    """Let the key be used again; an answer that was kept stays."""
    with writing():
        db.session.execute(
            delete(KeptAnswer).filter_by(user_name=kept.user_name, key=kept.key, status=0)
        )


def forget_old():
    now = time.time()
    given_up = (KeptAnswer.status == 0) & (KeptAnswer.received < now - GIVEN_UP_AFTER)
    old = KeptAnswer.received < now - REMEMBERED_FOR
    db.session.execute(delete(KeptAnswer).where(given_up | old))
