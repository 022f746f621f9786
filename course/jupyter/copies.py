"""Keeps the notebooks that you run apart from the course's own: git sees no change of yours.

The copies are in a folder that git ignores, beside the course's, so that their links and relative
paths hold. They have no speaker notes, which are for whoever teaches, and not for the screen.
"""

import hashlib
import itertools
import json

from course.spine import ROOT

OURS = ROOT / "notebooks"
MINE = ROOT / "my_notebooks"
RECORD = ".as_copied.json"  # in MINE: of each copy the digest when it was made


def update():
    """Make the copies that are missing, and anew those whose originals have changed.

    A copy in which you changed a cell stays as it is. Return the names of those whose originals
    have changed since.
    """
    MINE.mkdir(exist_ok=True)
    known, behind = read_record(), []
    for original in originals():
        name, content = original.name, content_of(original)
        new, yours = digest(name, content), digest_of_yours(name)
        if yours not in (None, new, known.get(name)):
            behind += [name] if known.get(name) != new else []
            continue
        if yours != new:
            write(MINE / name, content)
        known[name] = new
    write(MINE / RECORD, json.dumps(known, indent=1).encode())
    return behind


def make_fresh(name):
    """Make a copy anew; return where yours is kept, or None if there was no change of yours."""
    MINE.mkdir(exist_ok=True)
    content, mine, kept = content_of(OURS / name), MINE / name, None
    new = digest(name, content)
    if digest_of_yours(name) not in (new, None):
        kept = free_name(mine)
        mine.rename(kept)
    write(mine, content)
    write(MINE / RECORD, json.dumps(read_record() | {name: new}, indent=1).encode())
    return kept


def make_blank(name):
    """Remove what running has left in a copy; tell whether that copy is a notebook."""
    mine = MINE / name
    try:
        notebook = json.loads(mine.read_bytes())
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
    except (ValueError, TypeError, LookupError):
        return False
    write(mine, as_file(notebook))
    return True


def originals():
    """Return the course's notebooks, and the data beside them."""
    return sorted(file for file in OURS.iterdir() if file.suffix in (".ipynb", ".json"))


def content_of(original):
    """Return the bytes of a copy: those of the original, less the speaker notes of a notebook."""
    content = original.read_bytes()
    if original.suffix != ".ipynb":
        return content
    notebook = json.loads(content)
    notebook["cells"] = [cell for cell in notebook["cells"] if not is_note(cell)]
    return as_file(notebook)


def as_file(notebook):
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def is_note(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"


def digest_of_yours(name):
    """Return the digest of a copy, or None if there is none."""
    try:
        return digest(name, (MINE / name).read_bytes())
    except FileNotFoundError:
        return None


def digest(name, content):
    """Digest what you may have written: of a notebook its cells, and not what running it leaves."""
    if name.endswith(".ipynb"):
        try:
            cells = json.loads(content)["cells"]
            content = repr(
                [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
            ).encode()
        except (ValueError, TypeError, LookupError):
            pass  # no notebook any more: then its bytes are what counts
    return hashlib.sha256(content).hexdigest()


def free_name(mine):
    numbered = (mine.with_stem(f"{mine.stem}.{number}") for number in itertools.count(1))
    return next(name for name in numbered if not name.exists())


def write(file, content):
    """Write a file whole or not at all."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(file)


def read_record():
    """Return the digests; none if they can't be read: then no copy that differs is replaced."""
    try:
        return dict(json.loads((MINE / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
