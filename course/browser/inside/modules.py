"""Keeps the modules of one application apart from those of others, in one Python.

On a machine each application is a process. In a browser a notebook may import `cinema` itself,
beside the API that it calls; and the tests have an application of their own.
"""

import importlib
import sys
from contextlib import contextmanager


class OwnModules:
    """The modules that are imported from a folder: in place only while that application runs."""

    def __init__(self, folder):
        self.folder, self.kept = folder, {}

    @property
    def names(self):
        """Return the names of the packages and modules of the folder."""
        packages = {path.name for path in self.folder.iterdir() if path.is_dir()}
        return packages | {path.stem for path in self.folder.glob("*.py")}

    @contextmanager
    def in_place(self):
        names, path = self.names, sys.path[:]
        others = take_out(names)
        sys.modules.update(self.kept)
        sys.path.insert(0, str(self.folder))
        importlib.invalidate_caches()
        try:
            yield
        finally:
            self.kept = take_out(names)
            sys.modules.update(others)
            sys.path[:] = path


def take_out(names):
    """Take modules of these names, and those within them, out of Python; return them."""
    found = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in found}
