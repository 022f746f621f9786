"""show the chapter's own code for a section, beside yours; or the solution of a task"""

import difflib
from pathlib import Path

from course import tasks
from course.building.folder import MINE, shown
from course.building.lesson_code import code_after, typed_in, typed_later
from course.errors import CourseError
from course.spine import ROOT, find_chapter, find_sections
from course.terminal import COURSE, painted, painted_difference

EXAMPLES = ("solution 2a", "solution 4a1", "solution 2.1", "solution 4a1.2", "solution 2a.n1")
DETAILS = """

It is a diff from your files to the chapter's: what has a + is in the chapter's code, and not in
yours. A file that you called otherwise is shown whole. Of a file into which a later section types,
too, you see what the lessons have typed so far: nothing in it is of later sections. (Chapters 4 and
5 have sections whose code is there to be read, such as 4.c. Theirs is the end of the chapter's.)

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
    texts = texts_of(chapter, sections)
    if not texts:
        own = [task.id for section in sections for task in tasks.tasks_of_section(section)]
        raise CourseError(f"Section {options.section} adds no code. {instead(own)}")
    folder = options.folder.resolve()
    differing = 0
    for name, text in texts.items():
        difference = compare(
            folder / name, text, f"{chapter.folder.name}/{name.as_posix()}", folder
        )
        differing += bool(difference)
        for line in difference:
            print(painted_difference(line))
    if not differing:
        print("Yours is the chapter's own code, to the byte.")


def texts_of(chapter, sections):
    """Return the chapter's text of each file of some sections, as it is when the last is done."""
    last = sections[-1]
    named = chapter.files_of(sections).union(*(typed_in(chapter, each) for each in sections))
    so_far = code_after(chapter, last, named & typed_later(chapter, last))
    at_the_end = {
        name: (chapter.folder / name).read_text(encoding="utf-8")
        for name in named
        if (chapter.folder / name).is_file()
    }
    return {
        name: text
        for name, text in sorted((at_the_end | so_far).items())
        if name.suffix == ".py" and name.parts[0] != "tests"
    }


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
