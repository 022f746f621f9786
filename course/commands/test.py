"""run the tests of a section, of a chapter, or of everything"""

from contextlib import suppress

from course import environment
from course.errors import CourseError
from course.foreground import hand_over
from course.spine import ROOT, chapters, find_chapter, find_section

EXAMPLES = ("test", "test 2", "test 2a", "test 2a -- -x --pdb")
IN_EVERY_CORE = ("-n", "logical", "--dist", "loadscope", "--no-loadscope-reorder")  # pytest-xdist


def add_arguments(parser):
    parser.add_argument("what", nargs="?", help="2a for a section, 2 for a chapter")


def main(options):
    if options.what:
        chapter, targets = find_tests(options.what)
        python = environment.ensure(*chapter.groups)
    else:
        targets = [*IN_EVERY_CORE, ROOT / "tests", *(chapter.folder for chapter in chapters())]
        python = environment.ensure(
            "notebook", "extending", "securing", "testing", "servers", "dev"
        )
    pytest = [python, "-m", "pytest", "-p", "course.report", "--no-header", "-rN"]
    hand_over(
        [*pytest, "-m", "not (needs_servers or slow)", *targets, *options.for_the_program],
        cwd=ROOT,
        env=environment.python_environment(),
    )


def find_tests(name):
    """Return the chapter that is meant, and what of it."""
    with suppress(CourseError):
        chapter = find_chapter(name)
        return chapter, [chapter.folder]
    section = find_section(name)
    return find_chapter(section.id[0]), section.suites
