"""run the tests of a section, of a chapter, or of everything"""

from course.errors import CourseError
from course.setup import environment, surroundings
from course.setup.foreground import hand_over
from course.spine import ROOT, find_chapter, find_sections, is_chapter, is_section_id
from course.terminal import COURSE
from course.testing.selection import (
    ALL_GROUPS,
    GROUPS,
    IN_EVERY_CORE,
    LEFT_OUT,
    all_targets,
    quick_targets,
)

EXAMPLES = ("test", "test 2", "test 2a", "test 4a1", "test 5 4d", "test --all", "test 2a -- -x")
DETAILS = """

`test` alone says in about two minutes whether all is well: all suites and the quick checks of the
course. A suite that two chapters have to the byte, of an API that is the same in both, is run in
the later one. A notebook is run, without Jupyter, unless it says itself that what it shows was
printed by the code as it is.

`test --all` leaves nothing out: it runs every suite in every chapter and every notebook in Jupyter,
plays every lesson, alone in a new environment too, and starts nginx, Valkey, PostgreSQL, a browser.
"""


def add_arguments(parser):
    parser.add_argument(
        "what", nargs="?", help="2 for a chapter, 2a for a section, 4a1 for a part of one"
    )
    parser.add_argument(
        "section", nargs="?", help="after a chapter: only its tests of this section, as in 5 4d"
    )
    parser.add_argument("--all", action="store_true", help="leave nothing out (takes long)")


def main(options):
    if options.all and options.what:
        raise CourseError(f"--all is for the whole course. Type: {COURSE} test --all")
    if options.what:
        chapter, targets = find_tests(options.what, options.section)
        groups, marks = chapter.groups, LEFT_OUT
    elif options.all:
        groups, marks, targets = ALL_GROUPS, "", [*IN_EVERY_CORE, *all_targets()]
    else:
        groups, marks, targets = GROUPS, LEFT_OUT, [*IN_EVERY_CORE, *quick_targets()]
    python = environment.ensure(*groups)
    pytest = [python, "-m", "course.testing", "--no-header", "-rN"]
    hand_over(
        [*pytest, "-m", marks, *targets, *options.for_the_program],
        cwd=ROOT,
        holding_ctrl_c=True,
        env=surroundings.for_lessons(),
    )


def find_tests(name, section=None):
    """Return the chapter that is meant, and what of it."""
    if is_chapter(name) and not section:
        return find_chapter(name), [find_chapter(name).folder]
    if section:
        if is_chapter(section):
            raise CourseError(f"The chapter comes first: {COURSE} test {section} {name}")
        return find_carried_tests(find_chapter(name), section)
    if not is_section_id(name):
        find_chapter(name)  # says which there are
    sections = find_sections(name)
    return find_chapter(sections[0].id[0]), [s for part in sections for s in part.suites]


def find_carried_tests(chapter, name):
    """Return a chapter and its tests of a section, which an earlier one may have brought."""
    suites = [suite for part in find_sections(name) for suite in chapter.suites_of(part)]
    if not suites:
        raise CourseError(
            f"Chapter {chapter.number} has no tests of {name}. Try: {COURSE} test {name}"
        )
    return chapter, suites
