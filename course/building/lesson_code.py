"""The code as it is when a section is done: what its lesson, and those before it, say to type."""

from pathlib import Path
from tempfile import TemporaryDirectory

from course.building import folder
from course.building.typist import steps, type_in


def typed_in(chapter, section):
    """Return the paths of the files into which a section's lesson types."""
    return {Path(step.file) for step in steps(chapter.text_of(section))}


def typed_later(chapter, section):
    """Return the paths of the files into which later sections of the chapter type."""
    ids = [each.id for each in chapter.sections]
    later = chapter.sections[ids.index(section.id) + 1 :]
    return set().union(*(typed_in(chapter, each) for each in later))


def code_after(chapter, section, names):
    """Return the text of each of these files, as somebody has it who typed up to the section.

    They began the chapter from the end of the one before. A file that is not there is left out.
    """
    with TemporaryDirectory(prefix="typed-") as place:
        mine = Path(place) / "mine"
        list(folder.begin(chapter.number, mine))
        for each in chapter.sections:
            for step in steps(chapter.text_of(each)):
                type_in(step, mine)
            if each.id == section.id:
                break
        there = [name for name in names if (mine / name).is_file()]
        return {name: (mine / name).read_text(encoding="utf-8") for name in there}
