"""What is remembered from check to check: a small file in the learner's folder."""

import json
from contextlib import suppress

from course.spine import ROOT

KEPT, BROKEN, WAITS, NOT_ASKED = "kept", "broken", "waits", "not asked"  # what came of a promise

FILE = ".progress.json"


def home(folder):
    """Return where notes are kept: in the folder; or in the course, of an API without one."""
    return folder if folder.is_dir() else ROOT


def read(folder):
    """Return what was noted; nothing, if nothing was, or it can't be read."""
    with suppress(OSError, ValueError):
        noted = json.loads((home(folder) / FILE).read_text(encoding="utf-8"))
        if isinstance(noted, dict):
            return noted
    return {}


def write(folder, noted):
    """Note it whole or not at all: a check may be interrupted."""
    folder = home(folder)
    draft = folder / f"{FILE}.new"
    with suppress(OSError):  # a folder that can't be written to is no reason to stop
        draft.write_text(json.dumps(noted, indent=1), encoding="utf-8")
        draft.replace(folder / FILE)


def note(folder, section, outcomes, where):
    """Note the outcomes of a check; `where` is a URL, None if it was the folder's own API."""
    noted = read(folder)
    states = noted.get("states", {}) | {o.promise.name: o.state for o in outcomes}
    broken = [outcome.promise.name for outcome in outcomes if outcome.state == BROKEN]
    hints = noted.get("hints", {})
    for outcome in outcomes:
        if outcome.state == KEPT:
            hints.pop(outcome.promise.name, None)
    write(
        folder,
        noted
        | {"section": section, "states": states, "broken": broken, "hints": hints, "url": where}
        | {"silent": False},
    )


def note_nothing(folder, where):
    """Note that there was no API to ask: it did not start, or nothing answers at a URL."""
    if folder.is_dir():
        write(folder, read(folder) | {"silent": True, "url": where})
