"""A part of a chapter stands alone: its tests pass where the sections after it do not exist yet.

Here the chapter is built as it is when a part is done. The new files that belong to later sections
only, as the lesson's table says, are left out; where an earlier module imports one of them,
`without/SECTION/` has one that does nothing in its place, or what was done before that section.
"""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from course_files import copy_files, label

from course.spine import chapters

pytestmark = pytest.mark.slow  # runs the suites of the parts again

PARTS = ("4a1", "4a2", "4a3", "4a4", "4b", "4c", "4d", "5a", "5b", "5c", "5d1", "5d2")
MOVED = {"cinema/api/lists/by_page.py"}  # stood in cinema/api/movies.py before 4.d
NEW = re.compile(r"^\| `([^`]+)` \| new \| (\d\.\w+(?:, \d\.\w+)*): ", re.MULTILINE)
STUBS = Path(__file__).with_name("without")
IMPORTED_IN_VAIN = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
    else:
        print(name, "was imported")
"""

each_part = pytest.mark.parametrize(
    ("chapter", "section"),
    [
        pytest.param(chapter, section, id=section.id)
        for chapter in chapters()
        for section in chapter.sections
        if section.id in PARTS
    ],
)


def later_sections(chapter, section):
    ids = [each.id for each in chapter.sections]
    return chapter.sections[ids.index(section.id) + 1 :]


def later_files(chapter, section):
    """Return the paths, in the chapter, of the new files that belong to later sections only."""
    later = {each.label for each in later_sections(chapter, section)}
    rows = NEW.findall(chapter.lesson)
    return {file for file, labels in rows if set(labels.split(", ")) <= later} - MOVED


def build(chapter, section, folder, tests_too=True):
    """Make the chapter as it is when a section is done; return where it is."""
    copy_files(chapter.folder, folder)
    built = folder / label(chapter.folder)
    for file in later_files(chapter, section):
        if tests_too or not file.startswith("tests/"):
            (built / file).unlink()
    for left in sorted(built.rglob("*"), reverse=True):  # Python would import an empty folder
        if left.is_dir() and not any(left.iterdir()):
            left.rmdir()
    for later in later_sections(chapter, section):
        if (STUBS / later.id).exists():
            shutil.copytree(STUBS / later.id, built, dirs_exist_ok=True)
    return built


def python(folder, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def modules_of(section, folder):
    """Return the names of a section's test modules in a built chapter."""
    return [f"tests.{file.stem}" for file in sorted(folder.glob(f"tests/test_{section.id}_*.py"))]


@each_part
def test_part_asks_nothing_of_later_sections(chapter, section, tmp_path):
    built = build(chapter, section, tmp_path)
    modules = modules_of(section, built)

    done = python(built, "-m", "unittest", "-f", *modules)

    assert modules, f"{section.label} should have tests"
    assert done.returncode == 0, (
        f"{section.label} should pass before the sections after it are made:\n{done.stderr[-5000:]}"
    )


@each_part
def test_what_is_missing_is_said_to_be_made_in_a_later_section(chapter, section, tmp_path):
    built = build(chapter, section, tmp_path, tests_too=False)
    parts = [each for each in later_sections(chapter, section) if each.id[:2] == section.id[:2]]
    modules = [module for each in parts for module in modules_of(each, built)]
    missing = [f"section {each.label} " for each in parts]

    told = python(built, "-c", IMPORTED_IN_VAIN, *modules)

    assert told.returncode == 0, told.stderr
    assert len(told.stdout.splitlines()) == len(modules)
    for line in told.stdout.splitlines():
        assert any(name in line for name in missing), f"this should say what to make first: {line}"


@each_part
def test_tests_import_what_their_lesson_has_named(chapter, section):
    later = later_files(chapter, section)
    for file in sorted((chapter.folder / "tests").glob(f"test_{section.id}_*.py")):
        too_early = imported_files(chapter, file) & later

        assert not too_early, f"{label(file)} imports what is made later: {sorted(too_early)}"


def imported_files(chapter, file):
    """Return the paths of the chapter's modules that a file imports, and its helpers in `tests`."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            module = ".".join(filter(None, ["tests" if node.level else "", node.module]))
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        paths = [name.replace(".", "/") for name in names]
        found |= {f"{path}{end}" for path in paths for end in (".py", "/__init__.py")}
    new = {each for each in found if (chapter.folder / each).is_file()} - {"tests/__init__.py"}
    helpers = [each for each in new if each.startswith("tests/")]
    return new.union(*(imported_files(chapter, chapter.folder / each) for each in helpers))
