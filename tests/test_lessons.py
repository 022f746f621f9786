"""What lessons say around their commands: where to type them, and in which shell."""

import json
import re

import prose
import pytest
from console import steps
from course_files import label, tracked_files

from course.spine import chapters, find_chapter

READMES = [prose.read(file) for file in tracked_files() if file.name == "README.md"]
LESSONS = [prose.read(chapter.folder / "README.md") for chapter in chapters()]
WHOLE = {  # the README of each chapter, and the pages of its sections
    chapter.number: "\n".join(
        [
            chapter.lesson,
            *(chapter.text_of(each) for each in chapter.sections if each.pages),
        ]
    )
    for chapter in chapters()
}
WHAT_WINDOWS_TYPES = re.compile(r"Git\s+Bash[^.]*\bWSL\b[^.]*\bnotebooks\b")
ONLY_IN_BASH = {
    "a variable is set": r"^\w+=",
    "a quotation mark after a backslash": r'\\"',
    "double quotes within single ones (Windows PowerShell takes them away)": r"'[^']*\"[^']*'",
    "a line that goes on after a backslash": r"\\$",
    "commands in parentheses": r"^\(",
    "a program that Windows does not have": r"(^|\| *)(base64|export|grep|sort|source)\b",
    "the environment's folder": r"\.venv/bin/",
}
TO_THE_FOLDER = "`cd {}` leads there, and `cd ..` back."
PROSE = (".md", ".ipynb")
INSIDERS = re.compile(r"\bthe notes\b|base65", re.IGNORECASE)

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: label(lesson.file))


def commands(readme):
    blocks = [block for block in readme.blocks if block.language == "console"]
    return [step.command for block in blocks for step in steps(block)]


def only_in_bash(command):
    """Return why PowerShell does not take a command, or not in every version; or nothing."""
    reasons = ONLY_IN_BASH.items()
    return [why for why, pattern in reasons if re.search(pattern, command, re.MULTILINE)]


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: label(readme.file))
def test_what_powershell_does_not_take_comes_with_what_windows_users_type(readme):
    for_bash = [command for command in commands(readme) if only_in_bash(command)]

    assert not for_bash or WHAT_WINDOWS_TYPES.search(readme.outside_blocks), (
        f"{label(readme.file)} should name Git Bash, WSL and notebooks. For bash: {for_bash}"
    )


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: label(readme.file))
def test_no_lesson_says_that_powershell_takes_what_it_does_not(readme):
    claims = re.findall(r"PowerShell[^.]*\btakes\b[^.]*", readme.outside_blocks)

    assert not claims or not any(map(only_in_bash, commands(readme))), claims


@pytest.mark.parametrize(
    "command",
    [
        "KEY=$(cat 02_create_read/instance/api_key)",
        'curl http://127.0.0.1:8004/ -d "{\\"name\\": \\"bob\\"}"',
        """curl http://127.0.0.1:8004/ -d '{"name": "bob"}'""",
        "curl http://127.0.0.1:8001/ \\\n  -i",
        "echo YWxpY2U= | base64 -d",
        "cat 05_security/instance/cinema.db* | grep -ac argon2",
        "(cd 06_testing && python -m unittest)",
        "../.venv/bin/python -m unittest",
    ],
)
def test_what_powershell_does_not_take_is_found(command):
    assert only_in_bash(command)


@pytest.mark.parametrize(
    "command",
    ["curl -i -X DELETE 'http://127.0.0.1:8001/?a=1&b=2'", "python3 -m course test 1", "cd 01_a"],
)
def test_what_every_shell_takes_is_left_alone(command):
    assert not only_in_bash(command)


@every_lesson
def test_way_to_the_chapters_folder_is_told_before_it_is_needed(lesson):
    """And the way back: `python3 -m course` is not found there."""
    told = lesson.text.find(TO_THE_FOLDER.format(lesson.file.parent.name))
    needed = re.search(r"\.\./\.venv/|^```pycon", lesson.text, re.MULTILINE)

    assert told >= 0, f"{label(lesson.file)} should say how to come to the chapter's folder"
    assert not needed or told < needed.start()


@pytest.mark.parametrize(
    "file", [file for file in tracked_files() if file.suffix in PROSE], ids=label
)
def test_no_text_speaks_of_what_its_reader_has_not_seen(file):
    found = INSIDERS.findall(text_of(file))

    assert not found, f"{label(file)}: say who does so, such as many tutorials"


def text_of(file):
    """Return the prose of a lesson or a notebook."""
    if file.suffix == ".md":
        return file.read_text(encoding="utf-8")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def test_status_codes_of_4c_were_met_before_it():
    """All but the last, as the lesson says."""
    chapter = find_chapter(4)
    pages = {each.id: chapter.text_of(each) for each in chapter.sections}
    section = pages["4c"]
    before = [page for id, page in pages.items() if id < "4c"]
    earlier = "\n".join([WHOLE[number] for number in (1, 2, 3)] + before)
    named = re.findall(r"^\| (\d{3}) [A-Z]", section, re.MULTILINE)

    new = [status for status in named if not re.search(rf"\b{status}\b", earlier)]

    assert new == named[-1:] == ["501"]


@every_lesson
def test_table_of_error_codes_calls_no_name_a_title(lesson):
    """A problem's `title` is the name of its status (RFC 9457); a code has a name of its own."""
    headings = re.findall(r"^\| code \| status \| (\w+) \|", lesson.text, re.MULTILINE)

    assert set(headings) <= {"name"}
