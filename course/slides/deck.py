"""A notebook as slides: which cells stand on which, and what comes at which press of a key."""

from dataclasses import dataclass

from course.teaching import notes


@dataclass(frozen=True)
class Cell:
    """A cell and the step at which its slide shows it: 0 at once, 1 after one key, and so on."""

    id: str
    is_code: bool
    source: str
    outputs: list
    step: int


@dataclass(frozen=True)
class Slide:
    """What is on the screen at one time; `is_below` tells a subslide."""

    id: str
    title: str
    is_below: bool
    cells: list[Cell]
    notes: list[str]  # Markdown, for the speaker


def read_slides(notebook):
    """Return the slides of a notebook, in their order."""
    return [
        Slide(
            id=slide.id,
            title=slide.title,
            is_below=slide_type(slide.cells[0]) == "subslide",
            cells=read_cells(slide.cells),
            notes=[notes.source(cell) for cell in slide.noted],
        )
        for slide in notes.slides(notebook)
    ]


def read_cells(cells):
    """Return the cells of a slide that show something."""
    found, step = [], 0
    for cell in cells:
        step += slide_type(cell) == "fragment"
        source, outputs = notes.source(cell), cell.get("outputs", [])
        if source or outputs:
            is_code = cell["cell_type"] == "code"
            found.append(Cell(cell["id"], is_code, source, outputs, step))
    return found


def slide_type(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type")
