"""make your own folder, mine/, to build an API in"""

from pathlib import Path

from course.building import progress
from course.building.folder import LAST, MINE, begin, chapters_to_build, naming, shown
from course.errors import CourseError
from course.spine import find_chapter
from course.terminal import COURSE

EXAMPLES = ("begin 1", "begin 2", "begin 3 --folder mine3")
DETAILS = """

`begin 1` makes mine/ with an application of a few lines. `begin 2` adds to it what chapter 2 gives;
without mine/, it begins with what chapter 1 ends with. Nothing of yours is overwritten or deleted,
and git does not see the folder.
"""


def add_arguments(parser):
    parser.add_argument("chapter", nargs="?", help="1 to 5")
    parser.add_argument("--folder", type=Path, default=MINE, help="another folder than mine")


def main(options):
    folder = options.folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{shown(folder)} is a file. Name a folder: {COURSE} begin --folder NAME")
    number = number_of(options.chapter, folder)
    begun = progress.read(folder).get("begun", 0)
    for line in begin(number, folder):
        print(line)
    if begun > number:
        print(f"To build chapter {number} anew: {COURSE} begin {number} --folder mine{number}")
    chapter = find_chapter(max(number, begun))
    first = chapter.sections[0]
    print(f"Read {chapter.folder.name}/README.md, and build along in {shown(folder)}/.")
    print(f"It is checked, after each save, by: {COURSE} check {first.id} --watch{naming(folder)}")
    return 0


def number_of(name, folder):
    if name is None:
        begun = progress.read(folder).get("begun", 0)
        there = f"{shown(folder)}/ is at chapter {begun}." if begun else "Nothing is begun yet."
        raise CourseError(
            f"{there} Name a chapter: {COURSE} begin {min(begun + 1, LAST)}{naming(folder)}"
        )
    chapter = find_chapter(name)
    if chapter not in chapters_to_build():
        raise CourseError(f"Chapter 6 is about tests. Type: {COURSE} mutants --help")
    return chapter.number
