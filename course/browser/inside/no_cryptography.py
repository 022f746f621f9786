"""Stands in for `cryptography`, which is Rust: its names can be imported, and refuse all work.

joserfc imports many of them, used or not. Here, whoever uses one gets a RuntimeError that `missing`
knows. Classes can be made, because joserfc makes some while it is imported.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

PACKAGE = "cryptography"
REFUSAL = "A browser has no cryptography"


def stand_in_for_cryptography():
    sys.meta_path.append(Finder())


class Inert(Exception):
    """Stands in for any class, such as a curve, a hash or an error: it can be made, and no more."""

    name, digest_size = "none", 0  # what joserfc reads of classes while it is imported

    def __init__(self, *_arguments, **_options):
        super().__init__(REFUSAL)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise RuntimeError(f"{REFUSAL}: {type(self).__name__}.{name}")


class Names(ModuleType):
    """Stands in for any module or function: it has all classes, and calling it is refused."""

    __path__ = ()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if not name[0].isupper():
            return import_module(f"{self.__name__}.{name}")
        setattr(self, name, type(name, (Inert,), {}))
        return self.__dict__[name]

    def __call__(self, *_arguments, **_options):
        raise RuntimeError(f"{REFUSAL}: {self.__name__}")


class Finder(MetaPathFinder, Loader):
    def find_spec(self, name, _path=None, _target=None):
        return ModuleSpec(name, self) if name.partition(".")[0] == PACKAGE else None

    def create_module(self, spec):
        return Names(spec.name)

    def exec_module(self, module):
        """Do nothing: the names are made when they are asked for."""
