"""Whom a suite asks in the mutation lab: the copy that is broken, and no server without a fault."""

import subprocess
import sys
import time

import pytest

from course.errors import CourseError
from course.mutants.run import Run
from course.mutants.runners import runners
from course.serving import server
from course.serving.ports import free_port
from course.spine import Chapter, find_chapter

SERVE = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
"""
ASK = """
import socket

def test_asks():
    socket.create_connection(("127.0.0.1", {port})).close()
"""
ASK_BY_CURL = """
import subprocess, sys

def test_asks():
    subprocess.run([sys.executable, "-c", "pass", "http://127.0.0.1:{port}/v1/movies"], check=True)
"""
ASK_A_DEAD_ONE = """
import socket

def test_asks():
    try:
        socket.create_connection(("127.0.0.1", {port}))
    except ConnectionRefusedError:
        return
    raise AssertionError("nobody should be there")
"""
ASK_ITSELF = """
import socket

def test_asks():
    with socket.create_server(("127.0.0.1", 0)) as stub:
        socket.create_connection(stub.getsockname()).close()
"""
ASK_ITS_OWN = """
import socket, subprocess, sys, time

SERVE = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); input()"

def test_asks():
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, "{port}"], cwd={folder!r}, stdin=subprocess.PIPE
    ) as program:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", {port})).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        else:
            raise AssertionError("it should listen")
"""
START = """
from course.serving import server
from course.spine import find_chapter

def test_starts():
    assert server.broken_copy_of(find_chapter("6")).folder.samefile({folder!r})
"""


@pytest.fixture
def copy(tmp_path):
    """Return the folder of a copy of the chapter, in which a suite is run."""
    copy = tmp_path / "my lab" / "06_testing"
    copy.mkdir(parents=True)
    copy.with_name("pytest.ini").write_text("[pytest]\n")
    return copy


@pytest.fixture
def elsewhere():
    """Return the port of a server of which the suite's process knows nothing."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield int(process.stdout.readline())
        process.stdin.close()


def outcome_of(suite, copy, **known):
    """Run a suite of pytest, as the lab does, and return its outcome."""
    file = copy.parent.parent / "test_movies.py"
    file.write_text(suite.format(folder=str(copy), **known))
    ready = runners(sys.executable, copy)
    run = Run(ready, copy, [[file]], patience=60)
    try:
        while not (outcome := run.outcome()):
            time.sleep(0.05)
    finally:
        run.end()
        ready.end()
    return outcome


@pytest.mark.parametrize("suite", [ASK, ASK_BY_CURL], ids=["in Python", "by a program"])
def test_suite_that_asks_a_server_elsewhere_is_refused_with_the_reason(copy, elsewhere, suite):
    with pytest.raises(CourseError) as refused:
        outcome_of(suite, copy, port=elsewhere)

    assert str(refused.value) == (
        f"test_movies.py: test_asks asks 127.0.0.1:{elsewhere}, a server that the lab has not "
        'broken, so no fault would be noticed. Ask the one that start("6") returns, after: '
        "from course import start"
    )


@pytest.mark.parametrize("suite", [ASK_A_DEAD_ONE, ASK_ITSELF, ASK_ITS_OWN])
def test_suite_may_ask_servers_of_its_own_and_those_that_are_down(copy, suite):
    outcome = outcome_of(suite, copy, port=free_port())

    assert outcome.passed, outcome.words


def test_program_in_the_folder_of_another_cinema_is_a_server_elsewhere(copy, tmp_path):
    (tmp_path / "sound" / "cinema").mkdir(parents=True)
    suite = ASK_ITS_OWN.replace("{folder!r}", repr(str(tmp_path / "sound")))

    with pytest.raises(CourseError, match="a server that the lab has not broken"):
        outcome_of(suite, copy, port=free_port())


def test_start_serves_the_copy_that_is_broken(copy):
    (copy / "README.md").write_text("# 6 · Testing\n")

    outcome = outcome_of(START, copy)

    assert outcome.passed, outcome.words


def test_start_of_another_chapter_is_refused_in_the_lab(copy, monkeypatch):
    monkeypatch.setattr(server, "broken", [Chapter(copy)])

    with pytest.raises(CourseError) as refused:
        server.start("5")

    assert str(refused.value) == (
        'The mutation lab breaks chapter 6, and this starts chapter 5. Change that to: start("6")'
    )


def test_start_serves_the_chapter_itself_outside_the_lab():
    assert server.broken_copy_of(find_chapter("6")) == find_chapter("6")
