"""Requests as bytes, ready to be sent again and again; and single ones, asked and read."""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection

from course.serving.ports import HOST

PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Request:
    """A request to whichever server; `body` is what is to become JSON."""

    method: str
    path: str
    headers: dict
    body: dict | None = None

    @cached_property
    def content(self):
        return b"" if self.body is None else json.dumps(self.body).encode()

    @cached_property
    def all_headers(self):
        if self.body is None:
            return self.headers
        length = str(len(self.content))
        return self.headers | {"Content-Type": "application/json", "Content-Length": length}

    @property
    def wire(self):
        lines = [f"{name}: {value}\r\n" for name, value in self.all_headers.items()]
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: {HOST}\r\n{''.join(lines)}\r\n"
        return head.encode() + self.content

    def __str__(self):
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: object  # an email.message.Message: names in any case, several of one name
    content: bytes


def get(path, **headers):
    return Request("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})


def ask(server, request):
    """Send one request, and return the Answer."""
    connection = HTTPConnection(HOST, server.port, timeout=PATIENCE)
    try:
        headers = request.all_headers
        connection.request(request.method, request.path, request.content or None, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def basic(name, password):
    """Return the header with which somebody proves who they are (RFC 7617)."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}
