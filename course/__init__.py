"""The course's own tools: `python3 -m course`, and what the notebooks use of it."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 (older Pythons, Python 2 too, must get this far)
    sys.exit(
        "This course needs Python 3.11 or newer, and this is Python "
        + sys.version.split()[0]
        + ". Type the same command with a newer one, such as python3.12 (all are on python.org)."
    )

from course.notebooks.show import show

if sys.platform == "emscripten":  # a browser, which can start no process
    from course.browser.inside.api import start

    __all__ = ["show", "start"]
else:
    from course.building.table import check
    from course.jupyter import dead_server
    from course.production.nginx import gateway
    from course.production.postgres import database_server
    from course.production.valkey import cache_server
    from course.serving.server import start

    dead_server.explain()

    __all__ = ["cache_server", "check", "database_server", "gateway", "show", "start"]
