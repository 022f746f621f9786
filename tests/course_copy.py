"""A copy of the course that a test may break, and its commands as they run in a terminal."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent
LEFT_BY_RUNNING = shutil.ignore_patterns("__pycache__", "instance", ".*")
LESSON_OF_TWO_APPS = """# 9 · Box office

```console
$ curl http://127.0.0.1:8009/
$ curl http://127.0.0.1:8109/ http://127.0.0.1:8009/
```
"""
CINEMA = """
import os
from pathlib import Path

from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def show():
        names = ["BOX_OFFICE_URL", "CINEMA_PASSWORD", "ROBOT_SECRET", "SECRET_KEY"]
        return {name: os.environ.get(name) for name in names}

    @app.cli.command("seed")
    def seed():
        Path(app.instance_path).mkdir(exist_ok=True)
        Path(app.instance_path, "password").write_text("open sesame")

    return app
"""
BOX_OFFICE = """
import os
from pathlib import Path

from flask import Flask


def create_app():
    app = Flask(__name__)

    @app.get("/")
    def show():
        return {"password": password(), "url": os.environ["BOX_OFFICE_URL"]}

    def password():
        return Path(app.instance_path, "password").read_text()

    app.cli.command("seed")(password)  # fails unless the API's own seed came first
    return app
"""
PROMISE_EVERYTHING = (
    "from course.setup import environment as e;"
    "e.READY.write_text('\\n'.join(e.promise(group) for group in e.GROUPS))"
)


class CourseCopy:
    """The files of the course in another folder, whose name has a space in it."""

    def __init__(self, parent):
        self.folder = parent / "my course"
        self.folder.mkdir()
        shutil.copy(ROOT / "pyproject.toml", self.folder)
        for folder in [ROOT / "course", ROOT / "requirements", *ROOT.glob("[0-9][0-9]_*")]:
            shutil.copytree(folder, self.folder / folder.name, ignore=LEFT_BY_RUNNING)

    def borrow_packages(self):
        """Give it a .venv that finds what is installed here, so that nothing is downloaded."""
        venv = self.folder / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
        (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
        subprocess.run([sys.executable, "-c", PROMISE_EVERYTHING], cwd=self.folder, check=True)

    def add_chapter(self, lesson, **apps):
        """Add chapter 9, of a lesson and the sources of its apps; return its folder."""
        chapter = self.folder / "09_box_office"
        for name, source in apps.items():
            package = chapter / name / "__init__.py"
            package.parent.mkdir(parents=True)
            package.write_text(source)
        (chapter / "README.md").write_text(lesson)
        return chapter

    def add_chapter_of_two_apps(self):
        """Add a chapter in which a box office belongs beside the cinema; return its folder."""
        return self.add_chapter(LESSON_OF_TWO_APPS, cinema=CINEMA, box_office=BOX_OFFICE)

    def add_gateway(self, chapter):
        """Give a chapter the gateway of chapter 4."""
        for name in ("nginx.conf", "age.js"):
            shutil.copy(ROOT / "04_extending" / name, chapter)

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

    command = "run"

    def __init__(self, copy, *arguments, **environment):
        self.log = copy.folder / "run.log"
        with self.log.open("w") as output:
            self.process = copy.start(self.command, *arguments, output=output, **environment)
        wait_until(
            lambda: self.has_introduced_itself or self.process.poll() is not None, seconds=180
        )
        if not self.has_introduced_itself:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"`{self.command}` should have said where it runs. It said: {self.output}"
            )
        self.url, *self.urls_beside = re.findall(
            r"(?:running at|beside it) +(https?://\S+)", self.output
        )

    @property
    def output(self):
        return self.log.read_text()

    @property
    def has_introduced_itself(self):
        return "Try in a second terminal" in self.output

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def send(self, signal_number):
        """Send the command a signal, and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=5)


class RunningStack(RunningCourse):
    """`python3 -m course stack ...`, which answers at `url`, over TLS."""

    command = "stack"


@contextmanager
def holding(program, *arguments, **environment):
    """Run a program that holds servers, as a notebook does; yield it, and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


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
