"""Carries out what a solution says, in a copy of a chapter or in what its lesson has built."""

import shutil
import subprocess
import sys

from asked_apis import outcomes_of
from course_files import copy_files

from course.building import folder
from course.building.typist import steps, steps_of_solution, type_in
from course.spine import ROOT, find_chapter


def copy_of_chapter(number, place):
    """Make a copy of a chapter's files in a folder; return the copy's."""
    chapter = find_chapter(number).folder
    copy_files(chapter, place)
    return place / chapter.name


def built_by_lesson(section, place):
    """Type all of a chapter's lessons up to a section, as a learner has when its task comes."""
    list(folder.begin(int(section[0]), place / "mine"))
    for each in find_chapter(section[0]).sections:
        for step in steps(find_chapter(section[0]).text_of(each)):
            type_in(step, place / "mine")
        if each.id == section:
            return place / "mine"
    raise ValueError(section)


def carry_out(task, place):
    """Type the blocks of a solution that name a file."""
    found = steps_of_solution(task.solution)
    assert found, f"the solution of {task.id} names no file to type into"
    for step in found:
        type_in(step, place)


def state_of(promise, place):
    """Start the API in a folder and ask for one promise; return what came of it."""
    return outcomes_of(place, [promise])[promise.name].state


def suite(place, *names):
    """Run test modules, or all, in a chapter's folder; return whether they pass, and the report."""
    shutil.rmtree(place / "instance", ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "unittest", *names],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stderr


def replace(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def names_of_suites(chapter, section):
    return [f"tests.{file.stem}" for file in sorted(chapter.glob(f"tests/test_{section}_*.py"))]
