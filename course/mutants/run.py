"""One run of a suite in one copy of the chapter: a process that can be waited for, and ended."""

import json
import os
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.serving.watch import end_what_is_left

PYTEST = (
    *("-q", "-s", "--assert=plain", "--tb=short", "-rN"),
    *("-p", "no:cacheprovider", "-p", "no:warnings", "-p", "course.mutants.witness"),
)
PASSED, NO_TESTS = 0, 5  # exit codes of pytest
LAST_LINES = 40
NOTHING = {"tests": 0, "last": "", "failed": "", "cinema": "", "elsewhere": [], "red": []}


@dataclass(frozen=True)
class Outcome:
    """How a run has ended; `test` is the first that failed, or that did not end in time.

    `tests` is how many have passed, `red` names all that failed, and `words` is the end of what
    pytest has printed.
    """

    passed: bool
    test: str = ""
    in_time: bool = True
    tests: int = 0
    red: tuple = ()
    words: str = ""


class Run:
    """A suite that is being run, one part of it after the other, until so many tests fail.

    `patience` is for each test, in seconds: who hangs is noticed, and a long suite may be long.
    """

    def __init__(self, runners, copy, parts, patience, *, fails=1, options=()):
        self.runners, self.copy = runners, copy
        self.parts = deque(parts)
        self.options = (f"--maxfail={fails}", *options)
        self.patience, self.current = patience, ""
        self.deadline = time.monotonic() + patience
        self.testimony = copy.parent / "testimony.json"
        self.log = copy.parent / "pytest.txt"
        self.tests = 0
        self.begin()

    def begin(self):
        self.testimony.unlink(missing_ok=True)
        files = self.parts.popleft()
        nearest = os.path.commonpath([file.parent for file in files])
        options = (
            *("--rootdir", self.copy, "-c", self.copy.parent / "pytest.ini"),
            *("--confcutdir", nearest, "--testimony", self.testimony),
            *self.options,
        )
        arguments = [str(word) for word in (*PYTEST, *options, *files)]
        self.log.write_bytes(b"")
        self.process = self.runners.start(self.copy, self.log, arguments)

    def outcome(self):
        """Return the Outcome, or None as long as there is none."""
        code = self.process.poll()
        if code is None and self.goes_on():
            return None
        self.end()
        told = self.read_testimony()
        self.tests += told["tests"]
        if code is None:
            return Outcome(False, told["last"], in_time=False, red=(*told["red"], told["last"]))
        if code not in (PASSED, NO_TESTS):
            test = told["failed"] or told["last"]
            red = tuple(told["red"]) or (test,)
            return Outcome(False, test, red=red, words=self.last_words())
        self.refuse_another_cinema(told["cinema"])
        refuse_another_server(told["elsewhere"], int(self.copy.name[:2]))
        if self.parts:
            self.begin()
            return None
        return Outcome(True, tests=self.tests)

    def goes_on(self):
        """Tell whether the current test may still end in time; another one has time anew."""
        if (current := self.read_testimony()["last"]) != self.current:
            self.current, self.deadline = current, time.monotonic() + self.patience
        return time.monotonic() < self.deadline

    def read_testimony(self):
        try:
            return json.loads(self.testimony.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # it did not get so far
            return NOTHING

    def last_words(self):
        """Return the end of what pytest has printed, with paths as they are in the chapter."""
        words = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(words.replace(f"{self.copy}{os.sep}", "").splitlines()[-LAST_LINES:])

    def refuse_another_cinema(self, file):
        if file and not Path(file).is_relative_to(self.copy):
            raise CourseError(f"These tests are about another cinema: {Path(file).parent}")

    def end(self):
        """End it, and whatever its tests have started."""
        end_what_is_left(self.process)
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


def refuse_another_server(asked, chapter):
    """Refuse a suite that asks a server of which no fault is part: it would notice none."""
    if asked:
        test, server = asked[0]
        raise CourseError(
            f"{test} asks {server}, a server that the lab has not broken, so no fault would be "
            f'noticed. Ask the one that start("{chapter}") returns, after: from course import start'
        )
