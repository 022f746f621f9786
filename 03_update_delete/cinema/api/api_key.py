"""The API key: writing needs it as `Authorization: Bearer …` (RFC 6750)."""

import hmac
import os
import secrets
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path

import click
from flask import current_app, request
from werkzeug.exceptions import Unauthorized

if os.name != "nt":
    import fcntl

CHALLENGE = 'Bearer realm="cinema"'


def init_app(app):
    app.config["API_KEY"] = app.config["API_KEY"] or kept_key(Path(app.instance_path, "api_key"))


def kept_key(path):
    """Return the key in the file; the first start creates the file and prints the key."""
    path.parent.mkdir(exist_ok=True)
    with alone_in(path.parent):  # if two servers start at once, one creates the key
        if not path.is_file():
            make_key(path)
        return path.read_text().strip()


def make_key(path):
    """Create the file completely or not at all, even after a crash or on a full disk."""
    key = secrets.token_urlsafe(32)  # 256 bits
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        draft.touch(mode=0o600)  # readable by its owner only
        draft.write_text(key)
        with suppress(FileExistsError):
            draft.rename(path)
            click.echo(f" * API key: {key} (kept in {path})", err=True)
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


def key_required(view):
    """Run the view only if the request has the key; raise Unauthorized if not."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not sends_key():
            raise refusal()
        return view(*args, **kwargs)

    return guarded


def sends_key():
    """Compare the keys in constant time, so that timing tells nothing about the right one."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        return False
    key = current_app.config["API_KEY"]
    return hmac.compare_digest(credentials.token.encode(), key.encode())


def refusal():
    """Return a 401 with a challenge; it contains `error` only if a Bearer token was sent."""
    if request.authorization is None or request.authorization.type != "bearer":
        return Unauthorized("Send the API key.", www_authenticate=[CHALLENGE])
    return Unauthorized(
        "This is not the API key.", www_authenticate=[f'{CHALLENGE}, error="invalid_token"']
    )
