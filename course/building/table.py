"""The check in a notebook: the same outcomes, as a table."""

from html import escape
from pathlib import Path

from course.building import report
from course.building.asking import BROKEN, KEPT, NOT_ASKED, WAITS
from course.building.check import Asked, outcomes_of
from course.building.folder import MINE
from course.building.promise import up_to

MARKS = {KEPT: "✓", BROKEN: "✗", WAITS: "…", NOT_ASKED: "-"}


class Verdict:
    """What came of a check: a table in a notebook, the report of the command line elsewhere."""

    def __init__(self, outcomes, folder=MINE):
        self.outcomes, self.folder = outcomes, folder

    def __repr__(self):
        return "\n".join(report.lines(self.outcomes, folder=self.folder))

    def _repr_html_(self):
        rows = "".join(map(row, self.outcomes))
        first = report.to_explain(self.outcomes)
        told = "\n".join(report.explanation(first, folder=self.folder)) if first else ""
        return (
            f"<table>{rows}</table><pre>{escape(told)}\n{escape(report.bar(self.outcomes))}</pre>"
        )


def row(outcome):
    cells = MARKS[outcome.state], escape(outcome.promise.name)
    sentence = escape(outcome.promise.sentence) + waits(outcome)
    left = '<td style="text-align: left">'
    return f"<tr><td>{cells[0]}</td>{left}{cells[1]}</td>{left}{sentence}</td></tr>"


def waits(outcome):
    return f" (waits for {escape(outcome.blamed)})" if outcome.state == WAITS else ""


def check(section, url=None, folder=MINE, hardened=False, key=None, password=None):
    """Ask an API for every promise up to a section: the one in mine/, or one that runs at a URL.

    What `start` returns is such a URL, and brings its key and password along. Raises CourseError if
    there is no API to ask, or no such section.
    """
    section = section.replace(".", "").lower()
    up_to(section)
    if hasattr(url, "insist"):  # it is what `start` has returned
        url.insist()
    key = key or getattr(url, "key", None)
    password = password or getattr(url, "password", None)
    asked = Asked(section, Path(folder), url and str(url), hardened, key, password)
    return Verdict(outcomes_of(asked), folder)
