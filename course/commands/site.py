"""build the course's website: to read here, or to publish"""

from pathlib import Path

from course.setup import environment
from course.setup.foreground import hand_over
from course.spine import ROOT

EXAMPLES = ("site", "site --open", "site --out FOLDER")
DETAILS = """

The site has the lessons, the demonstrations, the promises of each section and the code; and pages
that run the first chapters in the browser. Any static host can serve it: course/site/README.md says
how.
"""
GROUPS = ("site", "extending", "notebook")
MADE = ROOT / "site"  # git ignores it


def add_arguments(parser):
    parser.add_argument("--out", type=Path, default=MADE, help="the folder to fill (default: site)")
    parser.add_argument("--open", action="store_true", help="serve it on this machine, and open it")
    parser.add_argument(
        "--without-browser", action="store_true", help="leave out what runs Python in the browser"
    )


def main(options):
    python = environment.ensure(*GROUPS)
    wanted = [word for word in ("--open", "--without-browser") if is_set(options, word)]
    hand_over([python, "-m", "course.site", options.out.resolve(), *wanted], cwd=ROOT)


def is_set(options, word):
    return getattr(options, word.strip("-").replace("-", "_"))
