"""print what to say and do in class: the run sheet of a section, or of a day"""

import re

from course.errors import CourseError
from course.spine import find_chapter, find_sections, is_chapter, is_section_id
from course.teaching import run_sheet

EXAMPLES = ("teach 2a", "teach 4", "teach", "teach --days 2", "teach --weeks 6 --start 18:00")
DETAILS = """

Of a section it is made from the speaker notes of its notebook: each slide by the clock, what to
say, which file to open, what a class asks, and what to type when something fails. Without a
section, it is the timetable of a plan for the whole class.
"""
TIME = re.compile(r"(\d{1,2}):(\d\d)")


def add_arguments(parser):
    parser.add_argument("section", nargs="?", help="2a for a section, 4a for its parts, 4 for all")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--days", type=int, help="the plan of 1 day (the default), or of 2")
    length.add_argument("--weeks", type=int, help="the plan of 6 weeks, with a session in each")
    parser.add_argument("--start", help="when a day begins (default: 09:00)")


def main(options):
    if options.section:
        if options.days is not None or options.weeks is not None or options.start:
            raise CourseError("A plan has sections of its own: leave out the section, or the rest.")
        for i, section in enumerate(sections(options.section)):
            print(*([""] if i else []), *run_sheet.of_section(section), sep="\n")
        return 0
    unit = "day" if options.weeks is None else "week"
    number = options.weeks if options.weeks is not None else options.days
    start = minutes_of(options.start or "09:00")
    for line in run_sheet.of_plan(unit, 1 if number is None else number, start):
        print(line)
    return 0


def sections(name):
    """Find a section, the parts of one, or all sections of a chapter."""
    if is_section_id(name) and not is_chapter(name):
        return find_sections(name)
    return find_chapter(name).sections


def minutes_of(time):
    found = TIME.fullmatch(time)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise CourseError(f"{time!r} is no time of the day. Write it so: --start 09:00")
    return int(found[1]) * 60 + int(found[2])
