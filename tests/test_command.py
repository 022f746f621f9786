"""`python3 -m course`: what each command prints, returns and leaves behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import requests
from course_copy import CourseCopy, RunningCourse, is_gone, wait_until

from course import spine
from course.command_line import COMMANDS, main
from course.commands import run
from course.commands.test import find_tests
from course.errors import CourseError
from course.serving import introduction, ports
from course.setup import foreground
from course.testing import report

SUITE = """
import unittest


class Promises(unittest.TestCase):
    def test_that_holds(self):
        pass

    def test_that_does_not(self):
        self.fail("it should have held")
"""
PARTS = """
import unittest


class Parts(unittest.TestCase):
    def test_each(self):
        for number in range(5):
            with self.subTest(number=number):
                self.assertNotEqual(number, 3)
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


LESSON_WITH_A_TABLE = """# 2 · Two

## 2.a First

*5 minutes*

## 2.b Second

*5 minutes*

## 2.c Third

*5 minutes*

## 2.d Fourth

In two parts.

## 2.d1 Who

*5 minutes · tests [suite](tests/test_2d1_who.py)*

## 2.d2 What

*7 minutes · tests [suite](tests/test_2d2_what.py)*

## 2.0 From one file to many

*5 minutes · tests [suite](tests/test_20_many.py)*

## Files

| file | | what it owns |
|---|---|---|
| `api.py` | changed | 2.a, 2.b: letters |
| `new.py` | new | 2.b: other letters |
| `parts/asked.py` | new | 2.d1, 2.d2, 2.b: who asks for what |
| `parts/split.py` | new | 2.0: one file of many |
| `parts/what.py` | new | 2.d2: what is asked for |
| `parts/who.py` | new | 2.d1: who is asking |
| `same.py` | same | |
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


def refusal(*arguments):
    """Return the only line that a command prints when it is refused."""
    with pytest.raises(SystemExit) as refused:
        main(list(arguments))
    return str(refused.value)


# The command line


def test_without_a_command_the_help_names_them_all(capsys):
    assert main([]) == 0

    assert set(re.findall(r"^    (\w+) ", capsys.readouterr().out, re.MULTILINE)) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(capsys, command):
    with pytest.raises(SystemExit) as asked:
        main([command, "--help"])

    assert asked.value.code == 0
    assert f"for example:\n  python3 -m course {command}" in capsys.readouterr().out


def test_an_unknown_command_gets_the_nearest_one():
    assert refusal("tset") == "There is no command 'tset'. Did you mean: python3 -m course test"


def test_an_unknown_option_gets_one_line(capsys):
    with pytest.raises(SystemExit) as refused:
        main(["run", "--prot", "8080"])

    assert refused.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("command", [["run", "9"], ["diff", "1", "9"]])
def test_an_unknown_chapter_lists_what_there_is(command):
    assert refusal(*command).startswith(
        "There is no chapter '9'. There is: 1 (01_getting_started), 2 (02_create_read)"
    )


@pytest.mark.parametrize("command", ["test", "notebook"])
def test_an_unknown_section_lists_what_there_is(command):
    assert refusal(command, "9z").startswith("There is no section '9z'. There is: 1a, 1b, 1c, 1d,")


@pytest.mark.parametrize("name", ["3", "03", "03_update_delete", "03_update_delete/"])
def test_a_chapter_goes_by_each_of_its_names(name):
    assert spine.find_chapter(name).folder.name == "03_update_delete"


@pytest.mark.parametrize("name", ["2a", "2A", "2.a"])
def test_a_section_goes_by_each_of_its_names(name):
    assert spine.find_section(name).title == "Create"


def test_words_for_a_program_are_refused_where_none_is_started():
    assert refusal("outline", "--", "-x").startswith("Only `test` and `notebook` start a program")


# outline


def test_the_outline_has_every_section_with_its_minutes_and_files(capsys):
    main(["outline"])

    outline = capsys.readouterr().out
    for chapter in spine.chapters():
        for section in chapter.sections:
            assert re.search(rf"{section.id}  .* {section.minutes}\n", outline)
            assert f"{chapter.folder.name}/tests/{section.tests.name}" in outline
            assert f"notebooks/{section.notebook.name}" in outline


def test_the_outline_is_there_in_half_a_second(course):
    def seconds():
        began = time.monotonic()
        course.call("outline")
        return time.monotonic() - began

    assert min(seconds() for _ in range(3)) < 0.5  # the best, for a machine may be busy


# diff


@pytest.fixture
def two_chapters(tmp_path, monkeypatch):
    """A course of two small chapters, to compare."""
    files = {
        "01_one/README.md": "# 1 · One\n",
        "01_one/api.py": "a\nb\n",
        "01_one/gone.py": "x\n",
        "01_one/same.py": "s\n",
        "02_two/README.md": LESSON_WITH_A_TABLE,
        "02_two/api.py": "a\nc\n",
        "02_two/new.py": "y\nz\n",
        **{f"02_two/parts/{name}.py": "p\n" for name in ("asked", "split", "what", "who")},
        **{f"02_two/tests/test_2d{name}.py": "" for name in ("1_who", "1_more", "2_what", "1x")},
        "02_two/tests/test_20_many.py": "",
        "03_three/README.md": "# 3 · Three\n\n## 3.a Last\n\n*5 minutes*\n",
        "03_three/tests/test_2d2_what.py": "",
        "02_two/same.py": "s\n",
        "02_two/films.json": "1\n" * 1500,
        "02_two/instance/cinema.db": "not compared",
        "02_two/__pycache__/api.pyc": "not compared",
    }
    for name, content in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    monkeypatch.setattr(spine, "ROOT", tmp_path)
    monkeypatch.setattr("course.commands.diff.ROOT", tmp_path)


@pytest.mark.usefixtures("two_chapters")
class TestDiff:
    def test_it_shows_what_changed_came_and_went_and_counts_it(self, capsys):
        main(["diff", "1", "2"])

        output = capsys.readouterr().out
        assert "--- 01_one/api.py\n+++ 02_two/api.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n" in output
        assert "--- /dev/null\n+++ 02_two/new.py\n" in output
        assert "--- 01_one/gone.py\n+++ /dev/null\n" in output
        assert "/same.py" not in output
        assert "not compared" not in output
        assert output.endswith("9 files differ: 1,548 lines more (+), 3 less (-)\n")

    def test_the_lesson_comes_after_the_code(self, capsys):
        main(["diff", "1", "2"])

        output = capsys.readouterr().out
        assert output.index("+++ 02_two/new.py") < output.index("+++ 02_two/README.md")

    def test_data_is_only_named(self, capsys):
        main(["diff", "1", "2"])

        output = capsys.readouterr().out
        assert "+++ 02_two/films.json\n1,503 lines; to see them, name the file\n" in output

    def test_a_file_that_is_named_is_shown_alone_and_whole(self, capsys):
        main(["diff", "1", "2", "films.json"])

        output = capsys.readouterr().out
        assert output.count("\n+1") == 1500
        assert output.endswith("1 files differ: 1,500 lines more (+), 0 less (-)\n")

    def test_a_file_that_neither_has_is_refused(self):
        assert refusal("diff", "1", "2", "x.py") == (
            "No file there is called 'x.py'. Leave it out to see all."
        )

    @pytest.mark.parametrize(
        ("section", "files"),
        [("2a", ["api.py"]), ("2.B", ["api.py", "new.py", "parts/asked.py"])],
    )
    def test_a_section_shows_the_files_that_the_lesson_calls_its_own(self, capsys, section, files):
        main(["diff", "1", "2", section])

        shown = re.findall(r"^\+\+\+ 02_two/(\S+)$", capsys.readouterr().out, re.MULTILINE)
        assert shown == files

    @pytest.mark.parametrize(
        ("section", "files"),
        [
            ("2d1", ["asked", "who"]),
            ("2.d2", ["asked", "what"]),
            ("2d", ["asked", "what", "who"]),
            ("20", ["split"]),
        ],
    )
    def test_a_part_shows_its_files_and_the_whole_those_of_all_parts(self, capsys, section, files):
        main(["diff", "1", "2", section])

        shown = re.findall(r"^\+\+\+ 02_two/parts/(\w+)", capsys.readouterr().out, re.MULTILINE)
        assert shown == files

    def test_a_section_that_the_lesson_gives_no_file_is_refused(self):
        assert refusal("diff", "1", "2", "2c") == "The lesson of chapter 2 names no file of 2c."

    def test_a_section_that_there_is_not_is_refused(self):
        assert refusal("diff", "1", "2", "2z").startswith("There is no section '2z'. There is: 2a,")

    def test_it_is_in_colour_on_a_terminal_and_plain_elsewhere(self, capsys, monkeypatch):
        monkeypatch.delenv("NO_COLOR", raising=False)

        main(["diff", "1", "2", "api.py"])
        plain = capsys.readouterr().out
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        main(["diff", "1", "2", "api.py"])
        coloured = capsys.readouterr().out

        assert "\033" not in plain
        assert "\033[32m+c\033[0m\n" in coloured
        assert re.sub(r"\033\[\d+m", "", coloured) == plain


# sections in parts


@pytest.mark.usefixtures("two_chapters")
class TestParts:
    @pytest.mark.parametrize("name", ["2d1", "2.d1", "2D1"])
    def test_a_part_goes_by_each_of_its_names(self, name):
        assert spine.find_section(name).title == "Who"

    @pytest.mark.parametrize(
        ("name", "label"), [("2a", "2.a"), ("2d2", "2.d2"), ("20", "2.0"), ("3a", "3.a")]
    )
    def test_a_label_is_the_id_as_lessons_write_it(self, name, label):
        assert spine.find_section(name).label == label

    def test_a_bare_section_names_its_parts_where_one_is_meant(self):
        assert refusal("notebook", "2d") == (
            "Section 2d has parts. Name one of them: 2d1 (Who), 2d2 (What)."
        )

    def test_a_chapter_is_no_section_that_has_parts(self):
        assert refusal("notebook", "7").startswith("There is no section '7'. There is: 2a, 2b, 2c,")

    def test_the_outline_has_the_parts_with_their_minutes(self, capsys):
        main(["outline"])

        outline = capsys.readouterr().out
        for part in (r"2d1 Who +5", r"2d2 What +7", r"20  From one file to many +5"):
            assert re.search(rf"^  {part}$", outline, re.MULTILINE)
        assert "  2d  " not in outline

    @pytest.mark.parametrize(
        ("arguments", "suites"),
        [
            (["2d1"], ["02_two/tests/test_2d1_more.py", "02_two/tests/test_2d1_who.py"]),
            (["20"], ["02_two/tests/test_20_many.py"]),
            (
                ["2d"],
                [f"02_two/tests/test_2d{name}.py" for name in ("1_more", "1_who", "2_what")],
            ),
            (["3", "2d2"], ["03_three/tests/test_2d2_what.py"]),
            (["3", "2d"], ["03_three/tests/test_2d2_what.py"]),
            (["2", "2d2"], ["02_two/tests/test_2d2_what.py"]),
            (["02"], ["02_two"]),
        ],
    )
    def test_what_is_tested(self, arguments, suites):
        _, targets = find_tests(*arguments)

        assert [target.relative_to(spine.ROOT).as_posix() for target in targets] == suites

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["2d1", "3"], "The chapter comes first: python3 -m course test 3 2d1"),
            (["1", "2d"], "Chapter 1 has no tests of 2d. Try: python3 -m course test 2d"),
            (["3", "9z"], "There is no section '9z'. There is: 2a, 2b,"),
            (["9", "2d"], "There is no chapter '9'. There is: 1 (01_one),"),
        ],
    )
    def test_what_is_not_there_is_told_in_a_line(self, arguments, told):
        assert refusal("test", *arguments).startswith(told)


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
    assert f"  beside it   {beside} (box_office)\n" in output
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


def test_when_one_server_ends_so_does_the_other_and_the_command(breakable, port):
    chapter = breakable.add_chapter_of_two_apps()
    with (chapter / "box_office" / "__init__.py").open("a") as module:
        module.write("\nimport threading\nthreading.Timer(1.5, os._exit, [3]).start()\n")

    with RunningCourse(breakable, "9", "--port", str(port)) as running:
        code = running.process.wait(timeout=10)

        assert code == 3
        assert is_gone(running.url)


@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL", "SIGHUP"])
@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_the_server_ends_with_the_command(course, port, number, options):
    with RunningCourse(course, "2", "--port", str(port), *options) as running:
        assert requests.get(running.url).ok

        running.send(getattr(signal, number))

        assert is_gone(running.url)


def test_a_port_that_is_taken_is_named_and_left_alone(course):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with RunningCourse(course, "1", "--port", str(taken)) as running:
            assert running.output.startswith(f"Port {taken} is taken; moving on to")
            assert requests.get(running.url).ok


def test_a_port_that_was_left_a_moment_ago_is_free():
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        left.accept()[0].close()  # the side that hangs up first keeps the port for a while
        client.close()

    assert ports.is_free(port)


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


def test_debug_waits_for_a_mistake_to_be_mended(breakable, port):
    module = breakable.folder / "01_getting_started" / "cinema.py"
    right = module.read_text()
    with RunningCourse(breakable, "1", "--port", str(port), "--debug") as running:

        def status():
            try:
                return requests.get(running.url, timeout=1).status_code
            except requests.RequestException:  # while it starts again
                return None

        module.write_text(right + "\nprint(undefined)\n")
        assert wait_until(lambda: status() == 500)
        module.write_text(right)
        assert wait_until(lambda: status() == 200)


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


def test_a_failure_in_a_carried_suite_is_repeated_in_its_chapter():
    nodeid = "02_create_read/tests/test_1a_first_routes.py::Promises::test_that_holds"

    assert report.command_for(nodeid) == "test 2 1a"


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


def test_a_slow_tests_seconds_are_those_of_its_parts_and_only_ten_are_named():
    slow = {"": [took("b", 0.3), took("a", 1.0)], "passed": [took("b", 0.3), took("quick", 0.4)]}
    many = {"passed": [took(f"each{number}", 2.0) for number in range(20)]}

    assert report.slowest(slow) == [("a", 1.0), ("b", 0.6)]
    assert len(report.slowest(many)) == 10


def took(nodeid, duration):
    return SimpleNamespace(nodeid=nodeid, duration=duration)


def test_everything_is_the_chapters_and_the_whole_course(monkeypatch):
    started = []
    monkeypatch.setattr(
        "course.commands.test.hand_over", lambda command, **_: started.extend(command)
    )
    monkeypatch.setattr("course.setup.environment.ensure", lambda *groups: groups)

    main(["test"])

    assert started[0] == ("notebook", "extending", "securing", "testing", "servers", "dev")
    assert started[started.index("-m", 3) + 1] == "not (needs_servers or slow)"
    for target in [*(chapter.folder for chapter in spine.chapters()), spine.ROOT / "tests"]:
        assert target in started
    assert started[started.index("-n") + 1] == "logical", "each core should take part"


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


# notebook


@pytest.mark.parametrize(
    ("name", "notebook"),
    [
        ("1", "1_getting_started"),
        ("1c", "1_getting_started"),
        ("2a", "2a_create"),
        ("2.b", "2b_read"),
    ],
)
def test_a_notebook_is_opened_by_its_section_or_chapter(monkeypatch, name, notebook):
    started = []
    monkeypatch.setattr(
        "course.commands.notebook.hand_over", lambda command, **_: started.extend(command)
    )
    monkeypatch.setattr("course.setup.environment.ensure", lambda *groups: groups)

    main(["notebook", name, "--no-browser"])

    assert started[0] == ("notebook", "extending", "securing", "testing", "servers")
    assert f"--LabApp.default_url=/lab/tree/notebooks/{notebook}.ipynb" in started
    assert "--no-browser" in started


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

    introduction.introduce(spine.find_chapter("1"), {"cinema": 8001}, "none")

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
