"""Processes that find their libraries loaded: forks, and those that wait."""

import os
import signal
import sys
from functools import partial
from subprocess import TimeoutExpired
from threading import Timer

import pytest
from course_copy import wait_until
from course_files import ROOT

from course.serving.child import apart_from_ctrl_c
from course.serving.ready import Forks, Waiting

PROGRAM = """
import os, sys
from course.serving.ready import wanted

print("A library", "may print, too: ", sep=chr(10), end="", flush=True)
match wanted():
    case ["tell", *words]:
        print(os.getcwd(), sys.path[0], os.environ.get("OWN"), *words)
        os.environ["OWN"] = "of the one before"
    case ["end", code]:
        sys.exit(int(code))
    case ["wait"]:
        print("waits", flush=True)
        os.read(0, 1)
        print("parent is gone", flush=True)
"""


@pytest.fixture(params=[Forks, partial(Waiting, again=True)], ids=["forks", "waiting"])
def ready(request, tmp_path):
    if request.param is Forks and sys.platform != "linux":
        pytest.skip("forks are for Linux")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    ready = request.param(
        [sys.executable, program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        **apart_from_ctrl_c(),
    )
    yield ready
    ready.end()


@pytest.fixture
def start(ready, tmp_path, log):
    """Start a process, which is over when the test is."""
    started = []

    def start(*arguments, folder=tmp_path, **environment):
        started.append(ready.start(folder, log, arguments, environment))
        return started[-1]

    yield start
    ready.end()
    for process in started:
        if process.stdin:
            process.stdin.close()
        process.wait(20)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def test_runs_in_its_folder_with_its_arguments_environment_and_log(start, tmp_path, log):
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()

        process = start("tell", "one", "two", folder=folder, OWN=str(number))

        assert process.wait(20) == 0
        assert log.read_text().splitlines()[number:] == [f"{folder} {folder} {number} one two"]


def test_nobody_sees_what_another_has_changed(start, log):
    start("tell").wait(20)
    start("tell").wait(20)

    assert "None" in log.read_text().splitlines()[1]


def test_exit_code_is_told(start):
    codes = [0, 5, 3]

    processes = [start("end", str(code)) for code in codes]

    assert [process.wait(20) for process in reversed(processes)] == codes[::-1]
    assert [process.poll() for process in processes] == codes


def test_one_that_goes_on_is_waited_for_and_ended_with_its_group(start):
    process = start("wait")

    with pytest.raises(TimeoutExpired):
        process.wait(0.1)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)  # at once: it need not have come far

    assert process.wait(20) == -signal.SIGKILL


def test_others_go_on_when_one_ends(start):
    one, other = (start("wait") for _ in range(2))

    os.killpg(one.pid, signal.SIGKILL)

    assert one.wait(20) == -signal.SIGKILL
    assert other.poll() is None


def test_all_end_with_the_one_that_was_their_parent(ready, start, log):
    process = start("wait")
    wait_until(lambda: "waits" in log.read_text())

    end_of_parent(ready, process)

    assert process.wait(20) is not None
    assert wait_until(lambda: "parent is gone" in log.read_text())


def end_of_parent(ready, process):
    if process.stdin:
        process.stdin.close()
    else:
        ready.source.process.kill()


def test_the_next_one_starts_though_what_gets_ready_has_ended(ready, start):
    for each in waiting_in(ready):
        each.kill()
        each.wait()

    start("tell").wait(20)  # may be the one that has ended
    process = start("end", "4")

    assert process.wait(20) == 4


def test_one_that_ends_while_it_loads_is_one_that_has_ended(ready, start):
    for each in waiting_in(ready):
        each.send_signal(signal.SIGSTOP)  # so it does not hear what is wanted
        Timer(0.2, each.kill).start()

    process = start("end", "4")

    assert process.wait(20) == -signal.SIGKILL


def test_what_gets_ready_ends_when_nothing_is_wanted_any_more(ready):
    waiting = waiting_in(ready)

    ready.end()

    assert [each.poll() for each in waiting] == [-signal.SIGKILL]


def waiting_in(ready):
    return [*ready.waiting] if isinstance(ready, Waiting) else [ready.source.process]


def test_no_more_begin_than_were_asked_for_ahead(tmp_path, log):
    few = Waiting([sys.executable, "-c", "input()"], 2)

    started = [few.start(tmp_path, log, []) for _ in range(2)]

    assert few.start(tmp_path, log, []) is None
    for process in started:
        process.wait(20)
        process.stdin.close()
