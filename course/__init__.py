"""The course's own tools: `python3 -m course`, and `start` and `show` for the notebooks."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older Pythons, Python 2 too, must get this far)
    sys.exit(
        "This course needs Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + ". Type the same command with a newer one, such as python3.12 (all are on python.org)."
    )

from course.exchange import show
from course.server import start

__all__ = ["show", "start"]
