"""start a chapter's API as in production: several processes, a cache, TLS"""

from course.errors import CourseError
from course.numbers import PORT
from course.serving.child import server_environment
from course.setup import environment
from course.setup.foreground import hand_over
from course.spine import ROOT, chapters, find_chapter
from course.terminal import COURSE

EXAMPLES = ("stack 4", "stack 4 --port 9443", "stack 5")


def add_arguments(parser):
    parser.add_argument("chapter", nargs="?", help="4, 04 or 04_extending")
    parser.add_argument("--port", type=PORT, default=8443, help="the port to use (default: 8443)")


def main(options):
    chapter = find_chapter_with_gateway(options.chapter)
    python = environment.ensure(*chapter.groups, "servers")
    hand_over(
        [python, "-m", "course.production.stack", chapter.number, options.port],
        cwd=ROOT,
        env=server_environment(),
    )


def find_chapter_with_gateway(name):
    able = [chapter for chapter in chapters() if chapter.has_gateway]
    if not name:
        commands = " or ".join(f"{COURSE} stack {chapter.number}" for chapter in able)
        raise CourseError(f"Which chapter? Type: {commands}")
    chapter = find_chapter(name)
    if chapter not in able:
        raise CourseError(
            f"Chapter {chapter.number} has no gateway yet. Type: {COURSE} run {chapter.number}"
        )
    return chapter
