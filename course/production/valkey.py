"""Runs Valkey, or Redis, which speaks the same language."""

from course.serving.child import WATCH, Child
from course.serving.ports import HOST, free_port
from course.serving.server import Server
from course.setup.programs import VALKEY


class CacheServer(Server):
    """The URL of a cache that several processes share, which is running."""

    @property
    def url(self):
        return str(self)


def cache_server():
    """Start Valkey or Redis, empty, on a free port; return its URL, to be used as CACHE_URL.

    The URL has `.log` and `.stop()`, and is a context manager. Nothing is kept on disk.
    """
    port = free_port()
    server = CacheServer(f"redis://{HOST}:{port}/0")
    return server.run_by(start_valkey(port, server.own_folder()))


def start_valkey(port, folder):
    in_memory = ["--save", "", "--appendonly", "no"]
    command = [VALKEY.insist(), "--port", port, "--bind", HOST, "--dir", folder, *in_memory]
    return Child([*WATCH, *command], port, log=folder / "log")
