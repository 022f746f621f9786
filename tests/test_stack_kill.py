"""Chapter 5 as in production, while its processes are killed one by one: no film that was answered
with 201 is lost.
"""

import os
import re
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest
import requests
from course_copy import wait_until

from course.production import stack
from course.production.postgres import start_postgresql
from course.serving import ports
from course.spine import find_chapter

pytestmark = pytest.mark.needs_servers

BEFORE, AFTER = 40, 20  # films that are acknowledged before the kill; and after it, if all goes on
CLIENTS = 4
GOES_ON = {  # the parents of these start others in their place, or nobody needs them
    "a worker of the API": ("cinema", 1),
    "a worker of the authentication service": ("auth_service", 1),
    "a worker of the authorization server": ("authorization_server", 1),
    "a worker of nginx": ("nginx-before-cinema", 1),
    "a process of PostgreSQL that serves the API": ("database_url", 1),
    "a process of PostgreSQL that serves the passwords": ("auth_service_database_url", 1),
    "Valkey": ("cache", 0),
}
ENDS = {  # with these, `stack` ends all: what was acknowledged must be in the files
    "the API": ("cinema", 0),
    "the authentication service": ("auth_service", 0),
    "nginx": ("nginx-before-cinema", 0),
    "PostgreSQL": ("database_url", 0),
    "PostgreSQL of the passwords": ("auth_service_database_url", 0),
}


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory):
    with started(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def own_stack(tmp_path):
    with started(tmp_path) as running:
        yield running


class started(stack.Stack):  # noqa: N801 (it is a way to make one)
    """A stack of chapter 5, which is running."""

    def __init__(self, folder):
        super().__init__(find_chapter("5"), ports.free_port(), folder)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def child(self, name):
        return next(child for child in self.children if child.log.parent.name == name)


class Load:
    """Clients that create films, each of another title, and remember which were acknowledged."""

    def __init__(self, running):
        self.url = f"{running.settings.url('cinema')}/v1/movies"
        self.authority = str(running.chapter.authority)
        self.auth = ("alice", running.settings.secrets["CINEMA_PASSWORD"])
        self.acknowledged = []
        self.ended = threading.Event()
        self.run = time.monotonic_ns()
        self.threads = [threading.Thread(target=self.create, args=[n]) for n in range(CLIENTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()

    def create(self, client):
        number = 0
        while not self.ended.is_set():
            number += 1
            title = f"film {number} of client {client} in run {self.run}"
            if self.is_acknowledged(title):
                self.acknowledged.append(title)
            else:
                self.ended.wait(0.05)

    def is_acknowledged(self, title):
        film = {"title": title, "director": "Nobody", "year": 2000, "runtime": 1}
        try:
            answer = requests.post(
                self.url, json=film, auth=self.auth, verify=self.authority, timeout=5
            )
        except requests.RequestException:
            return False
        return answer.status_code == 201

    def wait_for(self, number, seconds=30):
        assert wait_until(lambda: len(self.acknowledged) >= number, seconds), (
            f"{number} films should have been created, not {len(self.acknowledged)}"
        )


def descendants(process):
    """Return the processes that a process has started, and those that they have."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = entry.read_text().rpartition(") ")[2].split()[:2]
        except OSError:  # it has ended
            continue
        if int(parent) == process and state != "Z":
            yield int(entry.parent.name)
            yield from descendants(int(entry.parent.name))


def victim(running, name, depth):
    """Return the id of the program that a child is, or of one that works for it."""
    program, *workers = descendants(running.child(name).process.pid)
    if not depth:
        return program
    serving = [each for each in workers if b"127.0.0.1(" in command_line(each)]  # PostgreSQL's
    return (serving or workers)[-1]


def command_line(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def films_in(url):
    with psycopg.connect(url, connect_timeout=5) as connection:
        rows = connection.execute("SELECT title FROM movie WHERE director = 'Nobody'").fetchall()
    return {title for (title,) in rows}


def report(name, load, lost, capsys):
    with capsys.disabled():
        print(f"\n{name}: {len(load.acknowledged)} acknowledged, {len(lost)} lost", flush=True)


@pytest.mark.parametrize("name", GOES_ON)
def test_all_goes_on(shared_stack, name, capsys):
    with Load(shared_stack) as load:
        load.wait_for(BEFORE)
        os.kill(victim(shared_stack, *GOES_ON[name]), signal.SIGKILL)
        load.wait_for(len(load.acknowledged) + AFTER)

    lost = set(load.acknowledged) - films_in(shared_stack.settings.databases["DATABASE_URL"])
    report(name, load, lost, capsys)
    assert not lost
    ended = [child.words[-2000:] for child in shared_stack.needed if child.has_ended]
    assert not ended, ended[0]


@pytest.mark.parametrize("name", ENDS)
def test_what_was_acknowledged_is_in_the_files(own_stack, name, capsys):
    with Load(own_stack) as load:
        load.wait_for(BEFORE)
        os.kill(victim(own_stack, *ENDS[name]), signal.SIGKILL)
        assert wait_until(lambda: own_stack.child(ENDS[name][0]).has_ended, seconds=10)
        time.sleep(0.5)  # the clients go on asking, and what they hear counts

    start_again_if_ended(own_stack)
    lost = set(load.acknowledged) - films_in(own_stack.settings.databases["DATABASE_URL"])
    report(name, load, lost, capsys)
    assert not lost


def start_again_if_ended(running):
    """Start PostgreSQL from its files, which it repairs by its log of changes."""
    ended = running.child("database_url")
    if ended.has_ended:
        data = Path(ended.process.args[ended.process.args.index("-D") + 1])
        port = re.search(r":(\d+)/", running.settings.databases["DATABASE_URL"])[1]
        assert wait_until(lambda: not processes_of(data), seconds=10)
        again = start_postgresql(int(port), data.parent, log=running.own_folder("again") / "log")
        running.children.append(again)
        again.wait_until_it_answers()


def processes_of(data):
    """Return the processes of PostgreSQL that still work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve(strict=True) == data:
                found.append(process.name)
        except OSError:
            continue
    return found
