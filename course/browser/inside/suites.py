"""Runs a chapter's tests in a browser, and names those that a browser cannot run."""

import re
import time
import traceback
import unittest
from contextlib import chdir

from course.browser.inside.missing import missing
from course.browser.inside.modules import OwnModules
from course.building.traces import is_in

LONGEST = 3000  # characters of a failure that are shown
A_TEST = re.compile(r"^    def test_\w+", re.MULTILINE)
FRAME = re.compile(r'^ +File "([^"]+)", line \d+.*\n(?:(?! +File ) +.*\n)*', re.MULTILINE)


class Result(unittest.TestResult):
    """Tells each test as it begins, and tells failures from what a browser does not have."""

    def __init__(self, tell, folder):
        super().__init__()
        self.tell, self.folder = tell, folder
        self.passed = 0
        self.failed, self.left_out = {}, {}  # a test's name -> the trace; what it needs

    def startTest(self, test):  # noqa: N802 (unittest's name)
        super().startTest(test)
        self.tell({"ran": self.testsRun, "now": test.id()})

    def addSuccess(self, test):  # noqa: N802
        self.passed += 1

    def addError(self, test, err):  # noqa: N802
        text = "".join(traceback.format_exception(*err))
        if needed := missing(text):
            self.left_out[plain(test.id())] = needed
        else:
            self.note(test, text)

    def addFailure(self, test, err):  # noqa: N802
        self.note(test, "".join(traceback.format_exception(*err)))

    def addSubTest(self, test, subtest, err):  # noqa: N802
        if err is not None:
            self.addError(subtest, err)

    def note(self, test, text):
        """Note a failure: one for all subtests of a test, each with what tells it apart."""
        name, told = plain(test.id()), shortened(frames_in(text, self.folder))
        if apart := test.id().removeprefix(name).strip():
            told = f"{apart}\n{told}"
        self.failed[name] = "\n".join(filter(None, [self.failed.get(name), told]))


def run_suites(folder, pattern, tell):
    """Run the suites of a folder whose names fit a pattern; return what came of them."""
    began = time.perf_counter()
    result = Result(tell, folder)
    modules = OwnModules(folder)
    with chdir(folder), modules.in_place():
        loader = unittest.TestLoader()
        loader.discover(str(folder), pattern, str(folder)).run(result)
    return {
        "passed": result.passed,
        "of": count(folder, pattern),
        "failed": result.failed,
        "left_out": result.left_out | {test.id(): why for test, why in result.skipped},
        "seconds": round(time.perf_counter() - began, 2),
    }


def count(folder, pattern):
    """Count the tests as they are written: one that cannot be loaded counts as well."""
    files = (folder / "tests").glob(pattern)
    return sum(len(A_TEST.findall(file.read_text(encoding="utf-8"))) for file in files)


def plain(name):
    """Return the name of a test without what tells a subtest apart."""
    return name if name.startswith("setUp") else re.split(r" [(\[]", name)[0]


def frames_in(text, folder):
    """Return a trace without the frames of libraries."""
    return FRAME.sub(lambda found: found[0] if is_in(found[1], folder) else "", text)


def shortened(text):
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 3]}\n…\n{text[-2 * LONGEST // 3 :]}"
