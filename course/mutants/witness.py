"""A pytest plugin: writes down how far a suite has come; and ends with the process behind it."""

import json
import os
import signal
import sys
import threading

from course.mutants.asked import Asked
from course.serving import server
from course.spine import Chapter

NOTHING = {"tests": 0, "last": "", "failed": "", "cinema": "", "elsewhere": [], "red": []}


def pytest_addoption(parser):
    parser.addoption("--testimony", help="the file in which to write")


def pytest_configure(config):
    server.broken[:] = [Chapter(config.rootpath)]
    config.pluginmanager.register(Witness(config.getoption("--testimony"), config.rootpath))
    threading.Thread(target=end_with_parent, args=[apart_from_tests(0)], daemon=True).start()


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
        name = item.nodeid.partition("::")[2].replace("::", ".")
        self.write(last=f"{item.path.name}: {name}")

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
