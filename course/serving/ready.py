"""Processes that begin at once, because they find the libraries loaded that they need.

To load those takes a second or two; to load an app, which changes, a fraction of that. Waiting is
for few processes that begin at the same time, on any system. Forks, on Linux, is for many that run
one after the other: they need a fraction of the work. Elsewhere, a fork may find libraries of the
system unusable.

Both run a command that loads the libraries, and then calls `wanted`.
"""

import gc
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

PATIENCE = 60  # seconds until the libraries are loaded; who has ended is not waited for
TOLD = re.compile(rb"(begun|ended) (\d+) (-?\d+)\n\Z")  # of a fork: its id and its exit code
LOST = -signal.SIGTERM  # the exit code of a fork that nobody can tell us any more


class Waiting:
    """Processes that each load the libraries, and wait until they are wanted."""

    def __init__(self, command, ahead=1, *, again=False, **options):
        """`ahead` is how many will be wanted; `again`, whether another one begins to get ready
        whenever one is wanted. `options` are those of subprocess.Popen.
        """
        self.begin, self.again = partial(begin, command, **options), again
        self.waiting = [self.begin() for _ in range(ahead)]

    def start(self, folder, log, arguments, environment=None):
        """Return a process that runs in a folder, and prints into a file.

        It is a subprocess.Popen. If it has ended already, it could not be started. None: no more
        are waiting.
        """
        if not self.waiting:
            return None
        process = self.waiting.pop(0)
        if self.again:
            self.waiting.append(self.begin())
        tell(process, folder, log, arguments, environment, fork=False)
        return process

    def end(self):
        for process in self.waiting:
            end(process)


class Forks:
    """Processes that are forks of one, which has loaded the libraries."""

    def __init__(self, command, _ahead=1, **options):
        self.begin = lambda: Source(begin(command, stdout=subprocess.PIPE, **options))
        self.source = self.begin()

    def start(self, folder, log, arguments, environment=None):
        """Return a process that runs in a folder, and prints into a file.

        It is a Fork. If it has ended already, it could not be started.
        """
        if self.source.process.poll() is not None:
            self.source.end()
            self.source = self.begin()
        tell(self.source.process, folder, log, arguments, environment, fork=True)
        return self.source.new_fork()

    def end(self):
        self.source.end()


class Source:
    """The process that forks, and tells of each fork that it has begun or ended."""

    def __init__(self, process):
        self.process, self.codes = process, {}  # the id of a fork -> its exit code

    def new_fork(self):
        while line := self.heard(PATIENCE):
            if (number := self.note(line)) is not None:
                return Fork(self, number)
        self.end()
        return self.process

    def code_of(self, number):
        """Return the exit code of a fork, or None while it runs."""
        while (line := self.heard()) is not None:
            if line:
                self.note(line)
            else:
                self.end()
                return self.codes.get(number, LOST)
        return self.codes.get(number)

    def heard(self, patience=0):
        """Return the next line; an empty one if it has ended; None if there is none so far."""
        if self.process.stdout.closed:
            return b""
        there_is = select.select([self.process.stdout], [], [], patience)[0]
        return self.process.stdout.readline() if there_is else None

    def note(self, line):
        """Note who has ended; return the id of who has begun."""
        if not (told := TOLD.search(line)):  # a library has printed it
            return None
        number = int(told[2])
        if told[1] == b"begun":
            self.codes.pop(number, None)  # of one that had this id before
            return number
        self.codes[number] = int(told[3])
        return None

    def end(self):
        """End it; its forks notice that, and end as well."""
        end(self.process)
        self.process.stdout.close()


class Fork:
    """A process that a Source has forked: what we need of subprocess.Popen."""

    stdin = None

    def __init__(self, source, pid):
        self.source, self.pid, self.returncode = source, pid, None

    def poll(self):
        if self.returncode is None:
            self.returncode = self.source.code_of(self.pid)
        return self.returncode

    def wait(self, timeout=None):
        began = time.monotonic()
        while self.poll() is None:
            if timeout is not None and time.monotonic() - began > timeout:
                raise subprocess.TimeoutExpired(f"fork {self.pid}", timeout)
            time.sleep(0.005)
        return self.returncode


def begin(command, stdout=subprocess.DEVNULL, **options):
    return subprocess.Popen(
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        **options,
    )


def tell(process, folder, log, arguments, environment, fork):
    log.touch()
    told = {"folder": str(folder), "log": str(log), "arguments": arguments, "fork": fork}
    with suppress(OSError):  # it has ended
        line = json.dumps(told | {"environment": environment or {}})
        process.stdin.write(f"{line}\n".encode())


def end(process):
    process.kill()
    process.wait()
    process.stdin.close()


# In the process that has loaded the libraries


def wanted():
    """Wait until a process is wanted; return its arguments, in that process.

    Its standard input ends when we are gone, or its parent: it should end then, too.
    """
    told = next(what_is_told(), None)
    if told is None:
        os._exit(0)
    os.environ.update(told["environment"])
    os.chdir(told["folder"])
    sys.path[0] = told["folder"]
    with Path(told["log"]).open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    return told["arguments"]


def what_is_told():
    """Yield what is told, a line of standard input: of a fork, in the fork."""
    family = None
    for line in iter(sys.stdin.readline, ""):
        told = json.loads(line)
        if told["fork"]:
            family = family or Family()
            if family.fork():
                continue
        yield told


class Family:
    """What the process that forks has to do with its forks."""

    def __init__(self):
        gc.freeze()
        self.told = os.dup(1)
        self.read, self.held = os.pipe()  # only we hold it: forks read its end when we are gone
        signal.signal(signal.SIGCHLD, lambda *_: self.tell_who_has_ended())

    def fork(self):
        """Fork; return the id of the fork, and 0 in the fork, which has a group of its own."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})  # first tell who has begun
        if number := os.fork():
            with suppress(OSError):
                os.setpgid(number, number)
            os.write(self.told, f"begun {number} 0\n".encode())
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setpgid(0, 0)
            os.dup2(self.read, 0)
            for each in (self.read, self.held, self.told):
                os.close(each)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        return number

    def tell_who_has_ended(self):
        with suppress(ChildProcessError):  # there are no more
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                number, status = ended
                code = os.waitstatus_to_exitcode(status)
                os.write(self.told, f"ended {number} {code}\n".encode())
