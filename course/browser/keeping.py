"""The script that keeps what a visitor has loaded, so that the next visit needs no network."""

import hashlib
from pathlib import Path
from string import Template

SCRIPT = Path(__file__).with_name("page") / "keep.js"


def script(folder):
    """Return a service worker that keeps a folder's files, and Python, by the name of this build.

    Another build has another name: its service worker forgets what was kept before.
    """
    template = Template(SCRIPT.read_text(encoding="utf-8"))
    return template.substitute(folder=folder.name, build=digest(folder, folder.parent / "pyodide"))


def digest(*folders):
    together = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            together.update(path.name.encode() + path.read_bytes())
    return together.hexdigest()[:16]
