"""The faults, from chapter 6's faults.toml: each is a small replacement in one of its files."""

import difflib
import tomllib
from dataclasses import dataclass, field

from course.errors import CourseError
from course.spine import find_chapter
from course.terminal import COURSE


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to break the API: where, how, and what a learner is told of it, sooner or later."""

    name: str
    section: str  # whose tests should catch it: 6.3
    question: str  # what a test would ask; it gives nothing away
    file: str  # in the chapter
    old: str
    new: str
    explanation: str
    breaks: str  # the standard that it breaks, by document and section
    hint: str
    wire: list  # requests that are answered otherwise, for tests/test_mutants.py
    app: str = "cinema"  # whom they ask
    settings: dict = field(default_factory=dict)  # with which it is asked

    def applied_to(self, source):
        """Return the source of its file with the fault in it."""
        found = source.count(self.old)
        if found != 1:
            raise CourseError(f"{self.name} must fit {self.file} once, and fits {found} times.")
        return source.replace(self.old, self.new)

    def difference(self, folder):
        """Return what it changes in a chapter's file, as the lines of a unified diff."""
        source = (folder / self.file).read_text(encoding="utf-8")
        lines = source.splitlines(), self.applied_to(source).splitlines()
        return list(difflib.unified_diff(*lines, self.file, f"{self.file}, broken", lineterm=""))


def the_chapter():
    """Return the chapter that has a mutation lab."""
    return find_chapter(6)


def all_faults():
    """Return the faults in the order of their sections, and of the file."""
    with (the_chapter().folder / "faults.toml").open("rb") as file:
        tables = tomllib.load(file)["fault"]
    return sorted((Fault(**table) for table in tables), key=lambda fault: fault.section)


def find_faults(names):
    """Return the faults of these names; all if there are none."""
    known = {fault.name: fault for fault in all_faults()}
    for name in names:
        if name not in known:
            [nearest] = difflib.get_close_matches(name, known, n=1, cutoff=0)
            raise CourseError(
                f"There is no fault {name!r}. Did you mean {nearest}? To see all of them: "
                f"{COURSE} mutants --list"
            )
    return [fault for fault in known.values() if fault.name in names or not names]
