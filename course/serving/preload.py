"""Loads the libraries that apps import, in a process that waits for what it is to run.

To load them takes a second or two; to load the apps themselves, which change, a fraction of that.
"""

import re
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from course.spine import ROOT

IMPORTED = re.compile(r"^(?:from|import) +([^\W\d][\w.]*)", re.MULTILINE)


def preload(folder, apps):
    """Import what these apps in a folder import, except what the folder has itself."""
    for library in libraries(Path(folder), apps):
        with suppress(Exception):  # the app itself will tell
            import_module(library)


def libraries(folder, apps):
    own = {path.stem for place in (folder, ROOT) for path in place.iterdir()}
    files = [f for app in apps for f in (folder / f"{app}.py", *(folder / app).rglob("*.py"))]
    code = [file.read_text("utf-8", errors="replace") for file in files if file.is_file()]
    imported = IMPORTED.findall("\n".join(code))
    return [name for name in imported if name.partition(".")[0] not in own]
