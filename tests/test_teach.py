"""`python3 -m course teach`: run sheets, plans of days, and the notes in the notebooks."""

import json
import os
import pty
import re
from contextlib import suppress

import prose
import pytest
from course_files import label, tracked_files

from course import spine
from course.command_line import main
from course.teaching import notes, plans, run_sheet

NOTEBOOKS = [file for file in tracked_files() if file.suffix == ".ipynb"]
ALL = [section for chapter in spine.chapters() for section in chapter.sections]
LESSON = """# 9 · Nine

## 9.a First

*3 minutes · notebook [nine](../notebooks/9_nine.ipynb)*

## 9.b Second

*2 minutes · notebook [nine](../notebooks/9_nine.ipynb)*
"""
BEGINNING = """**1½ min.** Say what a *number* is.

**Before:** `python3 -m course notebook 9a`, zoomed.

**They ask:** "Why?" Because [it is](../README.md) so.

**Reset:** Restart the kernel."""
WITHOUT_MINUTES = 'Note 9-01n must begin with its minutes, such as "**1½ min.** Say …".'

every_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=label)


def cell(name, kind, text, slide):
    return {
        "id": name,
        "cell_type": kind,
        "source": text.splitlines(keepends=True),
        "metadata": {"slideshow": {"slide_type": slide}},
    }


@pytest.fixture
def nine(tmp_path, monkeypatch):
    """A course of one chapter, 9, whose notebook has two sections and four slides."""
    for module in (spine, notes):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "09_nine").mkdir()
    (tmp_path / "09_nine" / "README.md").write_text(LESSON)
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "9_nine.ipynb"
    cells = [
        cell("9-01", "markdown", "# 9 · Nine\n\nHere.", "slide"),
        cell("9-02", "code", "1 + 1", "-"),
        cell("9-01n", "markdown", BEGINNING, "notes"),
        cell("9-03", "markdown", "One **word** after another makes a long line:", "subslide"),
        cell("9-03n", "markdown", "**1½ min.** Say more.", "notes"),
        cell("9-04", "markdown", "## 9.b Second\n\nThere.", "slide"),
        cell("9-05", "markdown", "More.", "fragment"),
        cell("9-04n", "markdown", "**1 min.** Say `this`.\n\n**Open:** `nine.py`.", "notes"),
        cell("9-06", "code", "2 + 2\n4 + 4", "subslide"),
        cell("9-06n", "markdown", "**1 min.** Compute.", "notes"),
    ]
    path.write_text(json.dumps({"cells": cells}))
    return path


def change(notebook, number, text):
    content = json.loads(notebook.read_text())
    content["cells"][number]["source"] = text
    notebook.write_text(json.dumps(content))


def printed(capsys, command):
    assert main(["teach", *command.split()]) == 0
    return capsys.readouterr().out


def refusal(command):
    with pytest.raises(SystemExit) as refused:
        main(["teach", *command.split()])
    return str(refused.value)


# The run sheet of a section


