"""Lets pytest run all chapters at once, though each has a `cinema` and a `tests` of its own.

Python keeps one module per name. So, before pytest imports a test file and again before it runs
a test, the modules of the chapter that it belongs to take the place of the other chapter's.
"""

import gc
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
SHARED_NAMES = (
    *("auth_service", "authorization_server", "cinema", "fast", "tests"),
    "with_flask_security",
)

modules_of = {}  # folder of the course -> its modules of those names, while another's are in place
current = None


def pytest_collectstart(collector):
    if isinstance(collector, pytest.Module):
        enter(collector.path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    enter(item.path)


def pytest_collection_modifyitems(config, items):
    """Let a process of xdist tell the first of those subtests only that fail: 40,000 pass."""
    if hasattr(config, "workerinput"):
        for item in items:
            if isinstance(item, pytest.Function) and hasattr(item, "addSubTest"):
                item.addSubTest = only_failures(item.addSubTest)


def pytest_collection_finish():
    """Spare the garbage collector what is imported: it stays, and is most of what it looks at."""
    gc.collect()
    gc.freeze()


def only_failures(tell):
    """Wrap what unittest tells of each subtest, whose error is None if it passes."""
    return lambda test, subtest, error: error and tell(test, subtest, error)


def enter(path):
    """Make `import cinema` mean the one in the folder of the course that holds this path."""
    global current  # noqa: PLW0603 (there is one interpreter, so one chapter at a time)
    folder = ROOT / path.relative_to(ROOT).parts[0]
    if folder == current:
        return
    if current:
        sys.path.remove(str(current))
        names = [name for name in sys.modules if name.partition(".")[0] in SHARED_NAMES]
        modules_of[current] = {name: sys.modules.pop(name) for name in names}
    sys.path.insert(0, str(folder))
    sys.modules.update(modules_of.get(folder, {}))
    current = folder
