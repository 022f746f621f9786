"""`python3 -m course`: what each command starts, prints and leaves behind, as in a terminal."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from course_copy import CourseCopy, RunningCourse, is_gone, wait_until

from course import spine
from course.commands import run
from course.errors import CourseError
from course.serving import introduction, ports, prepare
from course.setup import foreground

pytestmark = pytest.mark.slow  # each starts processes

SUITE = """
import unittest


class Promises(unittest.TestCase):
    def test_that_holds(self):
        pass

    def test_that_does_not(self):
        self.fail("it should have held")
"""
WAITS = (
    SUITE
    + """
    def test_that_takes_long(self):
        open("reached", "w").close()
        __import__("time").sleep(60)
"""
)
INTERRUPTED = "\nInterrupted. The same command begins again.\n"
PARTS = """
import unittest


class Parts(unittest.TestCase):
    def test_each(self):
        for number in range(5):
            with self.subTest(number=number):
                self.assertNotEqual(number, 3)
"""


ENDS_WHEN_TOLD = """
import threading
import time


def end():
    while not Path("end").exists():
        time.sleep(0.05)
    os._exit(4)


threading.Thread(target=end, daemon=True).start()
"""
IMPORTS = """
from importlib.util import find_spec

import cinema
import tests


def test_at_the_top():
    assert cinema.NAME == tests.NAME == CHAPTER


def test_in_a_function():
    import cinema as again

    assert again is cinema


