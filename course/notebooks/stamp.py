"""Tells whether what a notebook shows was printed by the code as it is.

A notebook that is run keeps, beside its outputs, a digest of all that they depend on.
"""

import hashlib
import json

from course.notebooks.plain import code_cells, kept, source
from course.spine import ROOT, find_chapter

NAME = "ran_with"  # in the notebook's metadata
LEFT_BY_RUNNING = {"__pycache__", "instance"}
WHAT_NOTEBOOKS_USE = ("serving", "production", "notebooks")  # of `course`


def is_current(path):
    """Tell whether the notebook was run with all that it depends on as it is now."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook["metadata"].get(NAME) == digest(path, notebook)


def digest(path, notebook):
    cells = [(source(cell), kept(cell)) for cell in code_cells(notebook)]
    found = hashlib.sha256(repr(cells).encode())
    chapter = find_chapter(path.name[0])
    with_tests = any("from tests" in text for text, _ in cells)
    for file in sorted(files_behind(chapter, with_tests)):
        found.update(f"{file.relative_to(ROOT).as_posix()} {file.stat().st_size} ".encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def files_behind(chapter, with_tests):
    """Return the files on which the outputs of a chapter's notebook depend."""
    for folder in (chapter.folder, *(ROOT / "course" / name for name in WHAT_NOTEBOOKS_USE)):
        for file in folder.rglob("*"):
            parts = file.relative_to(folder).parts
            if file.is_file() and not is_beside_the_point(parts, with_tests):
                yield file
    yield from (ROOT / "requirements" / f"{group}.txt" for group in ("core", *chapter.groups))


def is_beside_the_point(parts, with_tests):
    return (
        any(part in LEFT_BY_RUNNING or part.startswith(".") for part in parts)
        or parts[-1].endswith((".md", ".pyc"))
        or (parts[0] == "tests" and not with_tests)
    )
