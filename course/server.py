"""Runs a chapter's server in a child process that can't outlive this one."""

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path

from course.environment import python_environment
from course.errors import CourseError
from course.spine import ROOT, find_chapter

HOST = "127.0.0.1"
PATIENCE = 30  # seconds


class ServerError(CourseError):
    """The chapter's server ended before it answered; its own words say why."""

    def _render_traceback_(self):
        return str(self).splitlines()  # Jupyter: the chapter's traceback, without this module's


class ServerProcess:
    """`flask run` in a chapter's folder, which ends when its standard input does."""

    def __init__(self, python, chapter, port, environment, again, output=None):
        self.port = port
        self.process = subprocess.Popen(
            [python, "-m", "course.serve", str(port), again],
            cwd=chapter.folder,
            env=server_environment() | environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            **apart_from_ctrl_c(),
        )

    def wait_until_it_answers(self):
        """Return whether it does, as against having ended."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            if answers(self.port):
                return True
            if time.monotonic() > deadline:
                raise ServerError(f"The server has not answered for {PATIENCE} seconds.")
            time.sleep(0.02)
        return False

    def wait(self):
        """Wait until it ends, and return its exit code."""
        while True:
            try:
                return self.process.wait(timeout=0.2)  # Windows sees Ctrl-C only between waits
            except subprocess.TimeoutExpired:
                continue

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Server(str):
    """The URL of a chapter's server, which is running; and what else a notebook needs of it."""

    def __new__(cls, chapter, environment):
        port = free_port()
        server = super().__new__(cls, f"http://{HOST}:{port}")
        server.folder = Path(tempfile.mkdtemp(prefix="course-"))
        weakref.finalize(server, shutil.rmtree, server.folder, ignore_errors=True)
        server.database = server.folder / "cinema.db"
        server.key = secrets.token_urlsafe()
        with (server.folder / "log").open("wb") as output:
            server.running = ServerProcess(
                sys.executable,
                chapter,
                port,
                {
                    "DATABASE_URL": f"sqlite:///{server.database.as_posix()}",
                    "API_KEY": server.key,
                    **environment,
                },
                again="run this cell again.",
                output=output,
            )
        atexit.register(server.stop)
        return server

    @property
    def log(self):
        """What the server has printed so far."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        self.running.stop()
        atexit.unregister(self.stop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


running = {}  # chapter number -> the Server that `start` started last


def start(chapter, **environment):
    """Start a chapter's server on a free port with a fresh, seeded database; return its URL.

    The URL has `.key` (the API key), `.log`, `.database` (the SQLite file) and `.stop()`, and is
    a context manager. Keyword arguments become environment variables of the server. A chapter
    that is started again takes the place of its earlier server.
    """
    chapter = find_chapter(chapter)
    if chapter.number in running:
        running.pop(chapter.number).stop()
    server = Server(chapter, {name: str(value) for name, value in environment.items()})
    try:
        if not server.running.wait_until_it_answers():
            raise ServerError(server.log.strip())
    except BaseException:  # Interrupt in the notebook too
        server.stop()
        raise
    running[chapter.number] = server
    return server


def answers(port):
    """Tell whether a server handles requests here; it hangs up on an empty one, and logs none."""
    try:
        with socket.create_connection((HOST, port), timeout=0.2) as client:
            client.shutdown(socket.SHUT_WR)
            return client.recv(1) == b""
    except OSError:
        return False


def free_port():
    with socket.socket() as server:
        server.bind((HOST, 0))
        return server.getsockname()[1]


def is_free(port):
    with socket.socket() as server:
        if os.name != "nt":  # a port that was left a moment ago counts as free; Windows does so
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((HOST, port))
        except OSError:
            return False
        return True


def server_environment():
    """Return the environment without another server's variables, and with `course` importable."""
    inherited = python_environment(PYTHONPATH=str(ROOT), PYTHONUNBUFFERED="1", PYTHONUTF8="1")
    return {
        name: value
        for name, value in inherited.items()
        if not name.startswith(("FLASK_", "WERKZEUG_"))
    }


def apart_from_ctrl_c():
    """Return the options that keep the terminal's Ctrl-C, and Jupyter's Interrupt, from a child."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
