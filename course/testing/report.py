"""A pytest plugin: one table at the end, and for each failure where to look and what to type."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

import pytest

from course.spine import written
from course.terminal import COURSE

PARTS = {"tests": "the whole course"}  # what a folder is called in the table, if not by its name
REPORTS = (pytest.TestReport, pytest.CollectReport)  # as against warnings and deselected tests
SLOW = 0.5  # seconds
SHOWN = 10  # of the slow tests
SECTION_SUITE = re.compile(r"(?P<chapter>\d\d)_\w+/tests/test_(?P<section>\d\w\d?)_")


@dataclass
class Row:
    """What happened in one part of the course."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0


def pytest_terminal_summary(terminalreporter):
    """Print the table; pytest's own line about the whole run follows it."""
    reports = {
        outcome: [report for report in found if isinstance(report, REPORTS)]
        for outcome, found in terminalreporter.stats.items()
    }
    write = terminalreporter.write_line
    rows = count(reports)
    if rows:
        write("")
        write(f"{'':<22}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}", bold=True)
    for part, row in sorted(rows.items()):
        colour = {"red": True} if row.failed else {"green": True}
        name = PARTS.get(part, part)
        numbers = f"{row.passed:>8}{row.failed:>8}{row.skipped:>8}{row.seconds:>9.1f}"
        write(f"{name:<22}{numbers}", **colour)
    if slow := slowest(reports):
        write("")
        write(f"{'seconds':>7}  slowest tests, each with its set-up", bold=True)
    for nodeid, seconds in slow:
        write(f"{seconds:>7.1f}  {nodeid}")
    failures = reports.get("failed", []) + reports.get("error", [])
    for advice in dict.fromkeys(advise(report) for report in failures):  # one for all subtests
        write(advice)


def advise(report):
    return (
        f"\n{report.nodeid.split('::')[-1]} failed.\n"
        f"  open       {place(report)}\n"
        f"  type again {COURSE} {command_for(report.nodeid)}"
    )


def count(reports):
    rows = defaultdict(Row)
    for outcome, found in reports.items():
        for report in found:
            row = rows[report.nodeid.partition("/")[0]]
            row.seconds += getattr(report, "duration", 0.0)  # collecting has none
            if outcome in ("passed", "skipped"):
                setattr(row, outcome, getattr(row, outcome) + 1)
            elif outcome in ("failed", "error"):
                row.failed += 1
    return rows


def slowest(reports):
    """Return the tests that take longest, and their seconds: those for which one waits."""
    seconds = Counter()
    for report in (report for found in reports.values() for report in found):
        seconds[report.nodeid] += getattr(report, "duration", 0.0)
    return [(nodeid, taken) for nodeid, taken in seconds.most_common(SHOWN) if taken >= SLOW]


def place(report):
    """Return the last place of a traceback that is in the part of the course that failed."""
    part = report.nodeid.partition("/")[0]
    text = str(report.longrepr)
    places = re.findall(rf"^({part}/\S+:\d+):", text, re.MULTILINE)
    unreadable = re.findall(rf'File ".*?({part}/\S+)", line (\d+)\n.*\n.*\^.*\n.*SyntaxError', text)
    places += [f"{file}:{line}" for file, line in unreadable]
    return places[-1] if places else report.nodeid.partition("::")[0]


def command_for(nodeid):
    """Return the shortest command that runs this test."""
    suite = SECTION_SUITE.match(nodeid)
    if not suite:
        return "test"
    chapter = str(int(suite["chapter"]))
    section = written(suite["section"])
    return f"test {section}" if section.startswith(chapter) else f"test {chapter} {section}"
