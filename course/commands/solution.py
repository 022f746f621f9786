"""show the chapter's own code for a section, beside yours"""

import difflib
from pathlib import Path

from course.building.folder import MINE, shown
from course.errors import CourseError
from course.spine import find_chapter, find_sections
from course.terminal import COURSE, painted_difference

EXAMPLES = ("solution 2a", "solution 4a1")
DETAILS = """

It is a diff from your files to the chapter's: what has a + is in the chapter's code, and not in
yours. A file that you called otherwise is shown whole. The code is that of the end of the chapter,
so it may have lines of later sections.
"""


def add_arguments(parser):
    parser.add_argument("section", help="2a, 4a1 …")
    parser.add_argument("--folder", type=Path, default=MINE, help="where it is (default: mine)")


def main(options):
    sections = find_sections(options.section)
    chapter = find_chapter(sections[0].id[0])
    names = sorted(
        name
        for name in chapter.files_of(sections)
        if name.suffix == ".py" and name.parts[0] != "tests"
    )
    if chapter.number == 1:
        names = [Path("cinema.py")]
    if not names:
        raise CourseError(f"Section {options.section} adds no code. Try: {COURSE} solution 2a")
    folder = options.folder.resolve()
    differing = 0
    for name in names:
        difference = compare(folder / name, chapter.folder / name, folder, chapter)
        differing += bool(difference)
        for line in difference:
            print(painted_difference(line))
    if not differing:
        print("Yours is the chapter's own code, to the byte.")
    return 0


def compare(mine, ours, folder, chapter):
    yours = lines(mine)
    title = f"{shown(folder)}/{mine.relative_to(folder).as_posix()}" if yours else "(not in yours)"
    theirs = f"{chapter.folder.name}/{ours.relative_to(chapter.folder).as_posix()}"
    return list(difflib.unified_diff(yours, lines(ours), title, theirs, lineterm=""))


def lines(path):
    if not path.is_file():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()