@pytest.mark.usefixtures("nine")
class TestRunSheet:
    def test_it_shows_each_slide_by_the_clock_then_the_reset(self, capsys):
        assert printed(capsys, "9a") == (
            "9.a   First: 3 minutes, notebooks/9_nine.ipynb\n"
            "  Before      `python3 -m course notebook 9a`, zoomed.\n"
            "\n"
            "0:00  1½ min. 9 · Nine\n"
            "  Say         Say what a number is.\n"
            '  They ask    "Why?" Because it is so.\n'
            "\n"
            "0:01½ 1½ min. One word after another makes a long line:\n"
            "  Say         Say more.\n"
            "\n"
            "0:03  The end of 9.a\n"
            "  Reset       Restart the kernel.\n"
        )

    def test_a_section_inside_a_notebook_begins_at_its_heading(self, capsys):
        sheet = printed(capsys, "9b")

        assert "\n0:00  1 min.  9.b Second\n  Say         Say `this`.\n" in sheet
        assert "\n  Open        `nine.py`.\n\n0:01  1 min.  2 + 2\n" in sheet
        assert "\n  Before      `python3 -m course notebook 9a`, zoomed.\n" in sheet
        assert "9 · Nine" not in sheet

    def test_a_chapter_shows_all_its_sections(self, capsys):
        sheet = printed(capsys, "9")

        assert sheet == printed(capsys, "9.A") + "\n" + printed(capsys, "9b")

    def test_a_notebook_without_notes_says_so_in_one_line(self, nine, capsys):
        content = json.loads(nine.read_text())
        content["cells"] = content["cells"][:2]
        nine.write_text(json.dumps(content))

        assert printed(capsys, "9a") == (
            "9.a First: notebooks/9_nine.ipynb has no speaker notes yet.\n"
        )

    @pytest.mark.parametrize("columns", [40, 60, 100, 300])
    def test_lines_are_as_long_as_the_terminal_is_wide(self, nine, capsys, monkeypatch, columns):
        change(nine, 2, "**1 min.** " + "One word and another, " * 30)
        monkeypatch.setenv("COLUMNS", str(columns))

        longest = max(map(len, printed(capsys, "9a").splitlines()))

        assert min(columns, 100) - 10 < longest <= min(columns, 100)

    def test_a_command_is_not_cut_in_two(self, nine, capsys, monkeypatch):
        change(nine, 2, "**1 min.** Type in the terminal: `python3 -m course run 9`.")
        monkeypatch.setenv("COLUMNS", "50")

        assert "\n              `python3 -m course run 9`.\n" in printed(capsys, "9a")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("Say it.", 'Note 9-01n must begin with its minutes, such as "**1½ min.** Say …".'),
            ("**½ min.**", 'Note 9-01n must begin with its minutes, such as "**1½ min.** Say …".'),
            (
                "** min.** Say",
                'Note 9-01n must begin with its minutes, such as "**1½ min.** Say …".',
            ),
            (
                "**1 min.** Say\n\n**Ask:** who?",
                "Note 9-01n has a paragraph that begins with none of **Before:**, **Open:**, "
                "**They ask:**, **If it fails:**, **Reset:**: **Ask:** who?",
            ),
            (
                "**1 min.** Say\n\n**They ask:** who?\n\n**Open:** it",
                "Note 9-01n must have its paragraphs in this order: "
                "Before, Open, They ask, If it fails, Reset.",
            ),
        ],
    )
    def test_a_note_that_is_not_written_so_is_named(self, nine, text, told):
        change(nine, 2, text)

        assert refusal("9a") == told


def pieces(terminal):
    """Yield what a terminal was given; a read returns a part, and the end is an error."""
    with suppress(OSError):
        while piece := os.read(terminal, 10_000):
            yield piece


