"""open JupyterLab at a section's notebook"""

import os

from course.setup import environment, surroundings
from course.setup.foreground import hand_over
from course.spine import ROOT, find_chapter, find_section, is_chapter

EXAMPLES = ("notebook", "notebook 2a", "notebook 4a1", "notebook 1 --no-browser")


def add_arguments(parser):
    parser.add_argument(
        "section",
        nargs="?",
        help="2a for a section, 4a1 for a part, 2 for a chapter's first one",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL to open")


def main(options):
    place = find_notebook(options.section) if options.section else ROOT / "notebooks"
    python = environment.ensure("notebook", "extending", "securing", "testing", "servers")
    url = f"/lab/tree/{place.relative_to(ROOT).as_posix()}"
    command = [python, "-m", "jupyterlab", f"--notebook-dir={ROOT}", f"--LabApp.default_url={url}"]
    command.append("-y")  # Ctrl-C ends it, without a question
    if options.no_browser:
        command.append("--no-browser")
    if os.name != "nt" and os.geteuid() == 0:  # a container often has no other user
        command.append("--allow-root")
    hand_over([*command, *options.for_the_program], cwd=ROOT, env=surroundings.for_lessons())


def find_notebook(name):
    if is_chapter(name):
        return find_chapter(name).sections[0].notebook
    return find_section(name).notebook
