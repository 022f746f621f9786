"""How a class can go through the course: in a day, in two, in six weeks. The data, and the clock.

The sections of a session are in the order in which they are taught; each builds on the ones before.
"""

from dataclasses import dataclass

from course.errors import CourseError
from course.spine import chapters, find_section

STRETCH = 90  # minutes, the most without a break
BREAK = 15
LUNCH = 60
NOON = 11 * 60 + 30  # the first break from then on is lunch,
AFTER_LUNCH = 90  # if more minutes than these are left


@dataclass(frozen=True)
class Session:
    """A day, or a morning, of a plan: what it is about, and the ids of its sections."""

    about: str
    sections: str

    @property
    def found(self):
        return [find_section(name) for name in self.sections.split()]


@dataclass(frozen=True)
class Step:
    """A line of a session: a section, or a break if there is none; minutes since midnight."""

    start: int
    minutes: int
    section: object = None
    name: str = ""


FIRST_DAY = "From three movies in one file to an API that creates, reads, updates and deletes"
PLANS = {
    ("day", 1): [
        Session(
            f"{FIRST_DAY}; who may write; how to test it",
            "1a 1b 1c 1d 20 2a 2b 3a 3b 4a1 61",
        ),
    ],
    ("day", 2): [
        Session(f"{FIRST_DAY}, and links", "1a 1b 1c 1d 20 2a 2b 3a 3b 3c"),
        Session(
            "Who is asking, caches, errors, HTTPS and tokens; and tests for all of it",
            "4a1 4b 4c 5a 5b 61 63",
        ),
    ],
    ("week", 6): [
        Session("Create, read, update", "1a 1b 1c 1d 20 2a 2b 3a"),
        Session("Delete, hypermedia, and users who prove who they are", "3b 3c 4a1 4a2 4a3"),
        Session("OAuth, caches, errors, two versions side by side", "4a4 4b 4c 4d"),
        Session("What makes it fast; HTTPS, tokens and cookies under attack", "4e 5a 5b 5c"),
        Session("Passwords, production, and the first tests", "5d1 5d2 5e 61 62"),
        Session("Tests that notice: tables, rights, properties, faults", "63 64 65 66"),
    ],
}


def find_plan(unit, number):
    """Return the sessions of the plan of one day, two days or six weeks."""
    if (unit, number) not in PLANS:
        there_is = ", ".join(f"--{unit}s {number}" for unit, number in PLANS)
        raise CourseError(f"There is no plan of {counted(number, unit)}. There is: {there_is}.")
    return PLANS[unit, number]


def counted(number, unit):
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def left_out(sessions):
    """Return the sections of the course that a plan has no time for."""
    chosen = {section.id for session in sessions for section in session.found}
    every = [section for chapter in chapters() for section in chapter.sections]
    return [section for section in every if section.id not in chosen]


def timetable(sections, start):
    """Return the steps of a session that starts at `start` (minutes since midnight).

    A break stands between two sections, where the next one would make a stretch longer than 90
    minutes; the first one about noon is lunch, if much is left after it.
    """
    steps, now, since, had_lunch = [], start, start, start >= NOON
    left = sum(section.minutes for section in sections)
    for section in sections:
        if now + section.minutes - since > STRETCH:
            is_lunch = not had_lunch and now >= NOON and left > AFTER_LUNCH
            had_lunch = had_lunch or is_lunch
            minutes, name = (LUNCH, "Lunch") if is_lunch else (BREAK, "Break")
            steps.append(Step(now, minutes, name=name))
            now = since = now + minutes
        steps.append(Step(now, section.minutes, section, section.title))
        now, left = now + section.minutes, left - section.minutes
    return steps
