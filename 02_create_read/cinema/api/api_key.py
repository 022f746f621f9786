"""The key to the cinema: whoever may write sends it as `Authorization: Bearer …` (RFC 6750)."""

import hmac
import os
import secrets
from contextlib import suppress
from functools import wraps
from pathlib import Path

import click
from flask import current_app, request
from werkzeug.exceptions import Unauthorized

CHALLENGE = 'Bearer realm="cinema"'


def init_app(app):
    app.config["API_KEY"] = app.config["API_KEY"] or kept_key(Path(app.instance_path, "api_key"))


def kept_key(path):
    """Return the key that the file holds; the first start makes the file and prints the key."""
    if not path.exists():
        make_key(path)
    return path.read_text().strip()


def make_key(path):
    """Make the file whole or not at all, even if we are killed or not the only server to start."""
    key = secrets.token_urlsafe(32)  # 256 bits
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)  # readable by its owner only
    draft.write_text(key)
    with suppress(FileExistsError):  # the first server's key is the one
        os.link(draft, path)
        click.echo(f" * API key: {key} (kept in {path})", err=True)
    draft.unlink()


def key_required(view):
    """Let only those pass who send the key; for others the view does not run."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not sends_key():
            raise refusal()
        return view(*args, **kwargs)

    return guarded


def sends_key():
    """Compare the keys in a time that does not tell how much of a wrong one was right."""
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        return False
    key = current_app.config["API_KEY"]
    return hmac.compare_digest(credentials.token.encode(), key.encode())


def refusal():
    """Return a 401 that says how to do better; an error is only what came as a Bearer token."""
    if request.authorization is None or request.authorization.type != "bearer":
        return Unauthorized("Send the API key.", www_authenticate=[CHALLENGE])
    return Unauthorized(
        "This is not the API key.", www_authenticate=[f'{CHALLENGE}, error="invalid_token"']
    )
