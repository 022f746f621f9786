"""The console: it types a lesson's commands as a learner would, and finds what went otherwise."""

import os
import sys
import time
from pathlib import Path

import console
import pytest
from console import Terminal, answers, replay
from course_files import ROOT
from prose import Prose

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the lessons' commands are for bash"),
]

PROGRAMS = [Path(sys.executable).parent]


@pytest.fixture
def terminal(tmp_path):
    with Terminal(tmp_path, PROGRAMS) as terminal:
        yield terminal


def differences(text, terminal):
    """Play one console block with these lines; return what went otherwise, as one text."""
    lesson = Prose(ROOT / "lesson.md", f"## 1.a Try it\n\n```console\n{text}\n```\n")
    return "\n".join(replay(lesson.blocks, terminal)["1.a Try it"])


def test_output_that_is_true_is_accepted(terminal):
    assert not differences("$ echo one; echo two\none\ntwo\n\n$ echo three\nthree", terminal)


def test_output_that_is_not_true_is_found_with_its_place(terminal):
    found = differences("$ echo one\none\n$ echo two\nthree", terminal)

    assert found.startswith("lesson.md:6\n$ echo two\n")
    assert "--- the lesson shows:\nthree\n--- what happens:\ntwo" in found


def test_command_that_is_not_there_is_found(terminal):
    assert "exit code 127" in differences("$ no-such-program", terminal)


def test_command_that_fails_is_found_though_nothing_is_shown(terminal):
    assert "exit code 3" in differences("$ (exit 3)", terminal)


def test_folder_and_variables_last(terminal):
    assert not differences(
        "$ mkdir a; cd a\n$ KEY=$(echo secret)\n$ echo ${PWD##*/} $KEY\na secret", terminal
    )


def test_command_goes_on_over_several_lines(terminal):
    assert not differences(
        "$ echo one \\\n  two\none two\n$ echo 'three\nfour'\nthree\nfour", terminal
    )


def test_command_that_does_not_end_is_ended(terminal, monkeypatch):
    monkeypatch.setattr(console, "PATIENCE", 0.3)

    start = time.monotonic()
    found = differences("$ sleep 30; echo slept", terminal)

    assert "had not ended after 0.3 seconds" in found
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "command", ["test", "test --all", "test 4", "test 4a1", "test 5 4d", "test 6.1"]
)
def test_suites_are_only_collected(terminal, command):
    assert terminal.adapted(f"python3 -m course {command}") == (
        f"python3 -m course {command} -- --collect-only -q"
    )


@pytest.mark.parametrize(
    ("suite", "told"),
    [
        ("import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail()", ""),
        ("import no_such_package", "No module named 'no_such_package'"),
        ("", "There is no test."),
    ],
)
def test_tests_of_a_chapter_alone_must_load(terminal, suite, told):
    (Path(terminal.folder) / "test_it.py").write_text(suite)

    found = differences("$ python -m unittest", terminal)

    assert told in found
    assert bool(found) == bool(told)


def test_block_begins_with_a_command(terminal):
    with pytest.raises(ValueError, match="does not begin with a command"):
        differences("echo one\none", terminal)


def test_server_is_asked_at_a_free_port_and_ended():
    with Terminal(ROOT / "01_getting_started", PROGRAMS) as terminal:
        found = differences(
            "$ flask --app cinema run --port 8001\n * Serving Flask app 'cinema'\n"
            "$ curl -I http://127.0.0.1:8001/nowhere\nHTTP/1.1 404 NOT FOUND\n"
            "$ curl -I http://127.0.0.1:8001/\nHTTP/1.1 418 I'M A TEAPOT",
            terminal,
        )
        url = f"http://127.0.0.1:{terminal.ports['8001']}/"
        assert answers(url)

    assert found.startswith("lesson.md:8\n")
    assert not answers(url)


def test_server_that_does_not_start_is_found(terminal):
    found = differences("$ flask --app no_such_module run --port 8001", terminal)

    assert "(a server that answers)" in found
    assert "no_such_module" in found


def test_server_that_does_not_print_what_is_shown_is_found(monkeypatch):
    monkeypatch.setattr(console, "PATIENCE", 2)

    with Terminal(ROOT / "01_getting_started", PROGRAMS) as terminal:
        found = differences("$ flask --app cinema run --port 8001\n * Serving Quart app", terminal)

    assert "Serving Quart app" in found
