"""A notebook as slides: which cells stand on which, and what comes at which press of a key."""

from dataclasses import dataclass, replace

from course.teaching import notes


@dataclass(frozen=True)
class Cell:
    """A cell, and the steps at which its slide shows it: 0 at once, 1 after one key, and so on."""

    id: str
    is_code: bool
    source: str
    outputs: list
    step: int
    output_step: int  # not before the code's


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
            found.append(Cell(cell["id"], is_code, source, outputs, step, output_step=step))
    return found


def read_blank_slides(notebook):
    """Return the slides with each output one key after its code, so that a class can guess."""
    return [replace(slide, cells=list(held_back(slide.cells))) for slide in read_slides(notebook)]


def held_back(cells):
    """Yield the cells of a slide; each output takes a step of its own, and delays what follows."""
    taken = 0
    for cell in cells:
        step = cell.step + taken
        taken += bool(cell.outputs)
        yield replace(cell, step=step, output_step=cell.step + taken)


def slide_type(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type")
