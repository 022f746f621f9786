"""run the tests of a section, of a chapter, or of everything"""

from course.errors import CourseError
from course.setup import environment
from course.setup.foreground import hand_over
from course.spine import ROOT, chapters, find_chapter, find_sections, is_chapter
from course.terminal import COURSE

EXAMPLES = ("test", "test 2", "test 2a", "test 4a1", "test 5 4d", "test 2a -- -x --pdb")
IN_EVERY_CORE = ("-n", "logical", "--dist", "loadscope", "--no-loadscope-reorder")  # pytest-xdist


def add_arguments(parser):
    parser.add_argument(
        "what", nargs="?", help="2 for a chapter, 2a for a section, 4a1 for a part of one"
    )
    parser.add_argument(
        "section", nargs="?", help="after a chapter: only its tests of this section, as in 5 4d"
    )


def main(options):
    if options.what:
        chapter, targets = find_tests(options.what, options.section)
        python = environment.ensure(*chapter.groups)
    else:
        targets = [*IN_EVERY_CORE, ROOT / "tests", *(chapter.folder for chapter in chapters())]
        python = environment.ensure(
            "notebook", "extending", "securing", "testing", "servers", "dev"
        )
    pytest = [python, "-m", "pytest", "-p", "course.testing.report", "--no-header", "-rN"]
    hand_over(
        [*pytest, "-m", "not (needs_servers or slow)", *targets, *options.for_the_program],
        cwd=ROOT,
        env=environment.python_environment(),
    )


def find_tests(name, section=None):
    """Return the chapter that is meant, and what of it."""
    if is_chapter(name) and not section:
        return find_chapter(name), [find_chapter(name).folder]
    if section:
        if is_chapter(section):
            raise CourseError(f"The chapter comes first: {COURSE} test {section} {name}")
        return find_carried_tests(find_chapter(name), section)
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
