"""Does what a WSGI server does with a request and a response, without a socket between them."""

import io
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPMessage
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.http import http_date
from werkzeug.test import run_wsgi_app

NO_BODY = (204, 304)


@dataclass
class Request:
    """A request as a client sends it: the target is what stands in the first line."""

    method: str
    origin: str  # of the server: http://127.0.0.1:8001
    target: str
    headers: list[tuple[str, str | bytes]]
    body: bytes | Iterable[bytes] = b""

    @property
    def line(self):
        return f"{self.method} {self.target} HTTP/1.1"


@dataclass
class Response:
    status: int
    reason: str
    headers: HTTPMessage
    content: bytes


def respond(app, request, words):
    """Call a WSGI app; return its Response. `words` is the file that it prints to."""
    chunks, status, sent = run_wsgi_app(app, environ(request, words), buffered=True)
    content = b"".join(chunks)
    code, _, reason = status.partition(" ")
    if request.method == "HEAD" or int(code) in NO_BODY:
        content = b""
    words.write(f'127.0.0.1 - - [{time.strftime("%d/%b/%Y %H:%M:%S")}] "{request.line}" {code} -\n')
    return Response(int(code), reason, message(sent), content)


def message(sent):
    """Return header fields as an HTTP client has them."""
    fields = HTTPMessage()
    for name, value in sent.items():
        fields.add_header(name, value)
    if "Date" not in fields:
        fields.add_header("Date", http_date())
    return fields


def environ(request, words):
    """Return what WSGI tells an app about a request (PEP 3333)."""
    path, _, query = request.target.partition("?")
    place = urlsplit(request.origin)
    in_chunks = not isinstance(request.body, bytes)
    body = b"".join(request.body) if in_chunks else request.body
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": place.hostname,
        "SERVER_PORT": str(place.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": place.netloc,
        **of_headers(request.headers),
        **of_body(body, in_chunks, request.headers),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": place.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": words,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def of_headers(headers):
    variables = {}
    for name, value in headers:
        variable = name.upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = f"HTTP_{variable}"
        variables[variable] = value.decode("latin-1") if isinstance(value, bytes) else value
    return variables


def of_body(body, in_chunks, headers):
    """Return what frames a body: its length, or chunks (RFC 9112, section 6)."""
    if in_chunks:
        return {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    named = any(name.lower() == "content-length" for name, _ in headers)
    return {} if named or not body else {"CONTENT_LENGTH": str(len(body))}
