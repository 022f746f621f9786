"""Ports of this machine: which are free, and where somebody answers."""

import os
import socket
import sys
from collections import deque
from contextlib import ExitStack

from course.errors import CourseError
from course.spine import BETWEEN_APPS

HOST = "127.0.0.1"
TLS_ALERT = b"\x15"  # the first byte of what TLS says to that (RFC 8446, section 5.1)

# A server needs a while until it listens. Until then we keep its port, or another program may be
# given it: on Linux, where two sockets may share one if both say SO_REUSEADDR and one listens.
reserved = deque()  # of file descriptors
MOST_RESERVED = 100

hands_on_to = {}  # port where this process has started a server -> the one that it leads to, if any


def free_port():
    return free_ports(1)[0]


def free_ports(count):
    """Return different ones."""
    with ExitStack() as held:
        sockets = [held.enter_context(bound(0)) for _ in range(count)]
        ports = [server.getsockname()[1] for server in sockets]
        for server in sockets:
            reserve(server)
        return ports


def bound(port):
    """Return a socket that has the port and does not listen; OSError, if somebody else has it."""
    server = socket.socket()
    if os.name != "nt":  # a port that was left a moment ago counts as free; Windows does so
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((HOST, port))
    except OSError:
        server.close()
        raise
    return server


def reserve(server):
    with server:
        if sys.platform == "linux":
            reserved.append(server.detach())
    if len(reserved) > MOST_RESERVED:
        os.close(reserved.popleft())


def is_free(port):
    try:
        bound(port).close()
    except OSError:
        return False
    return True


def choose_ports(chapter, wanted):
    """Return the port of each of the chapter's listeners."""
    ports = {}
    for name in chapter.listeners:
        ports[name] = choose_port(wanted)
        wanted = ports[name] + BETWEEN_APPS
    return ports


def choose_port(wanted):
    """Return the port, or the next free one ten further on, which no other chapter prefers."""
    for port in range(wanted, min(wanted + 1000, 65536), 10):
        try:
            reserve(bound(port))
        except OSError:  # somebody else has it
            continue
        if port != wanted:
            print(f"Port {wanted} is taken; moving on to {port}.", flush=True)
        return port
    raise CourseError(f"No port is free from {wanted} on. Name another: --port 8080")


def answers(port):
    """Tell whether a server handles requests here; it hangs up on an empty one, and logs none."""
    try:
        with socket.create_connection((HOST, port), timeout=0.2) as client:
            client.shutdown(socket.SHUT_WR)
            return client.recv(1) in (b"", TLS_ALERT)
    except OSError:
        return False
