"""A visitor's files: those of the chapter, with their changes; and the folder to take home."""

import io
import json
import zipfile
from base64 import b64encode

from course.building import progress
from course.building.folder import TOML, digest, files_in
from course.spine import ROOT

HOME = "mine"  # the folder that `begin`, `run` and `check` expect
laid = set()  # the paths of the files that were written


def lay(files):
    """Write the files of a chapter, by their paths in the course; take away those that are gone."""
    folders = {name.partition("/")[0] for name in files}
    for name in [name for name in laid if name.partition("/")[0] in folders and name not in files]:
        (ROOT / name).unlink()
        laid.remove(name)
    laid.update(files)
    for name, text in files.items():
        path = ROOT / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def to_take_home(chapter, originals):
    """Return a ZIP archive, in base64: the folder as if `begin` had made it, and it were changed.

    What is as we gave it is noted, so that `begin` of a later chapter may bring it up to date. The
    tests come along if the visitor has changed any.
    """
    files = dict(files_in(chapter.folder, chapter.folder)) | {"check.toml": TOML.encode()}
    tests = dict(tests_of(chapter.folder))
    if any(originals.get(f"{chapter.folder.name}/{name}") != text for name, text in tests.items()):
        files |= {name: text.encode() for name, text in tests.items()}
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


def tests_of(folder):
    for path in sorted(folder.glob("tests/**/*.py")):
        yield path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8")
