"""Sends requests over kept connections, as fast as the answers come, and counts them."""

import re
import selectors
import socket
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass

from course.errors import CourseError
from course.serving.ports import HOST

PATIENCE = 30  # seconds
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ENDS = re.compile(rb"\r\nconnection: *close\r\n", re.IGNORECASE)
WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Load:
    """How many requests were answered, and in which time."""

    requests: int
    seconds: float


class Connection:
    """A kept connection, with one request at a time on its way."""

    def __init__(self, port, selector):
        self.port = port
        self.selector = selector
        self.open()

    def open(self):
        self.socket = socket.create_connection((HOST, self.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.received = b""

    def send(self, request):
        if ENDS.search(self.received):  # nginx has enough of a connection after 1,000 requests
            self.close()
            self.open()
        self.received = b""
        self.socket.sendall(request)

    def has_answer(self, wanted):
        """Take what has arrived, and tell whether the answer is whole; it must have this status."""
        arrived = self.socket.recv(65536)
        if not arrived:
            raise CourseError("The server hung up in the middle of an answer.")
        self.received += arrived
        status = status_of_whole(self.received)
        if status not in (None, wanted):
            answer = self.received.decode(errors="replace")
            raise CourseError(f"The server should have answered {wanted}. It answered:\n{answer}")
        return status is not None

    def close(self):
        self.selector.unregister(self.socket)
        self.socket.close()


def status_of_whole(received):
    """Return the status of an answer that has arrived whole, or None."""
    end_of_head = received.find(b"\r\n\r\n") + 4
    if end_of_head < 4:
        return None
    status = int(received[9:12])
    if status in WITHOUT_BODY:
        return status
    length = CONTENT_LENGTH.search(received, 0, end_of_head)
    if not length:
        raise CourseError("The server sent an answer without Content-Length.")
    return status if len(received) >= end_of_head + int(length[1]) else None


def drive(port, requests, wanted, seconds, connections):
    """Send requests from an iterator for some seconds; each must be answered as wanted."""
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        began = time.perf_counter()
        for _ in range(connections):
            connection = stack.enter_context(closing(Connection(port, selector)))
            connection.send(next(requests))
        answered, open_requests = 0, connections
        while open_requests:
            for connection in with_news(selector):
                if not connection.has_answer(wanted):
                    continue
                answered += 1
                if time.perf_counter() < began + seconds:
                    connection.send(next(requests))
                else:
                    open_requests -= 1
        return Load(answered, time.perf_counter() - began)


def with_news(selector):
    ready = selector.select(PATIENCE)
    if not ready:
        raise CourseError(f"The server has not answered for {PATIENCE} seconds.")
    return [key.data for key, _ in ready]
