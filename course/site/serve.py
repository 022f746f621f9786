"""Serves the finished site on this machine, as any static host would."""

import contextlib
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from course.serving.ports import HOST, choose_port

PORT = 8000
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}


class Handler(SimpleHTTPRequestHandler):
    """Sends files with the types that browsers insist on, whatever this system calls them."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def log_message(self, format, *arguments):
        """Say nothing: who reads the site has no use for a log."""


def make_server(folder, port):
    return ThreadingHTTPServer((HOST, port), partial(Handler, directory=folder))


def serve(folder):
    """Serve a folder and open it in the browser, until Ctrl-C."""
    with make_server(folder, choose_port(PORT)) as server:
        url = f"http://{HOST}:{server.server_port}/"
        print(f"The site is at {url} (Ctrl-C stops it)", flush=True)
        webbrowser.open(url)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()
