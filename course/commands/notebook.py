"""open JupyterLab at a section's notebook"""

import os

from course.errors import CourseError
from course.jupyter import copies, settings
from course.setup import environment, surroundings
from course.setup.foreground import hand_over
from course.spine import ROOT, find_chapter, find_section, is_chapter, is_section_id
from course.terminal import COURSE

EXAMPLES = (
    "notebook",
    "notebook 2a",
    "notebook 2a --blank",
    "notebook 2a --fresh",
    "notebook 1 --no-browser",
)
DETAILS = f"""

It is a copy of yours, in the folder {copies.MINE.name}, which git ignores: run and change it as
you like. As long as you have not, it follows the course's own; then it stays as it is, until you
ask for a fresh one.

With --blank, your copy opens without outputs, so that your class can guess what a cell prints
before you run it. What you have changed in the cells stays. --fresh brings the outputs back.
"""


def add_arguments(parser):
    parser.add_argument(
        "section",
        nargs="?",
        help="2a for a section, 4a1 for a part, 2 for a chapter's first one",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL to open")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--fresh", action="store_true", help="copy it anew; yours is kept under another name"
    )
    which.add_argument(
        "--original", action="store_true", help="open the course's own, to change the course"
    )
    parser.add_argument(
        "--blank", action="store_true", help="remove the outputs from your copy before it opens"
    )


def main(options):
    chapter, original = None, None
    if options.blank and options.original:
        raise CourseError(
            "--blank is for your copy; the course's own keeps its outputs. Leave one of them out."
        )
    if options.section:
        chapter, original = find_notebook(options.section)
    # of another notebook, `start` installs what its chapter needs, and `gateway` what it needs
    python = environment.ensure("notebook", *(chapter.groups if chapter else ()))
    folder = copies.OURS if options.original else copied(original, options)
    place = folder / original.name if original else folder
    url = f"/lab/tree/{place.relative_to(ROOT).as_posix()}"
    command = [python, "-m", "jupyterlab", f"--notebook-dir={ROOT}", f"--LabApp.default_url={url}"]
    command += settings.OPTIONS
    if options.no_browser:
        command.append("--no-browser")
    if os.name != "nt" and os.geteuid() == 0:  # a container often has no other user
        command.append("--allow-root")
    hand_over([*command, *options.for_the_program], cwd=ROOT, env=surroundings.for_lessons())


def copied(original, options):
    """Bring the copies up to date, say what is to be known of them, and return their folder."""
    for asked, option in ((options.fresh, "--fresh"), (options.blank, "--blank")):
        if asked and not original:
            raise CourseError(f"Which one? Try: {COURSE} notebook 2a {option}")
    if options.fresh and (kept := copies.make_fresh(original.name)):
        print(f"Yours is kept as {kept.relative_to(ROOT).as_posix()}.")
    behind = copies.update()
    if original and original.name in behind:
        print(
            "The course's notebook is a newer one; this is yours, with your changes. "
            f"To have the new one: {COURSE} notebook {options.section} --fresh"
        )
    if options.blank and not copies.make_blank(original.name):
        raise CourseError(
            f"{copies.MINE.name}/{original.name} is no notebook any more. "
            f"To get the course's: {COURSE} notebook {options.section} --fresh"
        )
    return copies.MINE


def find_notebook(name):
    """Return the chapter that is meant, or that of the section, and the notebook."""
    if is_section_id(name) and not is_chapter(name):
        section = find_section(name)
        return find_chapter(section.id[0]), section.notebook
    chapter = find_chapter(name)
    return chapter, chapter.sections[0].notebook
