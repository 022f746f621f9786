"""Secrets that the first start makes and keeps, in files that only their owner can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def kept_secret(app, name):
    """Return the secret that the file of this name in the instance folder holds."""
    path = Path(app.instance_path, name)
    if not path.exists():
        make_secret(path)
    return path.read_text().strip()


def make_secret(path):
    """Make the file whole or not at all, even if we are killed or not the only server to start."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(32))  # 256 bits
    with suppress(FileExistsError):  # the first server's secret is the one
        os.link(draft, path)
    draft.unlink()
