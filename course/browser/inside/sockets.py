"""Stands in for sockets of TCP: a browser has none, and nothing but this Python is near.

Emscripten would try WebSockets: to other hosts in a browser; and in Node, with a package that is
not there, which ends Python. So nothing can listen, and a connection is always refused.
"""

import errno
import socket


def stand_in_for_sockets():
    socket.socket.listen = cannot_listen
    socket.socket.connect = cannot_connect


def cannot_listen(*_arguments):
    raise OSError(errno.EOPNOTSUPP, "a browser has no sockets that listen")


def cannot_connect(*_arguments):
    raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
