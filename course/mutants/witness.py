"""A pytest plugin: writes down how far a suite has come; and ends with the process behind it."""

import json
import os
import signal
import sys
import threading

import pytest

from course.mutants import seen
from course.mutants.asked import Asked
from course.mutants.faults import all_faults
from course.mutants.run import NOTHING
from course.serving import server
from course.spine import Chapter


def pytest_addoption(parser):
    parser.addoption("--testimony", help="the file in which to write")
    parser.addoption("--seen", help="a file in which to write which tests see which fault")
    parser.addoption("--first", help="a file that names the tests whose classes are to be first")


def pytest_configure(config):
    server.broken[:] = [Chapter(config.rootpath)]
    witness = Witness(config.getoption("--testimony"), config.rootpath)
    config.pluginmanager.register(witness)
    if config.getoption("--seen"):
        observer = Observer(config.getoption("--seen"), config.rootpath, witness.asked)
        config.pluginmanager.register(observer)
    threading.Thread(target=end_with_parent, args=[apart_from_tests(0)], daemon=True).start()


def pytest_collection_modifyitems(config, items):
    """Put the classes of the tests that see a fault first; in a class, the order stays."""
    if config.getoption("--first"):
        with open(config.getoption("--first"), encoding="utf-8") as file:  # noqa: PTH123
            first = {*json.load(file)}
        classes = {item.parent.nodeid for item in items if name_of(item) in first}
        items.sort(key=lambda item: item.parent.nodeid not in classes)


def name_of(item):
    name = item.nodeid.partition("::")[2].replace("::", ".")
    return f"{item.path.name}: {name}"


class Observer:
    """Writes down which tests run the code of which fault."""

    def __init__(self, path, copy, asked):
        from coverage import Coverage  # noqa: PLC0415 (only where it is needed: it takes a while)

        self.path, self.copy, self.asked = path, copy, asked
        self.blind = set()
        self.coverage = Coverage(data_file=None, config_file=False, include=[f"{copy}/*"])
        self.coverage.start()
        self.enter(seen.SHARED)

    def enter(self, context):
        self.context = context
        self.coverage.switch_context(context)

    def pytest_runtest_setup(self):
        self.enter(seen.SHARED)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item):
        self.note_programs()
        self.enter(name_of(item))

    def pytest_runtest_teardown(self):
        self.note_programs()
        self.enter(seen.SHARED)

    def note_programs(self):
        """Note who has started a program, in which nothing is seen."""
        if self.asked.programs:
            self.blind.add(self.context)
        self.asked.programs = 0

    def pytest_sessionfinish(self):
        self.note_programs()
        self.coverage.stop()
        data = self.coverage.get_data()
        known = seen.tests_by_fault(all_faults(self.copy), self.copy, data, self.blind)
        with open(self.path, "w", encoding="utf-8") as file:  # noqa: PTH123 (tests patch pathlib)
            json.dump(known, file)


class Witness:
    """Keeps how many tests passed, the last that began, the first that failed, and whose API."""

    def __init__(self, path, copy):
        self.path = path
        self.asked = Asked(copy)
        self.passed = set()  # a test with subtests is reported more than once
        self.known = NOTHING | {"elsewhere": [], "red": []}

    def pytest_collectstart(self, collector):
        self.known["last"] = collector.path.name

    def pytest_runtest_protocol(self, item):
        self.write(last=name_of(item))

    def pytest_runtest_logreport(self, report):
        self.pytest_collectreport(report)
        if report.when == "call":  # while what the test has asked still runs
            self.known["elsewhere"] += [(self.known["last"], a) for a in self.asked.elsewhere()]
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_collectreport(self, report):
        last = self.known["last"]
        if report.failed and last not in self.known["red"]:
            self.write(failed=self.known["failed"] or last, red=[*self.known["red"], last])

    def pytest_sessionfinish(self):
        cinema = getattr(sys.modules.get("cinema"), "__file__", "")
        self.write(tests=len(self.passed), cinema=str(cinema))

    def write(self, **news):
        self.known |= news
        with open(self.path, "w", encoding="utf-8") as file:  # noqa: PTH123 (tests patch pathlib)
            json.dump(self.known, file)


def apart_from_tests(stream):
    """Take a stream away from the tests, and from what they start; return another way to it."""
    own = os.dup(stream)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, stream)
    os.close(nothing)
    return own


def end_with_parent(stream):
    """Wait for the end of our standard input; then end, with all that the tests have started."""
    while os.read(stream, 1):
        pass
    if os.name != "nt":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
