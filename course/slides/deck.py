"""A notebook as slides: which cells stand on which, and what comes at which press of a key."""

import json
from dataclasses import dataclass, field

NOTES, SKIP = "notes", "skip"
NEW_SLIDE = ("slide", "subslide")


@dataclass
class Cell:
    """A cell and the step at which its slide shows it: 0 at once, 1 after one key, and so on."""

    id: str
    is_code: bool
    source: str
    outputs: list
    step: int


@dataclass
class Slide:
    """What is on the screen at one time; `is_below` tells a subslide."""

    id: str
    is_below: bool
    cells: list = field(default_factory=list)
    notes: list = field(default_factory=list)  # Markdown

    @property
    def last_step(self):
        return self.cells[-1].step if self.cells else 0


def read_slides(path):
    """Return the slides of a notebook, in their order."""
    slides = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        kind = slide_type(cell)
        source = "".join(cell["source"])
        if kind == NOTES:
            slides[-1].notes.append(source)
        elif kind != SKIP and (source or cell.get("outputs")):
            add(cell, kind, source, slides)
    return slides


def slide_type(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type", "-")


def add(cell, kind, source, slides):
    if kind in NEW_SLIDE or not slides:
        slides.append(Slide(cell["id"], is_below=kind == "subslide"))
    slide = slides[-1]
    is_code = cell["cell_type"] == "code"
    step = slide.last_step + (kind == "fragment")
    slide.cells.append(Cell(cell["id"], is_code, source, cell.get("outputs", []), step))
