"""The code as it is when a section is done: what its lesson, and those before it, say to type."""

from pathlib import Path
from tempfile import TemporaryDirectory

from course.building import folder
from course.building.typist import steps, type_in


def typed_in(chapter, section):
    """Return the paths of the files into which a section's lesson types."""
    return {Path(step.file) for step in steps(chapter.text_of(section))}


def changed_by(chapter, section):
    """Return the paths of the files that a section changes: it types, or the table says so."""
    return typed_in(chapter, section) | chapter.files_of([section])


def changed_untyped(chapter, section, names):
    """Return, of these files, which sections up to this one change them without a step to type."""
    so_far = chapter.sections[: place_of(section, chapter) + 1]
    untyped = {each.id: changed_by(chapter, each) - typed_in(chapter, each) for each in so_far}
    return {name: [each for each in so_far if name in untyped[each.id]] for name in names}


def changed_later(chapter, section, names):
    """Return, of these files, which later sections of the chapter change them."""
    later = chapter.sections[place_of(section, chapter) + 1 :]
    changed = {each.id: changed_by(chapter, each) for each in later}
    return {name: [each for each in later if name in changed[each.id]] for name in names}


def place_of(section, chapter):
    return [each.id for each in chapter.sections].index(section.id)


def code_at(chapter, section, names):
    """Return the text of each of these files, as it is when the section is done.

    A file that no later section changes is the chapter's. So is one that the steps of the lessons
    do not lead to: it has lines of later sections.
    """
    untyped = changed_untyped(chapter, section, names)
    later = changed_later(chapter, section, names)
    typed = code_after(chapter, section, {n for n in names if later[n] and not untyped[n]})
    finished = {
        name: (chapter.folder / name).read_text(encoding="utf-8")
        for name in names - typed.keys()
        if (chapter.folder / name).is_file()
    }
    return dict(sorted((finished | typed).items()))


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