def test_another_chapters_modules_are_out_of_reach():
    found = [name for name in ("only_01_one", "only_02_two") if find_spec(name)]

    assert found == ["only_" + CHAPTER]
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course that is set up, and in which the tests of this file run commands."""
    copy = CourseCopy(tmp_path_factory.mktemp("course"))
    copy.borrow_packages()
    return copy


@pytest.fixture
def breakable(tmp_path):
    copy = CourseCopy(tmp_path)
    copy.borrow_packages()
    return copy


@pytest.fixture
def port():
    return ports.free_port()


# outline


def test_the_outline_is_there_in_half_a_second(course):
    def seconds():
        """Return those in which a core was busy with it: a machine may have more to do."""
        began = os.times()
        course.call("outline")
        ended = os.times()
        return sum(ended[2:4]) - sum(began[2:4])  # of children, in their own code and the system's

    assert min(seconds() for _ in range(3)) < 0.5


@pytest.mark.parametrize(
    ("folder", "way"),
    [
        ("01_getting_started", "../course"),
        ("01_getting_started/tests", "../../course/"),
        ("course", "."),
        (".", "course/__main__.py"),
    ],
)
def test_the_way_to_the_course_starts_it_from_any_folder(course, folder, way):
    started = subprocess.run(
        [sys.executable, "-S", way, "outline"],  # -S: without .venv, which knows the course
        cwd=course.folder / folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.stdout.startswith("1 · Getting started"), started.stderr


@pytest.mark.skipif(os.name == "nt", reason="uses a POSIX shell")
def test_a_reader_that_leaves_early_is_no_error(course):
    piped = f'"{sys.executable}" -m course diff 1 2 | head -n 1'

    done = subprocess.run(
        ["sh", "-c", piped], cwd=course.folder, capture_output=True, text=True, check=True
    )

    assert done.stderr == ""


# run


def test_run_says_where_it_runs_and_what_to_try(course, port):
    with RunningCourse(course, "1", "--port", str(port)) as running:
        assert running.url == f"http://127.0.0.1:{port}"
        output = running.output

    for request in spine.find_chapter("1").requests_to_try[:3]:
        assert f"  {request.replace(':8001/', f':{port}/')}\n" in output


def test_ctrl_c_ends_the_server_with_a_clean_line(course, port):
    with RunningCourse(course, "1", "--port", str(port)) as running:
        code = running.send(signal.SIGINT)

        assert code == 0
        assert running.output.endswith("\nStopped; nothing is left running.\n")
        assert is_gone(running.url, seconds=0)


def test_run_says_where_the_app_beside_runs_and_where_the_password_is(breakable, port):
    breakable.add_chapter_of_two_apps()

    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        output = running.output
        answers = [requests.get(url) for url in (running.url, *running.urls_beside)]

    beside = f"http://127.0.0.1:{port + 100}"
    assert running.urls_beside == [beside]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert re.search(rf"^  beside it   {beside} \(box_office, process \d+\)$", output, re.MULTILINE)
    assert (
        "  password    in 09_box_office/instance/password, of the users alice and bob\n" in output
    )
    assert f"  curl http://127.0.0.1:{port}/\n" in output
    assert f"  curl {beside}/ http://127.0.0.1:{port}/\n" in output


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGKILL", "SIGHUP"])
def test_both_servers_end_with_the_command(breakable, port, number):
    breakable.add_chapter_of_two_apps()
    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        running.send(getattr(signal, number))

        assert all(is_gone(url) for url in (running.url, *running.urls_beside))


@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL"])
def test_the_app_beside_can_be_stopped_alone_and_run_says_so(breakable, port, number):
    breakable.add_chapter_of_two_apps()

    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        process = re.search(r"\(box_office, process (\d+)\)", running.output)[1]
        os.kill(int(process), getattr(signal, number))

        assert is_gone(*running.urls_beside)
        assert requests.get(running.url).ok
        assert wait_until(lambda: "box_office has ended" in running.output)
        assert (
            "\nbox_office has ended. The rest goes on; to have it back, end that, and"
            " type again: python3 -m course run 9\n"
        ) in running.output
        assert running.send(signal.SIGINT) == 0
        assert is_gone(running.url, seconds=0)


def test_when_the_api_ends_so_does_the_app_beside_and_the_command(breakable, port):
    chapter = breakable.add_chapter_of_two_apps()
    with (chapter / "cinema" / "__init__.py").open("a") as module:
        module.write(ENDS_WHEN_TOLD)

    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        (chapter / "end").touch()
        code = running.process.wait(timeout=20)

        assert code == 4
        assert running.output.endswith("\nThe API has ended, and the rest with it.\n")
        assert is_gone(*running.urls_beside)


@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL", "SIGHUP"])
def test_the_server_ends_with_the_command(course, port, number):
    with RunningCourse(course, "2", "--port", str(port)) as running:
        assert requests.get(running.url).ok

        running.send(getattr(signal, number))

        assert is_gone(running.url)


def test_a_port_that_is_taken_is_named_and_left_alone(course):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with RunningCourse(course, "1", "--port", str(taken)) as running:
            assert running.output.startswith(f"Port {taken} is taken; moving on to")
            assert requests.get(running.url).ok


def test_a_second_run_says_first_that_the_chapter_runs_and_where(course, port):
    with RunningCourse(course, "1", "--port", str(port)) as first:
        second_log = course.folder / "second.log"
        with second_log.open("w") as output:
            second = course.start("run", "1", "--port", str(port), output=output)
        assert wait_until(lambda: "Try in a second terminal" in second_log.read_text())
        second.send_signal(signal.SIGINT)
        second.wait(timeout=10)
        first.send(signal.SIGINT)

    with RunningCourse(course, "1", "--port", str(port)) as third:
        third.send(signal.SIGKILL)

    assert second_log.read_text().startswith(
        f"Chapter 1 runs already, at {first.url}. This one is another.\n"
        f"Port {port} is taken; moving on to"
    )
    assert "runs already" not in third.output
    assert urls_of_running_in(course) == [], "a command that was killed runs no more"


def urls_of_running_in(course):
    asked = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from course.serving.running import urls_of_running as urls\n"
            "from course.spine import find_chapter\n"
            "print(*urls(find_chapter(1)))",
        ],
        cwd=course.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.split()


def test_a_port_that_was_left_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        left.accept()[0].close()  # the side that hangs up first keeps the port for a while
        client.close()

    assert ports.is_free(port)


@pytest.mark.skipif(sys.platform != "linux", reason="only there may two sockets share a port")
@pytest.mark.parametrize("choose", [ports.free_port, lambda: ports.choose_port(20001)])
def test_a_port_that_was_chosen_is_given_to_nobody_else(choose):
    port = choose()

    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)):  # which says SO_REUSEADDR, as servers do
        assert not ports.is_free(port)
    assert ports.is_free(port)


@pytest.mark.skipif(sys.platform != "linux", reason="only there may two sockets share a port")
def test_no_more_files_stay_open_however_many_ports_are_chosen(monkeypatch):
    monkeypatch.setattr(ports, "reserved", deque())
    monkeypatch.setattr(ports, "MOST_RESERVED", 3)

    ports.free_ports(10)

    assert len(ports.reserved) == 3


def test_a_port_that_cannot_be_is_refused():
    with pytest.raises(CourseError, match=r"^No port is free from 70000 on\."):
        ports.choose_port(70000)


def test_the_database_is_kept_until_a_fresh_one_is_asked_for(course, port):
    said = []
    for options in (["--fresh"], [], ["--fresh"]):
        with RunningCourse(course, "2", "--port", str(port), *options) as running:
            said.append(re.search(r"database +\S+ \((\w+)", running.output)[1])
            running.send(signal.SIGINT)

    assert said == ["new", "kept", "new"]


def test_fresh_leaves_the_database_of_a_running_server_alone(course, port):
    with RunningCourse(course, "2", "--port", str(port)) as running:
        code, output = course.call("run", "2", "--fresh")
        answer = requests.get(f"{running.url}/v1/movies/3", timeout=5)

    assert code == 1
    assert output.endswith(
        "Another server uses 02_create_read/instance/cinema.db. Stop it, or leave --fresh out.\n"
    )
    assert answer.ok


def test_fresh_leaves_the_database_that_database_url_names_alone(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///precious.db")

    with pytest.raises(CourseError, match="Unset DATABASE_URL"):
        run.remove_databases(spine.find_chapter("2"))


def test_a_chapter_that_does_not_start_names_the_file_and_the_command(breakable):
    views = breakable.folder / "02_create_read" / "cinema" / "__init__.py"
    views.write_text(views.read_text() + "\nprint(undefined)\n")

    code, output = breakable.call("run", "02")

    assert code == 1
    assert "NameError: name 'undefined' is not defined" in output
    assert re.search(
        r"Open 02_create_read/cinema/__init__.py, line \d+, then type again: "
        r"python3 -m course run 02\n",
        output,
    )
    assert "running at" not in output


def test_an_app_beside_that_does_not_start_takes_the_api_with_it(breakable, port):
    chapter = breakable.add_chapter_of_two_apps()
    with (chapter / "box_office" / "__init__.py").open("a") as module:
        module.write("\nprint(undefined)\n")

    code, output = breakable.call("run", "9", "--port", str(port))

    assert code == 1
    assert "NameError: name 'undefined' is not defined" in output
    assert "Open 09_box_office/box_office/__init__.py, line" in output
    assert output.endswith("then type again: python3 -m course run 9\n")
    assert is_gone(f"http://127.0.0.1:{port}")


# run, and the code changes


def answer_of(url):
    """Return status and text of what is answered, or nothing while a server starts again."""
    try:
        answer = requests.get(url, timeout=1)
    except requests.RequestException:
        return None
    return answer.status_code, answer.text


def test_a_saved_file_is_what_answers_next_and_run_says_so(breakable, port):
    module = breakable.folder / "01_getting_started" / "cinema.py"
    with RunningCourse(breakable, "1", "--port", str(port)) as running:
        module.write_text(module.read_text().replace('"Cinema"', '"Kino"'))

        assert wait_until(lambda: "Kino" in str(answer_of(running.url)))
        assert "  your code   is loaded again when you save a file\n" in running.output


@pytest.mark.parametrize("mistake", ["print(undefined)", "app = = 1"])
def test_a_mistake_is_named_and_waits_to_be_mended(breakable, port, mistake):
    module = breakable.folder / "01_getting_started" / "cinema.py"
    right = module.read_text()
    with RunningCourse(breakable, "1", "--port", str(port)) as running:
        module.write_text(f"{right}\n{mistake}\n")
        assert wait_until(lambda: (answer_of(running.url) or [0])[0] == 500)
        shown = answer_of(running.url)[1]
        module.write_text(right)
        assert wait_until(lambda: (answer_of(running.url) or [0])[0] == 200)

    line = len(right.splitlines()) + 2
    assert f"Open 01_getting_started/cinema.py, line {line}. When you save it" in running.output
    assert mistake not in shown, "what is wrong is for the terminal, not for each client"


def test_the_debugger_is_out_of_reach(breakable, port):
    """It would run whatever Python its visitor types."""
    with (breakable.folder / "01_getting_started" / "cinema.py").open("a") as module:
        module.write("\n\n@app.get('/broken')\ndef break_it():\n    return 1 / 0\n")

    with RunningCourse(breakable, "1", "--port", str(port), FLASK_DEBUG="1") as running:
        page = requests.get(f"{running.url}/?__debugger__=yes&cmd=resource&f=debugger.js")
        broken = requests.get(f"{running.url}/broken")

    assert "javascript" not in page.headers["Content-Type"]
    assert broken.status_code == 500
    assert "ZeroDivisionError" not in broken.text
    assert "EVALEX" not in broken.text


def test_each_of_two_servers_starts_again_and_ctrl_c_ends_both(breakable, port):
    chapter = breakable.add_chapter_of_two_apps()
    shared = chapter / "shared.py"
    shared.write_text("WORD = 'old'\n")
    for app in ("cinema", "box_office"):
        module = chapter / app / "__init__.py"
        module.write_text(
            module.read_text().replace("return {", "import shared; return {'w': shared.WORD} | {")
        )

    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        urls = (running.url, *running.urls_beside)
        assert all("old" in str(answer_of(url)) for url in urls)
        shared.write_text("WORD = 'new'\n")
        for url in urls:
            assert wait_until(lambda url=url: "new" in str(answer_of(url)))

        assert running.send(signal.SIGINT) == 0
        assert all(is_gone(url, seconds=0) for url in urls)


def test_a_page_that_is_read_at_the_start_is_read_again(breakable):
    said = run.reloading(spine.find_chapter("4"))

    assert "cinema/api/openapi.yaml" in said["FLASK_RUN_EXTRA_FILES"].split(os.pathsep)


def test_a_file_that_is_saved_while_the_app_is_loaded_is_loaded_too(tmp_path, monkeypatch):
    """It may have been read before; and the reloader looks at the files only afterwards."""
    monkeypatch.chdir(tmp_path)
    app = SimpleNamespace(load_app=(tmp_path / "cinema.py").touch)

    with pytest.raises(SystemExit) as left:
        prepare.load_again(app)

    assert left.value.code == prepare.START_AGAIN
    os.utime(tmp_path / "cinema.py", (0, 0))  # it was saved long ago: nothing happens
    prepare.load_again(SimpleNamespace(load_app=list))


# test


@pytest.fixture
def tried(breakable):
    """A copy of the course whose section 1a has one test that passes and one that fails."""
    tests = breakable.folder / "01_getting_started" / "tests"
    shutil.rmtree(tests)
    tests.mkdir()
    (tests / "__init__.py").touch()
    (tests / "test_1a_first_routes.py").write_text(SUITE)
    (tests / "test_1b_model.py").write_text(SUITE)
    return breakable


def test_a_section_is_tested_alone_and_ends_in_a_table_and_pytests_summary(tried):
    code, output = tried.call("test", "1a")

    *before, last = output.splitlines()
    assert code == 1
    assert re.search(r"1 failed, 1 passed in", last)
    assert re.search(r"^01_getting_started +1 +1 +0 +\d\.\d$", "\n".join(before), re.MULTILINE)


def test_a_failure_names_the_file_to_open_and_the_command_to_type(tried):
    _, output = tried.call("test", "1")

    assert (
        "test_that_does_not failed.\n"
        "  open       01_getting_started/tests/test_1b_model.py:10\n"
        "  type again python3 -m course test 1b\n"
    ) in output


def test_a_failure_of_the_code_names_the_code(tried):
    with (tried.folder / "01_getting_started" / "cinema.py").open("a") as module:
        module.write("\n\nraise LookupError('the projector is dark')\n")
    suite = tried.folder / "01_getting_started" / "tests" / "test_1a_first_routes.py"
    suite.write_text("import cinema\n" + SUITE)

    code, output = tried.call("test", "1a")

    assert code != 0
    assert re.search(r"  open       01_getting_started/cinema\.py:\d+\n", output)
    assert re.search(r"^01_getting_started +0 +1 +0 ", output, re.MULTILINE)


def test_a_mistake_in_typing_is_found_where_it_is(tried):
    module = tried.folder / "01_getting_started" / "cinema.py"
    module.write_text(module.read_text().replace("MOVIES = [", "MOVIES = ]", 1))
    suite = tried.folder / "01_getting_started" / "tests" / "test_1a_first_routes.py"
    suite.write_text("import cinema\n" + SUITE)

    _, output = tried.call("test", "1a")

    assert re.search(r"  open       01_getting_started/cinema\.py:\d+\n", output)


def test_what_follows_two_dashes_is_pytests(tried):
    code, output = tried.call("test", "1", "--", "-k", "that_holds")

    assert code == 0
    assert "2 passed, 2 deselected" in output.splitlines()[-1]


def test_the_table_is_the_same_when_two_processes_share_the_tests(tried):
    code, output = tried.call("test", "1", "--", "-n", "2", "--dist", "loadscope")

    assert code == 1
    assert "2 workers" in output
    assert re.search(r"^01_getting_started +2 +2 +0 +\d\.\d$", output, re.MULTILINE)
    assert output.count("\n  open       01_getting_started/tests/test_1a_first_routes.py:10\n") == 1
    assert output.count("\n  type again python3 -m course test 1b\n") == 1


def test_slow_tests_are_named_at_the_end(tried):
    suite = tried.folder / "01_getting_started" / "tests" / "test_1a_first_routes.py"
    suite.write_text(SUITE.replace("pass", "__import__('time').sleep(0.5)"))

    _, output = tried.call("test", "1a")

    place = "01_getting_started/tests/test_1a_first_routes.py::Promises::test_that_holds"
    assert re.search(rf"^seconds  slowest tests.*\n +0\.\d  {place}$", output, re.MULTILINE)


@pytest.mark.skipif(os.name == "nt", reason="there, no signal is sent to a group of processes")
@pytest.mark.parametrize(
    "processes", [[], ["--", "-n", "2", "--dist", "loadscope"]], ids=["alone", "shared"]
)
def test_ctrl_c_ends_the_tests_in_one_clear_line(tried, processes):
    suite = tried.folder / "01_getting_started" / "tests" / "test_1a_first_routes.py"
    suite.write_text(WAITS)

    def has_failed_and_waits(_number, output):
        return (tried.folder / "reached").exists() and "F" in output

    code, output = ended_by_ctrl_c(tried, ["test", "1a", *processes], has_failed_and_waits)

    assert code == 130
    assert re.search(rf"^=+ 1 failed, 1 passed in .+ =+\n{INTERRUPTED}\Z", output, re.MULTILINE)
    assert "test_that_does_not failed.\n" in output, "what was found out so far is told"
    assert "KeyboardInterrupt" not in output


def ended_by_ctrl_c(course, command, is_so):
    """Type Ctrl-C when something is so; return the command's code, and all that it printed."""
    log = course.folder / "interrupted.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "course", *command],
            cwd=course.folder,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # as a terminal has it: Ctrl-C is for all that it started
        )
    try:
        assert wait_until(lambda: is_so(process.pid, log.read_text())), log.read_text()
        os.killpg(process.pid, signal.SIGINT)
        code = process.wait(timeout=60)
        assert wait_until(lambda: not is_group(process.pid), seconds=5), "nothing is left running"
    finally:
        if is_group(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return code, log.read_text()


def is_group(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells when the program is another one")
def test_ctrl_c_before_pytest_is_there_is_one_clear_line_too(tried):
    def has_been_handed_over(number, _output):
        return b"course.testing" in Path(f"/proc/{number}/cmdline").read_bytes()

    code, output = ended_by_ctrl_c(tried, ["test", "1a"], has_been_handed_over)

    assert (code, output) == (130, INTERRUPTED)


# pytest by itself


@pytest.fixture
def shared_names(tmp_path):
    """A course of two chapters whose modules have the same names and differ in content."""
    for file in ("conftest.py", "pyproject.toml"):
        shutil.copy(spine.ROOT / file, tmp_path)
    for chapter in ("01_one", "02_two"):
        tests = tmp_path / chapter / "tests"
        tests.mkdir(parents=True)
        (tmp_path / chapter / "cinema.py").write_text(f"NAME = {chapter!r}\n")
        (tmp_path / chapter / f"only_{chapter}.py").touch()
        (tests / "__init__.py").write_text(f"NAME = {chapter!r}\n")
        (tests / "test_names.py").write_text(IMPORTS.replace("CHAPTER", repr(chapter)))
    return tmp_path


@pytest.mark.parametrize(
    ("folder", "arguments", "passed"),
    [(".", [], 6), (".", ["02_two"], 3), (".", ["02_two", "01_one"], 6), ("02_two", [], 3)],
)
def test_pytest_tells_the_chapters_modules_apart(shared_names, folder, arguments, passed):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=shared_names / folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"{passed} passed in" in done.stdout, done.stdout


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["alone", "shared"])
def test_pytest_tells_of_the_part_that_fails(shared_names, processes):
    (shared_names / "02_two" / "tests" / "test_parts.py").write_text(PARTS)

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *processes],
        cwd=shared_names,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert re.search(r"^SUBFAILED.*test_parts\.py::Parts::test_each", done.stdout, re.MULTILINE)
    assert "1 failed, 7 passed" in done.stdout, done.stdout


