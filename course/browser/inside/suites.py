"""Runs a chapter's tests in a browser, and names those that a browser cannot run."""

import ast
import re
import time
import traceback
import unittest
from contextlib import chdir

from course.browser.inside.missing import missing, refused
from course.browser.inside.modules import OwnModules
from course.building.traces import is_in

LONGEST = 3000  # characters of a failure that are shown
NOT_LOADED = "unittest.loader._FailedTest."
FRAME = re.compile(r'^ +File "([^"]+)", line \d+.*\n(?:(?! +File ) +.*\n)*', re.MULTILINE)


class Result(unittest.TestResult):
    """Tells each test as it begins, and tells failures from what a browser does not have."""

    def __init__(self, tell, folder):
        super().__init__()
        self.tell, self.folder = tell, folder
        self.passed = 0
        self.failed, self.left_out = {}, {}  # a test's name -> the trace; what it needs
        self.not_found = 0  # how many more there are, because their module cannot be loaded

    def startTest(self, test):  # noqa: N802 (unittest's name)
        super().startTest(test)
        refused.clear()
        self.tell({"ran": self.testsRun, "now": test.id()})

    def stopTest(self, test):  # noqa: N802
        super().stopTest(test)
        refused.clear()

    def addSuccess(self, test):  # noqa: N802
        self.passed += 1

    def addError(self, test, err):  # noqa: N802
        text = "".join(traceback.format_exception(*err))
        names = self.names(test)
        if needed := missing(text) or next(iter(refused), None):
            self.left_out |= dict.fromkeys(names, needed)
        else:
            self.note(test, text)
        if is_module(test):
            self.not_found += len(names) - 1

    addFailure = addError  # noqa: N815 (a 500, where an application lacks something)

    def addSubTest(self, test, subtest, err):  # noqa: N802
        if err is not None:
            self.addError(subtest, err)

    def names(self, test):
        """Return the name of a test; if it stands for a module that fails, of all tests there."""
        if not is_module(test):
            return [plain(test.id())]
        module = test.id().removeprefix(NOT_LOADED)
        return names_in(self.folder.joinpath(*module.split(".")).with_suffix(".py"), module)

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
        suite = loader.discover(str(folder), pattern, str(folder))
        found = suite.countTestCases()
        suite.run(result)
    return {
        "passed": result.passed,
        "of": found + result.not_found,
        "failed": result.failed,
        "left_out": result.left_out | {test.id(): why for test, why in result.skipped},
        "seconds": round(time.perf_counter() - began, 2),
    }


def is_module(test):
    return test.id().startswith(NOT_LOADED)


def names_in(file, module):
    """Return the names of the tests in a file: none in a package, and one if it does not parse."""
    if not file.is_file():
        return []
    try:
        body = ast.parse(file.read_bytes()).body
    except SyntaxError:
        return [module]
    classes = [each for each in body if isinstance(each, ast.ClassDef)]
    return [
        f"{module}.{each.name}.{member.name}"
        for each in classes
        for member in each.body
        if isinstance(member, ast.FunctionDef) and member.name.startswith("test_")
    ]


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
