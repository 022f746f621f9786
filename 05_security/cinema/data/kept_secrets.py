"""Secrets that the first start creates, in files that only their owner can read."""

import os
import secrets
from contextlib import contextmanager, suppress
from pathlib import Path

if os.name != "nt":
    import fcntl


def kept_secret(app, name):
    """Return the secret in this file of the instance folder; create it if it is missing."""
    path = Path(app.instance_path, name)
    path.parent.mkdir(exist_ok=True)
    with alone_in(path.parent):  # if two servers start at once, one creates it
        if not path.is_file():
            make_secret(path)
        return path.read_text().strip()


def make_secret(path):
    """Create the file completely or not at all, even after a crash or on a full disk."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32))  # 256 bits
        with suppress(FileExistsError):
            draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def alone_in(folder):
    """Lock a folder against other servers; a killed process releases its lock.

    Windows has no such lock, and needs none: there, a file never takes another one's name.
    """
    if os.name == "nt":
        yield
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)
