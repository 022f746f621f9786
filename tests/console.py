"""Types a lesson's commands into a terminal, and finds where something else happens."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import requests
from comparison import agree, runs_agree
from course_files import label

from course.serving import ports
from course.serving.ports import HOST, free_port, is_free
from course.spine import BETWEEN_APPS, find_chapter

PATIENCE = 300  # seconds, on a machine that has more to do
PORT = re.compile(rf"({re.escape(HOST)}:|--port )(8[0-3]\d\d)\b")
COURSE_RUN = re.compile(r"python3 -m course run (\d)$")
SERVER = re.compile(r"python3 -m course run\b|flask .*\brun\b")
TESTS = re.compile(r"-m (course test|unittest|pytest)\b")
COURSE_TEST = re.compile(r"python3 -m course test( [\w.-]+)*$")
WHOLE_SUITE = "python -m unittest"
ONLY_LOAD_IT = """python -W error -c 'import sys, unittest
loader = unittest.TestLoader()
count = loader.discover(".").countTestCases()
sys.exit("\\n".join(loader.errors) or (0 if count else "There is no test."))'"""
SETTINGS = ("API_KEY", "COVERAGE_", "DATABASE_URL", "FLASK_", "PYTEST_", "PYTHON", "WERKZEUG_")
AS_IN_ONE_SHELL = """
[ -e "$STATE" ] && . "$STATE" && cd "$PWD"
set -a
{command}
code=$?
export -p > "$STATE"
exit $code
"""


@dataclass
class Step:
    """A command, and what the lesson shows that it prints."""

    line: int
    command: str
    shown: str = ""

    @property
    def is_unfinished(self):
        try:
            shlex.split(self.command)
        except ValueError:  # a quotation is still open
            return True
        return self.command.endswith("\\")


class Difference(Exception):
    """What the lesson shows, and what happens."""

    def __init__(self, shown, got):
        shown, got = shown.strip(), got.strip()
        super().__init__(f"--- the lesson shows:\n{shown}\n--- what happens:\n{got}")


def replay(blocks, terminal):
    """Take all steps of these blocks; return, by section, a list of what went otherwise."""
    differences = defaultdict(list)
    for block in blocks:
        for step in steps(block):
            try:
                terminal.do(step)
            except Difference as difference:
                place = f"{label(block.file)}:{step.line}"
                differences[block.section].append(f"{place}\n$ {step.command}\n{difference}")
    return differences


def steps(block):
    """Part a console block into its steps."""
    found = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            found.append(Step(number, line.removeprefix("$ ")))
        elif not found:
            raise ValueError(f"{block} does not begin with a command, which begins with $")
        elif not found[-1].shown and found[-1].is_unfinished:
            found[-1].command += f"\n{line}"
        else:
            found[-1].shown += f"{line}\n"
    return found


class Ports(dict):
    """The port that is used instead of a lesson's; an app beside the API is as far off as there."""

    def __missing__(self, lessons):
        if beside := int(lessons[1]):
            self[lessons] = self[f"80{lessons[2:]}"] + beside * BETWEEN_APPS
        else:
            self[lessons] = next(port for port in iter(free_port, None) if has_room(port))
        return self[lessons]


def has_room(port):
    """Tell whether the ports for what may run beside the app at this port are free too."""
    beside = [port + i * BETWEEN_APPS for i in range(1, 4)]
    return beside[-1] < 65536 and all(map(is_free, beside))


class Terminal:
    """A shell in a folder, and the servers that are started in it."""

    def __init__(self, folder, programs, **variables):
        self.folder = folder
        self.own = tempfile.TemporaryDirectory(prefix="terminal-")
        Path(self.own.name, ".curlrc").write_text("silent\nshow-error\n")  # as it is on a screen
        kept = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        self.environment = kept | {
            "PATH": os.pathsep.join([*map(str, programs), os.defpath]),
            "PYTHONUNBUFFERED": "1",
            "CURL_HOME": self.own.name,
            "STATE": str(Path(self.own.name, "state")),
            **variables,
        }
        self.ports = Ports()
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            end(server)
        self.own.cleanup()

    def do(self, step):
        """Take one step of a lesson; raise Difference if it goes otherwise than shown."""
        command = self.adapted(step.command)
        if SERVER.match(command):
            self.start(command, step.shown)
            return
        code, output = self.type(command)
        same = runs_agree if TESTS.search(command) else agree
        if not step.shown and code != 0:
            raise Difference("(nothing, so it must succeed)", f"{output}\nexit code {code}")
        if step.shown and not same(step.shown, output):
            raise Difference(step.shown, output)

    def adapted(self, command):
        """Take free ports; and of suites, which are run elsewhere, see only that they load."""
        command = PORT.sub(lambda found: f"{found[1]}{self.ports[found[2]]}", command)
        if chapter := COURSE_RUN.match(command):
            return f"{command} --port {self.ports[f'800{chapter[1]}']}"
        if COURSE_TEST.match(command):
            return f"{command} -- --collect-only -q"
        return ONLY_LOAD_IT if command == WHOLE_SUITE else command

    def as_in_the_lesson(self, output):
        for lessons, used in self.ports.items():
            output = output.replace(f":{used}", f":{lessons}")
        return output

    def type(self, command):
        """Run a command to its end; return its exit code and what it printed."""
        shell = self.shell(AS_IN_ONE_SHELL.format(command=command), subprocess.PIPE)
        try:
            output, _ = shell.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            end(shell)
            return None, f"(It had not ended after {PATIENCE} seconds.)"
        return shell.returncode, self.as_in_the_lesson(output.decode(errors="replace"))

    def start(self, command, shown):
        """Start a server, which goes on running; wait until it answers and has said its lines."""
        log = Path(self.own.name, f"server-{len(self.servers)}.log")
        with log.open("wb") as output:
            server = self.shell(AS_IN_ONE_SHELL.format(command=f"exec {command}"), output)
        self.servers.append(server)
        port = re.search(r"--port (\d+)", command)[1]
        if not wait_until(lambda: serves(command, port), server):
            raise Difference("(a server that answers)", log.read_text())
        for line in shown.strip("\n").splitlines():
            if not wait_until(lambda line=line: self.has_said(line, log), server):
                raise Difference(line, self.as_in_the_lesson(log.read_text()))

    def has_said(self, line, log):
        said = self.as_in_the_lesson(log.read_text()).splitlines()
        return any(agree(line, other) for other in said)

    def shell(self, script, output):
        return subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def serves(command, port):
    """Tell whether the server that a command has started answers; over TLS, that it hears us."""
    chapter = re.search(r"course run (\d)", command)
    if "--cert" in command or (chapter and find_chapter(chapter[1]).has_tls):
        return ports.answers(int(port))
    return answers(f"http://{HOST}:{port}/")


def answers(url):
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def wait_until(condition, server):
    """Return whether it comes true in time, while the server runs."""
    deadline = time.monotonic() + PATIENCE
    while not (true := condition()) and server.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return true


def end(process):
    """End a process that still runs, and those that it started in its session."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=5)
