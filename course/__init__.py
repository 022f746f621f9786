"""The course's own tools: `python3 -m course`, and what the notebooks use of it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older Pythons, Python 2 too, must get this far)
    sys.exit(
        "This course needs Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + ". Type the same command with a newer one, such as python3.12 (all are on python.org)."
    )

from course.exchange import show
from course.nginx import gateway
from course.postgres import database_server
from course.server import start
from course.valkey import cache_server

__all__ = ["cache_server", "database_server", "gateway", "show", "start"]
