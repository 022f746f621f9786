"""show the chapter's own code for a section, beside yours; or the solution of a task"""

import difflib
from itertools import chain
from pathlib import Path

from course import tasks
from course.building.folder import MINE, shown
from course.building.lesson_code import (
    changed_by,
    changed_later,
    changed_untyped,
    code_at,
    typed_in,
)
from course.errors import CourseError
from course.spine import ROOT, find_chapter, find_sections
from course.terminal import COURSE, painted, painted_difference

EXAMPLES = ("solution 2a", "solution 4a1", "solution 2.1", "solution 4a1.2", "solution 2a.n1")
DETAILS = """

It is a diff from your files to the chapter's: what has a + is in the chapter's code, and not in
yours. A file that you called otherwise is shown whole. A file that a later section changes, too, is
shown as you have it if you have typed the lessons up to here: nothing in it is of later sections.
Some code no lesson says step by step, such as that of 4.c. It is shown as it is at the end of the
chapter, and the first line says so.

A task of "Your turn" is named by where it stands, a dot, and its number: 2.1 is the first in the
README of chapter 2, 4a1.2 the second one in the lesson of 4.a1, and 2a.n1 the first one in the
notebook of 2.a. Its solution is printed as it stands there, folded.
"""


def add_arguments(parser):
    parser.add_argument("section", help="2a, 4a1 …; or a task: 2.1, 4a1.2, 2a.n1 …")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")


def main(options):
    if tasks.is_task(options.section):
        show_task(tasks.find_task(options.section))
    else:
        show_section(options)
    return 0


def show_task(task):
    print(f"{task.id} · {task.file.relative_to(ROOT).as_posix()}\n")
    print(f"{tasks.plain(task.question)}\n")
    print(f"{painted('Solution', 'bold')}\n")
    print(tasks.plain(task.solution))


def show_section(options):
    sections = find_sections(options.section)
    chapter = find_chapter(sections[0].id[0])
    texts = code_at(chapter, sections[-1], modules_of(chapter, sections))
    if not texts:
        own = [task.id for section in sections for task in tasks.tasks_of_section(section)]
        raise CourseError(f"Section {options.section} adds no code. {instead(own)}")
    folder = options.folder.resolve()
    titles = {name: f"{chapter.folder.name}/{name.as_posix()}" for name in texts}
    compared = {
        name: compare(folder / name, text, titles[name], folder) for name, text in texts.items()
    }
    differences = {name: lines for name, lines in compared.items() if lines}
    if not differences:
        print("Yours is the chapter's own code, to the byte.")
        return
    if told := what_is_not_typed(chapter, sections, list(differences)):
        print(f"{told}\n")
    for line in chain.from_iterable(differences.values()):
        print(painted_difference(line))


def modules_of(chapter, sections):
    """Return the paths of the modules that some sections change."""
    changed = set().union(*(changed_by(chapter, section) for section in sections))
    return {name for name in changed if name.suffix == ".py" and name.parts[0] != "tests"}


def what_is_not_typed(chapter, sections, names):
    """Return a sentence on those of the files that can be shown only as the chapter ends; or None.

    They have lines of later sections, because the steps of the lessons do not lead to them.
    """
    untyped = changed_untyped(chapter, sections[-1], names)
    later = changed_later(chapter, sections[-1], names)
    early = [name for name in names if untyped[name] and later[name]]
    labels = sorted({section.label for name in early for section in later[name]})
    files = listed([name.as_posix() for name in early])
    end = f"at the end of chapter {chapter.number}"
    if not any(typed_in(chapter, section) for section in sections):
        lines = f", with lines of {listed(labels)} in {files}" if early else ""
        return (
            f"No lesson says step by step what to type in {sections[-1].label}: "
            f"its files are shown as they are {end}{lines}."
        )
    if early:
        shown_so = "they are shown as they are" if len(early) > 1 else "it is shown as it is"
        return (
            f"No lesson says step by step what to change in {files}: "
            f"{shown_so} {end}, with lines of {listed(labels)}."
        )
    return None


def listed(words):
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def instead(names):
    if names:
        return f"Its tasks have solutions: {COURSE} solution {' or '.join(names)}"
    return f"Try: {COURSE} solution 2a"


def compare(mine, text, title, folder):
    yours = lines(mine)
    own = f"{shown(folder)}/{mine.relative_to(folder).as_posix()}" if yours else "(not in yours)"
    return list(difflib.unified_diff(yours, text.splitlines(), own, title, lineterm=""))


def lines(path):
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
