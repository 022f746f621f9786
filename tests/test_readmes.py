"""READMEs: whatever they print is what happens when it is typed in."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import prose
import pytest
from comparison import is_quoted_from
from console import Terminal, replay, steps
from course_files import label, tracked_files
from whole_course import WholeCourse

from course.building.typist import steps_of_solution as all_steps

READMES = [prose.read(file) for file in tracked_files() if file.suffix == ".md"]
KINDS = {"console", "pycon", "python", "powershell", "bat", "mermaid", "text"}
OFFLINE = {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}  # nothing must be fetched: all is borrowed
GUESS = re.compile(r"\. Did you mean: .*$", re.MULTILINE)

needs_bash = pytest.mark.skipif(os.name == "nt", reason="the lessons' commands are for bash")


def blocks_of_kind(*kinds):
    return [block for readme in READMES for block in readme.blocks if block.language in kinds]


CONSOLE = blocks_of_kind("console")
PLAYED = [block for block in CONSOLE if not block.is_for_the_chapter_alone]  # test_standalone.py
SECTIONS = dict.fromkeys((block.file, block.section) for block in PLAYED)
TYPED = {step.code for readme in READMES for step in all_steps(readme.text)}


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: label(readme.file))
def test_every_block_is_of_a_kind_that_is_checked(readme):
    others = [str(block) for block in readme.blocks if block.language not in KINDS]

    assert not others, f"write these blocks as one of {', '.join(sorted(KINDS))}"


@pytest.mark.slow
@needs_bash
@pytest.mark.parametrize(
    ("file", "section"), SECTIONS, ids=[f"{label(file)}: {section}" for file, section in SECTIONS]
)
def test_commands_print_what_the_lesson_shows(file, section):
    if differences := play(readme_of(file))[section]:
        pytest.fail("\n\n".join(differences), pytrace=False)


def readme_of(file):
    """Return the README to which a page of a lesson belongs; a README belongs to itself."""
    return file.parent.parent / "README.md" if file.parent.name == "lessons" else file


@cache
def play(file):
    """Type in all commands of a README and then of its pages, in a copy of the course."""
    with TemporaryDirectory(prefix="lesson-") as folder:
        course = WholeCourse(Path(folder, "course"))
        programs = [course.programs, Path(sys.executable).parent]
        with Terminal(course.folder, programs, **OFFLINE) as terminal:
            mine = [block for block in PLAYED if readme_of(block.file) == file]
            return replay(sorted(mine, key=lambda block: block.file != file), terminal)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return WholeCourse(tmp_path_factory.mktemp("course"))


@pytest.mark.parametrize("block", blocks_of_kind("pycon"), ids=str)
def test_python_session_prints_what_the_lesson_shows(block, course):
    chapter = readme_of(block.file).parent
    session = course.folder / label(chapter) / f"{block.file.name}.session"
    text = GUESS.sub("...", block.text)  # a doctest before Python 3.12 does not know them
    session.write_text("\n" * (block.line - 1) + text)  # so that doctest counts lines as we do

    doctest = [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", session.name]
    done = subprocess.run(doctest, cwd=session.parent, check=False, capture_output=True, text=True)

    assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    "block", [block for block in blocks_of_kind("python") if block.text not in TYPED], ids=str
)
def test_quoted_code_is_the_chapters(block):
    """What a lesson says to type is typed by test_lessons_typed.py, or test_solutions.py."""
    chapter = readme_of(block.file).parent
    modules = [file for file in tracked_files(chapter) if file.suffix == ".py"]

    assert any(is_quoted_from(file.read_text(encoding="utf-8"), block.text) for file in modules), (
        f"{block}: no file in {label(chapter)} has these lines, in this order:\n{block.text}"
    )


@pytest.mark.parametrize("block", blocks_of_kind("powershell", "bat"), ids=str)
def test_commands_for_windows_are_those_for_other_systems(block):
    others = [
        step.command for other in CONSOLE if other.file == block.file for step in steps(other)
    ]

    for command in block.text.splitlines():
        assert in_bash(command) in others, f"{block}: {command!r} is not {in_bash(command)!r}"


def in_bash(command):
    return re.sub(r"^py\b", "python3", command).replace("curl.exe", "curl").replace("\\", "/")
