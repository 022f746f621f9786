"""Processes that run suites, one after the other: while one runs, the next gets ready."""

import json
import subprocess
from contextlib import suppress

from course.serving.child import apart_from_ctrl_c
from course.setup.surroundings import for_lessons
from course.spine import ROOT

SURROUNDINGS = {
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # to load them takes longer than most suites
}


class Runners:
    """Processes for one chapter: to load the libraries that it imports takes a second or two."""

    def __init__(self, python, chapter):
        self.command = [str(python), "-m", "course.mutants.waiting", str(chapter)]
        self.next = self.begin()

    def begin(self):
        return subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=for_lessons() | SURROUNDINGS,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **apart_from_ctrl_c(),
        )

    def run(self, folder, arguments, log):
        """Run pytest in a folder; return the process."""
        process, self.next = self.next, self.begin()
        log.write_bytes(b"")
        wanted = {"folder": str(folder), "arguments": arguments, "log": str(log)}
        with suppress(OSError):  # it has ended: that is an outcome, too
            process.stdin.write(f"{json.dumps(wanted)}\n".encode())
        return process

    def end(self):
        self.next.kill()
        self.next.wait()
        self.next.stdin.close()