@pytest.mark.skipif(os.name == "nt", reason="uses a POSIX terminal")
def test_headings_are_bold_in_a_terminal_and_plain_elsewhere(nine, capfd, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\033" not in printed(capfd, "9a")
    reader, writer = pty.openpty()

    with open(writer, "w") as terminal, monkeypatch.context() as patch:  # noqa: PTH123 (a descriptor)
        patch.setattr("sys.stdout", terminal)
        main(["teach", "9a"])
    shown = b"".join(pieces(reader)).decode()
    os.close(reader)

    assert "\033[1m0:01½ 1½ min. One word after" in shown


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("9z", "There is no section '9z'. There is: 1.a, 1.b,"),
        ("nine", "There is no chapter 'nine'. There is: 1 (01_getting_started),"),
        ("--days 3", "There is no plan of 3 days. There is: --days 1, --days 2, --weeks 6."),
        ("--days 0", "There is no plan of 0 days. There is: --days 1, --days 2, --weeks 6."),
        ("--weeks 1", "There is no plan of 1 week. There is: --days 1, --days 2, --weeks 6."),
        ("2a --days 1", "A plan has sections of its own: leave out the section, or the rest."),
        ("2a --start 9:00", "A plan has sections of its own: leave out the section, or the rest."),
        ("--start 25:00", "'25:00' is no time of the day. Write it so: --start 09:00"),
        ("--start noon", "'noon' is no time of the day. Write it so: --start 09:00"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(typed, told):
    assert refusal(typed).startswith(told)


# The plans


def test_a_day_begins_at_nine_and_has_breaks_and_lunch(capsys):
    day = printed(capsys, "")

    assert day.startswith("One day: ")
    assert "\n  09:00  1.a   First routes and JSON (15 min.)\n" in day
    assert "\n  10:00  Break (15 min.)\n  10:15  2.0 " in day
    assert "\n  12:10  Lunch (60 min.)\n  13:10  3.a " in day
    assert "\n  16:45  The end\n" in day
    assert re.search(r"\nLeft out, \d+ minutes to read and try at home: 3\.c ", day)


def test_days_is_the_same_as_one_day(capsys):
    assert printed(capsys, "") == printed(capsys, "--days 1")


def test_an_evening_has_no_lunch(capsys):
    evening = printed(capsys, "--weeks 6 --start 18:00")

    assert "\nWeek 6: " in evening
    assert "  18:00  1.a" in evening
    assert "Lunch" not in evening


def test_six_weeks_leave_nothing_out(capsys):
    taught = [section.id for session in plans.PLANS["week", 6] for section in session.found]

    assert taught == [section.id for section in ALL]
    assert "\nNothing is left out.\n" in printed(capsys, "--weeks 6")


@pytest.mark.parametrize("plan", plans.PLANS)
def test_sections_of_a_plan_come_in_the_order_of_the_course(plan):
    taught = [section.id for session in plans.PLANS[plan] for section in session.found]

    assert taught == [section.id for section in ALL if section.id in taught]


@pytest.mark.parametrize("plan", plans.PLANS)
def test_what_a_plan_teaches_and_leaves_out_is_the_course(plan, capsys):
    unit, number = plan
    shown = printed(capsys, f"--{unit}s {number}")

    for section in ALL:
        assert len(re.findall(rf"\s{re.escape(section.label)}\s", shown)) == 1


@pytest.mark.parametrize("start", [9 * 60, 18 * 60])
@pytest.mark.parametrize("session", [each for plan in plans.PLANS.values() for each in plan])
def test_nobody_sits_for_more_than_ninety_minutes(session, start):
    steps = plans.timetable(session.found, start)

    stretch, now = 0, start
    for step in steps:
        assert step.start == now
        now += step.minutes
        stretch = stretch + step.minutes if step.section else 0
        assert stretch <= 90
        assert step.section or step.minutes >= 15
    assert [step.section for step in steps if step.section] == session.found


@pytest.mark.parametrize("session", [each for plan in plans.PLANS.values() for each in plan])
def test_a_day_ends_before_five(session):
    last = plans.timetable(session.found, 9 * 60)[-1]

    assert last.section
    assert last.start + last.minutes <= 17 * 60


# The notes of the notebooks


@every_notebook
def test_each_slide_has_exactly_one_note(notebook):
    for slide in notes.slides(notebook):
        assert [cell["id"] for cell in slide.noted] == [f"{slide.id}n"], f"slide {slide.id}"
        assert slide.noted[0]["cell_type"] == "markdown"


@every_notebook
def test_a_note_ends_its_slide(notebook):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    kinds = [each["metadata"].get("slideshow", {}).get("slide_type") for each in content["cells"]]

    for kind, following in zip(kinds, [*kinds[1:], "slide"], strict=True):
        assert kind != "notes" or following in ("slide", "subslide")


@every_notebook
def test_every_note_is_written_as_teach_reads_it(notebook):
    for slide in notes.slides(notebook):
        assert slide.note.say


@every_notebook
def test_the_first_note_alone_says_how_to_begin_and_to_reset(notebook):
    first, *others = notes.slides(notebook)

    assert len(first.note.texts("Before")) == len(first.note.texts("Reset")) == 1
    assert not [each.id for each in others if each.note.texts("Before") + each.note.texts("Reset")]


@every_notebook
def test_minutes_of_the_slides_are_those_of_the_section(notebook):
    for section in ALL:
        if section.notebook == notebook:
            taken = [slide.note.minutes for slide in notes.slides_of(section)]
            assert sum(taken) == section.minutes, f"{section.label}, slide by slide: {taken}"


@every_notebook
def test_what_a_note_says_to_open_is_there(notebook):
    """Paths begin in the course's folder; what else stands in backticks is in one of the files."""
    for slide in notes.slides(notebook):
        for text in slide.note.texts("Open"):
            words = prose.CODE_WORDS.findall(text)
            files = [word for word in words if re.fullmatch(r"[\w./-]+\.\w+", word) and "/" in word]
            missing = [file for file in files if not (spine.ROOT / file).is_file()]
            assert not missing, f"{slide.id}: paths begin in the course's folder"
            content = "".join((spine.ROOT / file).read_text(encoding="utf-8") for file in files)
            others = [word for word in words if word not in files and not is_command(word)]
            assert not [word for word in others if files and word not in content], slide.id


def is_command(word):
    return word.startswith(("python3 ", "curl ", "$ "))


@every_notebook
def test_its_run_sheet_ends_when_the_section_does(notebook):
    for section in ALL:
        if section.notebook == notebook:
            lines = list(run_sheet.of_section(section))
            end = f"{run_sheet.clock_of(section.minutes):<6}The end of {section.label}"
            assert end in lines
