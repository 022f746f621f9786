"""Gives each process its own connections after a fork: two cannot share one."""

import os
from weakref import WeakSet

engines = WeakSet()  # all engines of this process


def leave_connections_to_the_parent():
    for engine in engines:
        engine.dispose(close=False)


at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows has no fork
at_fork(after_in_child=leave_connections_to_the_parent)