# doctor


def test_the_doctor_finds_a_set_up_course_well(course):
    code, output = course.call("doctor")

    assert code == 0, output
    assert re.search(r"ok +- core +ready", output)
    assert re.search(r"port 8001 +(free|taken)", output)


def test_the_doctor_needs_no_environment(tmp_path):
    code, output = CourseCopy(tmp_path).call("doctor")

    assert code == 0, output
    assert "not there yet; made by the first: python3 -m course run 1" in output


def test_the_doctor_says_where_the_servers_are(course, tmp_path):
    (tmp_path / "nginx").touch(mode=0o755)

    _, output = course.call("doctor", NGINX=str(tmp_path / "nginx"))

    assert f"nginx       {tmp_path / 'nginx'}\n" in output
    assert re.search(r"^ok +Valkey ", output, re.MULTILINE)
    assert re.search(r"^ok +PostgreSQL ", output, re.MULTILINE)
    assert re.search(r"^ok +gunicorn ", output, re.MULTILINE)


def test_the_doctor_mends_a_variable_that_names_no_server(course):
    code, output = course.call("doctor", NGINX="/no/such/nginx")

    assert code == 1
    assert re.search(r"mend +nginx .*\n +NGINX names /no/such/nginx, which is no program", output)


@pytest.mark.parametrize("broken", ["course-ready", "bin/python", "lib"])
def test_the_doctor_says_how_to_mend_a_broken_environment(breakable, broken):
    part = breakable.folder / ".venv" / broken
    shutil.rmtree(part) if part.is_dir() else part.unlink()

    code, output = breakable.call("doctor")

    assert code == 1
    assert re.search(
        r"mend +\.venv .*\n +(Type|Delete the folder \.venv, and type): python3", output
    )


