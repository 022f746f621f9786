"""Sees when a learner has saved a file."""

import os
import re
from contextlib import suppress
from pathlib import Path

NO_SOURCE = re.compile(
    r"^(\.|__pycache__|instance|node_modules|venv|target)"
    r"|\.(db|sqlite3?|log|pyc)(-\w+)?$|~$|\.(tmp|new|swp)$"
)
INTERVAL = 0.1  # seconds: file events do not reach us in WSL and containers
WRITTEN_BY_THE_SERVER = 3  # checks in a row in which a file changed


class Watch:
    """What has changed in a folder since the last look; not what the server itself writes there."""

    def __init__(self, folder):
        self.folder, self.seen = Path(folder), snapshot(folder)
        self.streak, self.own = {}, set()

    def note_checked(self):
        """Note what changed while a check ran: that was the server, if it happens each time."""
        now = snapshot(self.folder)
        written = changed(self.seen, now)
        self.streak = {path: self.streak.get(path, 0) + 1 for path in written}
        self.own |= {p for p, times in self.streak.items() if times >= WRITTEN_BY_THE_SERVER}

    def begin(self):
        self.seen = snapshot(self.folder)

    def saved(self):
        return bool(changed(self.seen, snapshot(self.folder)) - self.own)


def snapshot(folder):
    """Return what a save changes: the names, times and sizes of what a learner writes."""
    seen = {}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not NO_SOURCE.search(name)]
        for path in (Path(parent, name) for name in files if not NO_SOURCE.search(name)):
            with suppress(OSError):  # an editor has just moved it
                seen[path] = path.stat().st_mtime_ns, path.stat().st_size
    return seen


def changed(before, now):
    return {path for path, _ in before.items() ^ now.items()}
