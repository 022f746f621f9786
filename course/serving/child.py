"""A child process that serves on a port, and can't outlive this one."""

import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

from course.errors import CourseError
from course.serving.ports import answers, hands_on_to
from course.setup import surroundings
from course.spine import ROOT

PATIENCE = 60  # seconds, for a machine that is busy; who has ended is not waited for
TIME_TO_END = 10  # seconds; most take less than one
WATCH = [sys.executable, "-m", "course.serving.watch"]  # for programs that don't end with input


class ServerError(CourseError):
    """A server ended before it answered; its own words say why."""


class Child:
    """A server that ends when its standard input does: when that is closed, or we are gone.

    A variable that is None in `environment` is not set there, though it be exported here.
    """

    def __init__(self, command, port, cwd=ROOT, environment=None, log=None):
        self.port = port
        hands_on_to.setdefault(int(port))
        self.log = log
        with log.open("wb") if log else nullcontext() as output:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd,
                env=without_none(server_environment() | (environment or {})),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                **apart_from_ctrl_c(),
            )

    @property
    def words(self):
        """What it has printed so far, if that is kept."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log else ""

    @property
    def last_words(self):
        """What it had printed when it ended; and how it ended, where nothing printed says that."""
        words, code = self.words.strip(), self.process.returncode
        if code < 0:
            return f"{words}\nThe server was killed, by {signal.Signals(-code).name}.".strip()
        nothing_kept = "" if self.log is None else f"The server has ended, with exit code {code}."
        return words or nothing_kept

    @property
    def has_ended(self):
        return self.process.poll() is not None

    def wait_until_it_answers(self):
        deadline = time.monotonic() + PATIENCE
        while not answers(self.port):
            if self.has_ended:
                raise ServerError(self.last_words)
            if time.monotonic() > deadline:
                raise ServerError(f"The server has not answered for {PATIENCE} seconds.")
            time.sleep(0.02)

    def ask_to_end(self):
        self.process.stdin.close()

    def stop(self):
        self.ask_to_end()
        try:
            self.process.wait(timeout=TIME_TO_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def wait_for_the_first(children):
    """Wait until one of them ends, and return it."""
    while True:
        for child in children:
            if child.has_ended:
                return child
        time.sleep(0.1)


def without_none(variables):
    return {name: value for name, value in variables.items() if value is not None}


def server_environment():
    """Return the environment of our servers: nothing from outside changes what they do, and they
    can import `course`.
    """
    python = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    return surroundings.for_servers() | python


def apart_from_ctrl_c():
    """Return the options that keep the terminal's Ctrl-C, and Jupyter's Interrupt, from a child."""
    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