# Windows, as far as it can be tried elsewhere


@pytest.fixture
def windows(monkeypatch):
    """Make a module believe that it runs on Windows."""

    def windows(module):
        monkeypatch.setattr(module, "os", SimpleNamespace(name="nt", environ=os.environ))

    return windows


def test_on_windows_a_program_is_waited_for_and_alone_gets_ctrl_c(windows):
    windows(foreground)
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(SystemExit) as left:
        foreground.hand_over([sys.executable, "-c", "raise SystemExit(3)"], cwd=spine.ROOT)

    after = signal.signal(signal.SIGINT, before)
    assert left.value.code == 3
    assert after == signal.SIG_IGN


def test_on_windows_the_requests_to_try_are_for_curl_exe(windows, capsys):
    windows(introduction)

    introduction.introduce(spine.find_chapter("1"), {"cinema": 8001}, "none", {})

    assert "  curl.exe http://127.0.0.1:8001/" in capsys.readouterr().out


def test_on_windows_a_taken_port_is_seen(windows):
    windows(ports)
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert not ports.is_free(other.getsockname()[1])


@pytest.mark.parametrize("command", ["outline", "diff 1 2", "doctor", "run 9", "stack 1"])
def test_on_windows_no_command_trips_over_a_posix_only_call(course, command):
    """Run it where `os.name` is "nt", and where what only POSIX has is missing."""
    pretending = (
        "import os, pathlib, socket, subprocess, sys, sysconfig, tempfile, types\n"
        "sysconfig.get_config_vars()\n"  # is kept: it can't be found out by pretending
        "pathlib.WindowsPath = pathlib.PosixPath\n"
        "for name in ('execve', 'geteuid', 'killpg', 'setsid'): delattr(os, name)\n"
        "sys.modules['fcntl'] = None\n"
        "sys.modules['msvcrt'] = types.ModuleType('msvcrt')\n"
        "os.name = 'nt'\n"
        "from course.command_line import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", pretending, *command.split()],
        cwd=course.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Traceback" not in done.stderr
    assert done.stdout or "py -m course" in done.stderr or "There is" in done.stderr


def test_a_console_without_the_characters_gets_others(course):
    code, output = course.call("outline", PYTHONIOENCODING="ascii")

    assert code == 0
    assert "1 ? Getting started" in output
