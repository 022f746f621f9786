"""A visitor's files: those of the chapter, with their changes; and the folder to take home."""

import io
import json
import zipfile
from base64 import b64encode

from course.building import progress
from course.building.folder import TOML, digest, files_in
from course.spine import ROOT

HOME = "mine"  # the folder that `begin`, `run` and `check` expect


def lay(files):
    """Write files, by their paths in the course, unless they are there like this already."""
    for name, text in files.items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def to_take_home(chapter, originals):
    """Return a ZIP archive, in base64: the folder as if `begin` had made it, and it were changed.

    What is as we gave it is noted, so that `begin` of a later chapter may bring it up to date.
    """
    files = dict(files_in(chapter.folder, chapter.folder)) | {"check.toml": TOML.encode()}
    given = {
        path.removeprefix(f"{chapter.folder.name}/"): digest(text.encode())
        for path, text in originals.items()
    }
    noted = {
        "begun": chapter.number,
        "given": {name: given[name] for name in given if name in files},
    }
    files[progress.FILE] = json.dumps(noted, indent=1).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{HOME}/{name}", content)
    return b64encode(packed.getvalue()).decode()
