"""What is kept from run to run: small files in the course, of objects by name."""

import json
from contextlib import suppress


def read(file):
    """Return what a file keeps; nothing, if there is none, or it can't be read."""
    with suppress(OSError, ValueError):
        known = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(known, dict) and all(isinstance(each, dict) for each in known.values()):
            return known
    return {}


def write(file, known):
    """Keep it whole or not at all: a folder that can't be written to is no reason to stop."""
    draft = file.with_suffix(".new")
    with suppress(OSError):
        draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
        draft.replace(file)
