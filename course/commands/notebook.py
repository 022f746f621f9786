"""open JupyterLab at a section's notebook"""

import os

from course.setup import environment, surroundings
from course.setup.foreground import hand_over
from course.spine import ROOT, find_chapter, find_section, is_chapter, is_section_id

EXAMPLES = ("notebook", "notebook 2a", "notebook 4a1", "notebook 1 --no-browser")


def add_arguments(parser):
    parser.add_argument(
        "section",
        nargs="?",
        help="2a for a section, 4a1 for a part, 2 for a chapter's first one",
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the URL to open")


def main(options):
    chapter, place = None, ROOT / "notebooks"
    if options.section:
        chapter, place = find_notebook(options.section)
    # of another notebook, `start` installs what its chapter needs, and `gateway` what it needs
    python = environment.ensure("notebook", *(chapter.groups if chapter else ()))
    url = f"/lab/tree/{place.relative_to(ROOT).as_posix()}"
    command = [python, "-m", "jupyterlab", f"--notebook-dir={ROOT}", f"--LabApp.default_url={url}"]
    command.append("-y")  # Ctrl-C ends it, without a question
    if options.no_browser:
        command.append("--no-browser")
    if os.name != "nt" and os.geteuid() == 0:  # a container often has no other user
        command.append("--allow-root")
    hand_over([*command, *options.for_the_program], cwd=ROOT, env=surroundings.for_lessons())


def find_notebook(name):
    """Return the chapter that is meant, or that of the section, and the notebook."""
    if is_section_id(name) and not is_chapter(name):
        section = find_section(name)
        return find_chapter(section.id[0]), section.notebook
    chapter = find_chapter(name)
    return chapter, chapter.sections[0].notebook
