"""make a printed page for the class: a section's promises, status codes and header fields"""

import webbrowser

from course.spine import ROOT, chapters, find_sections
from course.teaching import handout
from course.terminal import COURSE

EXAMPLES = ("handout 2a", "handout 4a", "handout --no-browser")
DETAILS = """

It is made from the lesson and its promises, as a page of HTML in the folder handouts/, and opened.
Print it from the browser: it fits on one sheet of A4. Without a section, all are made.
"""
FOLDER = ROOT / "handouts"


def add_arguments(parser):
    parser.add_argument("section", nargs="?", help="2a, 4a1 …, or 4a for its parts (default: all)")
    parser.add_argument("--no-browser", action="store_true", help="only say where it is")


def main(options):
    every = [section for chapter in chapters() for section in chapter.sections]
    chosen = find_sections(options.section) if options.section else every
    FOLDER.mkdir(exist_ok=True)
    files = [write(section) for section in chosen]
    for file in files:
        print(file.relative_to(ROOT).as_posix())
    if len(files) == 1 and not options.no_browser:
        webbrowser.open(files[0].as_uri())
    if not options.section:
        print(f"To open one of them: {COURSE} handout {chosen[0].id}")
    return 0


def write(section):
    file = FOLDER / f"{section.id}.html"
    file.write_text(handout.page(section), encoding="utf-8")
    return file
