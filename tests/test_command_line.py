"""`python3 -m course`: what it understands, refuses and finds; nothing is started."""

import re
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from course import spine
from course.command_line import COMMANDS, main
from course.commands.test import find_tests
from course.setup import programs
from course.testing import report, selection

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
"""


def refusal(*arguments):
    """Return the only line that a command prints when it is refused."""
    with pytest.raises(SystemExit) as refused:
        main(list(arguments))
    return str(refused.value)


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


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("run 1 2", "Unrecognized arguments: 2. Try: python3 -m course run --help"),
        ("run 1 --prot 80", "Unrecognized arguments: --prot 80. Try: python3 -m course run --help"),
        ("outline 3", "Unrecognized arguments: 3. Try: python3 -m course outline --help"),
        ("test 5 4d 6", "Unrecognized arguments: 6. Try: python3 -m course test --help"),
        ("--no-such", "Unrecognized arguments: --no-such. Try: python3 -m course --help"),
    ],
)
def test_a_word_too_many_gets_one_line_that_leads_to_the_commands_help(capsys, typed, told):
    with pytest.raises(SystemExit) as refused:
        main(typed.split())

    assert refused.value.code == 2
    assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize("command", [["run", "9"], ["diff", "1", "9"]])
def test_an_unknown_chapter_lists_what_there_is(command):
    assert refusal(*command).startswith(
        "There is no chapter '9'. There is: 1 (01_getting_started), 2 (02_create_read)"
    )


@pytest.mark.parametrize("command", ["test", "notebook"])
def test_an_unknown_section_lists_what_there_is(command):
    told = refusal(command, "9z")

    assert told.startswith("There is no section '9z'. There is: 1.a, 1.b, 1.c, 1.d, 2.0,")
    assert ", 6.1, 6.2," in told


@pytest.mark.parametrize("command", ["test", "notebook"])
@pytest.mark.parametrize("name", ["7", "nine"])
def test_what_is_no_section_is_taken_for_a_chapter_and_lists_those(command, name):
    assert refusal(command, name).startswith(
        f"There is no chapter {name!r}. There is: 1 (01_getting_started), 2 (02_create_read)"
    )


@pytest.mark.parametrize("name", ["3", "03", "03_update_delete", "03_update_delete/"])
def test_a_chapter_goes_by_each_of_its_names(name):
    assert spine.find_chapter(name).folder.name == "03_update_delete"


@pytest.mark.parametrize(
    ("name", "label"),
    [("2a", "2.a"), ("2A", "2.a"), ("2.a", "2.a"), ("61", "6.1"), ("6.1", "6.1"), ("20", "2.0")],
)
def test_a_section_goes_by_each_of_its_names(name, label):
    assert spine.find_section(name).label == label


@pytest.mark.parametrize("section", ["61", "6.1"])
@pytest.mark.parametrize("command", ["test {}", "test 6 {}", "notebook {}"])
def test_a_section_without_a_letter_goes_by_both_everywhere(started, command, section):
    main(command.format(section).split())

    assert any(re.search("test_61_|6_testing", str(word)) for word in started)


@pytest.mark.parametrize("section", ["20", "2.0"])
def test_and_so_in_differences(capsys, section):
    main(["diff", "1", "2", section])

    assert "+++ 02_create_read/tests/test_20_database.py" in capsys.readouterr().out


def test_words_for_a_program_are_refused_where_none_is_started():
    assert refusal("outline", "--", "-x").startswith("Only `test` and `notebook` start a program")


def test_the_outline_has_every_section_with_its_minutes_and_files(capsys):
    main(["outline"])

    outline = capsys.readouterr().out
    for chapter in spine.chapters():
        for section in chapter.sections:
            assert re.search(rf"  {section.label:<5} .* {section.minutes}\n", outline)
            assert f"{chapter.folder.name}/tests/{section.tests.name}" in outline
            assert f"notebooks/{section.notebook.name}" in outline


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
        assert output.endswith("9 files differ: 1,547 lines more (+), 3 less (-)\n")

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
        assert refusal("diff", "1", "2", "2z").startswith(
            "There is no section '2z'. There is: 2.a,"
        )

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
            "Section 2d has parts. Name one of them: 2.d1 (Who), 2.d2 (What)."
        )

    def test_a_chapter_is_no_section_that_has_parts(self):
        assert refusal("notebook", "7").startswith("There is no chapter '7'. There is: 1 (01_one),")

    def test_the_outline_has_the_parts_with_their_minutes(self, capsys):
        main(["outline"])

        outline = capsys.readouterr().out
        for part in (r"2\.d1  Who +5", r"2\.d2  What +7", r"2\.0   From one file to many +5"):
            assert re.search(rf"^  {part}$", outline, re.MULTILINE)
        assert "  2.d  " not in outline

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
            (["3", "9z"], "There is no section '9z'. There is: 2.a, 2.b,"),
            (["9", "2d"], "There is no chapter '9'. There is: 1 (01_one),"),
        ],
    )
    def test_what_is_not_there_is_told_in_a_line(self, arguments, told):
        assert refusal("test", *arguments).startswith(told)


def test_a_failure_in_a_carried_suite_is_repeated_in_its_chapter():
    nodeid = "02_create_read/tests/test_1a_first_routes.py::Promises::test_that_holds"

    assert report.command_for(nodeid) == "test 2 1a"


def test_a_failure_in_6_1_is_repeated_by_its_name_in_the_lesson():
    assert report.command_for("06_testing/tests/test_61_test_client.py::A::test_b") == "test 6.1"


def test_a_slow_tests_seconds_are_those_of_its_parts_and_only_ten_are_named():
    slow = {"": [took("b", 0.3), took("a", 1.0)], "passed": [took("b", 0.3), took("quick", 0.4)]}
    many = {"passed": [took(f"each{number}", 2.0) for number in range(20)]}

    assert report.slowest(slow) == [("a", 1.0), ("b", 0.6)]
    assert len(report.slowest(many)) == 10


def took(nodeid, duration):
    return SimpleNamespace(nodeid=nodeid, duration=duration)


@pytest.fixture
def started(monkeypatch):
    """What `test` or `notebook` would have started: the groups that it needs, and words."""
    started = []
    monkeypatch.setattr("course.setup.environment.ensure", lambda *groups: groups)
    monkeypatch.setattr("course.jupyter.copies.update", list)
    for command in ("test", "notebook"):
        monkeypatch.setattr(
            f"course.commands.{command}.hand_over", lambda words, **_: started.extend(words)
        )
    yield started
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, []), "Ctrl-C works"


def test_everything_is_tested_once_and_quickly(started):
    main(["test"])

    assert started[0] == ("extending", "securing", "testing", "checking")
    assert started[started.index("-m", 3) + 1] == "not (needs_index or needs_servers or slow)"
    assert started[started.index("-n") + 1] == "logical", "each core should take part"
    targets = [target for target in started if isinstance(target, Path)]
    assert spine.ROOT / "tests" in targets
    for chapter in spine.chapters()[:4]:
        assert chapter.folder in targets
    assert spine.find_chapter("6").folder in targets


def test_all_leaves_nothing_out(started):
    main(["test", "--all"])

    assert started[0] == selection.ALL_GROUPS
    assert started[started.index("-m", 3) + 1] == ""
    for target in [*(chapter.folder for chapter in spine.chapters()), spine.ROOT / "tests"]:
        assert target in started


def test_all_of_a_part_is_refused():
    assert refusal("test", "2a", "--all") == (
        "--all is for the whole course. Type: python3 -m course test --all"
    )


@pytest.fixture
def twins(tmp_path, monkeypatch):
    """Two chapters of one API, of which the later one has a suite more; return their folders."""
    for name in ("05_one", "06_two"):
        for file in ("README.md", "cinema/api.py", "tests/__init__.py", "tests/test_5a_same.py"):
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(name if file == "README.md" else file)
    (tmp_path / "06_two" / "tests" / "test_61_more.py").touch()
    monkeypatch.setattr(spine, "ROOT", tmp_path)
    monkeypatch.setattr(selection, "ROOT", tmp_path)
    return tmp_path / "05_one", tmp_path / "06_two"


def test_suites_that_two_chapters_have_are_run_in_the_later_one(twins):
    assert selection.quick_targets() == [spine.ROOT / "tests", twins[1]]


@pytest.mark.parametrize("file", ["cinema/api.py", "tests/__init__.py", "cinema/new.py"])
def test_suites_of_two_apis_are_run_in_both(twins, file):
    (twins[0] / file).write_text("another")

    assert selection.quick_targets() == [spine.ROOT / "tests", *twins]


def test_suite_that_was_changed_is_run_in_both(twins):
    suite = twins[0] / "tests" / "test_5a_same.py"
    suite.write_text("another")

    assert selection.quick_targets() == [spine.ROOT / "tests", suite, twins[1]]


def test_what_running_leaves_makes_no_difference(twins):
    for file in ("instance/cinema.db", "cinema/__pycache__/api.pyc", ".pytest_cache/x"):
        (twins[0] / file).parent.mkdir(parents=True)
        (twins[0] / file).touch()

    assert selection.quick_targets() == [spine.ROOT / "tests", twins[1]]


@pytest.mark.parametrize(
    ("name", "notebook", "groups"),
    [
        ("1", "1_getting_started", ()),
        ("1c", "1_getting_started", ()),
        ("2a", "2a_create", ()),
        ("2.b", "2b_read", ()),
        ("4b", "4b_caching", ("extending",)),
        ("5", "5a_https", ("extending", "securing")),
        ("6.2", "6_testing", ("extending", "securing", "testing")),
    ],
)
def test_a_notebook_is_opened_with_no_more_than_its_chapter_needs(started, name, notebook, groups):
    main(["notebook", name, "--no-browser"])

    assert started[0] == ("notebook", *groups)
    assert f"--LabApp.default_url=/lab/tree/my_notebooks/{notebook}.ipynb" in started
    assert "--no-browser" in started


def test_a_notebook_installs_a_server_when_it_first_needs_it(monkeypatch):
    asked = []
    monkeypatch.setattr(programs, "ensure_here", lambda *groups: asked.extend(groups))
    monkeypatch.setattr(programs.Program, "find", lambda _: "/bin/nginx" if asked else None)

    assert programs.NGINX.insist() == "/bin/nginx"
    assert asked == ["servers"]
