"""What the lessons say to type, typed step by step, keeps the promises of each section."""

import re

import pytest

from course.building import folder
from course.building.asking import KEPT
from course.building.check import Asked, outcomes_of
from course.building.promise import PROMISED, YOUR_TURN, promises_of
from course.building.report import explanation
from course.building.typist import steps, type_in
from course.spine import find_chapter, find_section

pytestmark = pytest.mark.slow  # starts a server for each section

TYPED = (
    "1a",
    "1b",
    "1c",
    "1d",
    "20",
    "2a",
    "2b",
    "3a",
    "3b",
    "3c",
    "4a1",
    "4a2",
    "4a3",
    "4a4",
    "4b",
    "5a",
    "5b",
    "5c",
    "5d1",
)


def typed_sections(number):
    return [each for each in find_chapter(number).sections if each.id in TYPED]


def is_built(promise, number):
    """Whether a lesson up to this chapter builds it: what is read and tried only is not typed."""
    return promise.section in TYPED or int(promise.section[0]) < number


@pytest.mark.parametrize("number", sorted({int(section[0]) for section in TYPED}))
def test_typing_a_lesson_keeps_its_promises(number, tmp_path):
    mine = tmp_path / "mine"
    list(folder.begin(number, mine))
    for section in typed_sections(number):
        for step in steps(find_chapter(number).text_of(section)):
            type_in(step, mine)

        outcomes = outcomes_of(Asked(section.id, mine))

        asked = [o for o in outcomes if o.promise.tier == PROMISED and is_built(o.promise, number)]
        broken = [o for o in asked if o.state != KEPT]
        shown = (
            "\n".join(line for each in broken[:1] for line in explanation(each)) if broken else ""
        )
        assert not broken, f"{[o.promise.name for o in broken]} after {section.label}:\n{shown}"


@pytest.mark.parametrize("section", TYPED)
def test_promise_leads_to_a_heading_of_its_lesson(section):
    lesson = find_chapter(section[0]).text_of(find_section(section))
    headings = re.findall(r"^#+ (.+)$", lesson, re.MULTILINE)
    for promise in promises_of(section):
        if promise.tier == YOUR_TURN:
            continue
        assert promise.step in headings, f"{promise.name}: there is no heading {promise.step!r}"
