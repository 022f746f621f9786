"""After a fork, each process has connections of its own: two can't speak by the same one."""

import os
from weakref import WeakSet

engines = WeakSet()  # all of this process


def leave_connections_to_the_parent():
    for engine in engines:
        engine.dispose(close=False)


at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows knows no fork
at_fork(after_in_child=leave_connections_to_the_parent)
