"""A copy of the course that a test may break, and its commands as they run in a terminal."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
LEFT_BY_RUNNING = shutil.ignore_patterns("__pycache__", "instance", ".*")
PROMISE_EVERYTHING = (
    "from course import environment as e;"
    "e.READY.write_text('\\n'.join(e.promise(group) for group in e.REQUIREMENTS))"
)


class CourseCopy:
    """The files of the course in another folder, whose name has a space in it."""

    def __init__(self, parent):
        self.folder = parent / "my course"
        self.folder.mkdir()
        for file in [*ROOT.glob("requirements*.txt"), ROOT / "pyproject.toml"]:
            shutil.copy(file, self.folder)
        for folder in [ROOT / "course", *ROOT.glob("[0-9][0-9]_*")]:
            shutil.copytree(folder, self.folder / folder.name, ignore=LEFT_BY_RUNNING)

    def borrow_packages(self):
        """Give it a .venv that finds what is installed here, so that nothing is downloaded."""
        venv = self.folder / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
        subprocess.run([sys.executable, "-c", PROMISE_EVERYTHING], cwd=self.folder, check=True)

    def start(self, *arguments, output=subprocess.PIPE, **environment):
        return subprocess.Popen(
            [sys.executable, "-m", "course", *arguments],
            cwd=self.folder,
            env=os.environ | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def call(self, *arguments, **environment):
        """Run a command to its end; return its exit code and all that it printed."""
        with self.start(*arguments, **environment) as process:
            output, _ = process.communicate(timeout=120)
        return process.returncode, output


class RunningCourse:
    """`python3 -m course run ...`, which answers at `url`."""

    def __init__(self, copy, *arguments, **environment):
        self.log = copy.folder / "run.log"
        with self.log.open("w") as output:
            self.process = copy.start("run", *arguments, output=output, **environment)
        introduced = wait_until(lambda: "Try in a second terminal" in self.output)
        if not introduced:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"`run` should have said where it runs. It said: {self.output}")
        self.url = re.search(r"running at +(http://\S+)", self.output)[1]

    @property
    def output(self):
        return self.log.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def send(self, signal_number):
        """Send the command a signal, and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=5)


def wait_until(is_so, seconds=60):
    """Return whether something is so, now or soon."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def is_gone(url, seconds=5):
    """Tell whether nothing answers at a URL any more, or in a moment from now."""

    def refuses():
        try:
            requests.get(url, timeout=1)
        except requests.RequestException as error:  # an answer may also be cut short
            return isinstance(error, requests.ConnectionError)
        return False

    return wait_until(refuses, seconds)
