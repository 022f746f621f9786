"""Reads the speaker notes of a notebook: one cell of slide type `notes` ends each slide.

Its first paragraph is "**2 min.** What to say." The others begin with one of LABELS.
"""

import json
import re
from dataclasses import dataclass, field

from course.errors import CourseError
from course.spine import ROOT, find_chapter

LABELS = ("Before", "Open", "They ask", "If it fails", "Reset")  # in this order
MINUTES = re.compile(r"\*\*(?P<whole>\d*)(?P<half>½?) min\.\*\* (?P<say>.+)", re.DOTALL)
PARAGRAPH = re.compile(r"\*\*(?P<label>[^*]+):\*\* (?P<text>.+)", re.DOTALL)
HEADING = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
MERMAID = re.compile(r"```.*?```", re.DOTALL)
FIRST_WORDS = 60  # characters, of a slide without a heading


class NoteError(CourseError):
    """A speaker note is not written as it must be."""


@dataclass(frozen=True)
class Note:
    """A speaker note: the minutes of a slide, what to say, and paragraphs with their labels."""

    minutes: float
    say: str
    paragraphs: list[tuple[str, str]]

    def texts(self, label):
        return [text for each, text in self.paragraphs if each == label]


@dataclass
class Slide:
    """A slide of a notebook, of the section that the last heading named."""

    section: str
    cells: list = field(default_factory=list)
    noted: list = field(default_factory=list)  # its cells of slide type `notes`

    @property
    def id(self):
        return self.cells[0]["id"]

    @property
    def title(self):
        """Return its heading; or, without one, its first words, or its first line of code."""
        text = source(self.cells[0])
        if self.cells[0]["cell_type"] == "code":
            return shortened(text.partition("\n")[0])
        if heading := HEADING.search(text):
            return heading["title"]
        return shortened(plain(MERMAID.sub("", text).strip().partition("\n\n")[0]))

    @property
    def note(self):
        """Return its speaker note, or None."""
        return parse(source(self.noted[0]), self.noted[0]["id"]) if self.noted else None


def slides_of(section):
    """Return the slides of a section: of a notebook of several, those after its heading."""
    return [slide for slide in slides(section.notebook) if slide.section == section.id]


def slides(notebook):
    """Return all slides of a notebook; what stands before the first section belongs to that."""
    labels = {
        section.label: section.id
        for section in find_chapter(notebook.name[0]).sections
        if section.notebook == notebook
    }
    found, current = [], next(iter(labels.values()), None)
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind == "notes":
            found[-1].noted.append(cell)
            continue
        if kind in ("slide", "subslide"):
            current = labels.get(label_in(cell), current)
            found.append(Slide(current))
        found[-1].cells.append(cell)
    return found


def label_in(cell):
    """Return the first word of a cell's heading, which may be the label of a section."""
    heading = HEADING.search(source(cell)) if cell["cell_type"] == "markdown" else None
    return heading and heading["title"].split()[0]


def parse(text, name):
    """Read a note; `name` is its cell's id, for the message of what is wrong with it."""
    first, *others = [part.strip() for part in text.strip().split("\n\n") if part.strip()] or [""]
    begins = MINUTES.fullmatch(first)
    if not begins or not (begins["whole"] or begins["half"]):
        raise NoteError(f'Note {name} must begin with its minutes, such as "**1½ min.** Say …".')
    paragraphs = [labelled(part, name) for part in others]
    labels = [LABELS.index(label) for label, _ in paragraphs]
    if labels != sorted(labels):
        raise NoteError(f"Note {name} must have its paragraphs in this order: {', '.join(LABELS)}.")
    minutes = int(begins["whole"] or 0) + (0.5 if begins["half"] else 0)
    return Note(minutes, begins["say"], paragraphs)


def labelled(part, name):
    paragraph = PARAGRAPH.fullmatch(part)
    if not paragraph or paragraph["label"] not in LABELS:
        raise NoteError(
            f"Note {name} has a paragraph that begins with none of "
            f"{', '.join(f'**{label}:**' for label in LABELS)}: {shortened(part)}"
        )
    return paragraph["label"], paragraph["text"]


def source(cell):
    return "".join(cell["source"])


def shortened(text):
    words = " ".join(text.split())
    return words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rpartition(' ')[0]} …"


def plain(text):
    """Return Markdown as a terminal shows it: links as their text, nothing bold."""
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    return re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)


def place(section):
    return section.notebook.relative_to(ROOT).as_posix()
