"""make a deck of slides of a section's notebook, and open it"""

import subprocess
import webbrowser

from course.commands.notebook import find_notebook
from course.errors import CourseError
from course.setup import environment, surroundings
from course.spine import ROOT, find_section, is_chapter, is_section_id
from course.teaching.notes import slides_of

EXAMPLES = ("slides 2a", "slides 2a --blank", "slides 4a1", "slides 1b --no-browser", "slides")
DETAILS = """

The deck is made anew each time, in the folder slides/, and needs no network. It shows what the
notebook printed when it was last run; its speaker notes are in the speaker view (key S). To print
it, or to save it as PDF, add ?print-pdf to its URL. Without a section, it is a page with all decks.

With --blank, what a cell prints comes when you press → once more, so that your class can guess it
first. All decks are blank then, until you make them without it. On paper, nothing is held back.
"""
DECKS = ROOT / "slides"
KEYS = "Keys: S speaker view, D light or dark, F full screen, ? all of them"


def add_arguments(parser):
    parser.add_argument(
        "section",
        nargs="?",
        help="2a for a section, 4a1 for a part, 2 for a chapter's first one",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL to open")
    parser.add_argument("--blank", action="store_true", help="hold back each output for one key")


def main(options):
    page = place_of(options.section) if options.section else "index.html"
    python = environment.ensure("notebook")
    env = surroundings.for_python()
    command = [python, "-m", "course.slides", *(["--blank"] if options.blank else [])]
    if subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
        raise CourseError("The decks could not be made.")
    file, _, slide = page.partition("#")
    url = (DECKS / file).as_uri() + (f"#{slide}" if slide else "")
    print(url)
    print(KEYS)
    if not options.no_browser and not webbrowser.open(url):
        print("No browser could be started. Open that URL in one.")
    return 0


def place_of(name):
    """Return the page of a section's deck, at the section's slide if others stand before it."""
    chapter, notebook = find_notebook(name)
    page = f"{notebook.stem}.html"
    if is_chapter(name) or not is_section_id(name):
        return page
    section = find_section(name)
    is_first = section.id == next(s.id for s in chapter.sections if s.notebook == notebook)
    return page if is_first else f"{page}#/{slides_of(section)[0].id}"
