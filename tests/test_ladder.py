"""The ladder: each chapter stands alone, is the one before and one idea more, and says so."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path, PurePath

import pytest
from course_files import ROOT, label, tracked_files
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course.building.lesson_code import typed_in
from course.spine import chapters

CHAPTERS = chapters()
ROW = re.compile(r"^\| `([^`]+)` \| (\w+) \| .*\|$", re.MULTILINE)
OWN = {"auth_service", "authorization_server", "cinema", "fast", "tests", "with_flask_security"}

LATER_CHAPTERS = CHAPTERS[1:]  # in the first, all is in one file

every_chapter = pytest.mark.parametrize(
    "chapter", CHAPTERS, ids=lambda chapter: chapter.folder.name
)


every_later_chapter = pytest.mark.parametrize(
    "chapter", LATER_CHAPTERS, ids=lambda chapter: chapter.folder.name
)


def contents(chapter):
    """Return the bytes of a chapter's files, by their path in the chapter."""
    files = tracked_files(chapter.folder)
    return {file.relative_to(chapter.folder).as_posix(): file.read_bytes() for file in files}


def sections_told(chapter):
    """Return, of each new or changed file, the ids of the sections that its row names."""
    rows = ROW.findall(chapter.lesson.partition("\n## Files\n")[2])
    return {
        name: [each.id for each in chapter.sections if Path(name) in chapter.files_of([each])]
        for name, _ in rows
    }


def imported_files(name, files):
    """Return the paths of those of a chapter's files that one of them imports."""
    found = set()
    for node in ast.walk(ast.parse(files[name])):
        if isinstance(node, ast.ImportFrom):
            place = PurePath(name).parents[node.level - 1] if node.level else PurePath()
            module = place.joinpath(*(node.module or "").split("."))
            found |= {module, *(module / alias.name for alias in node.names)}
    paths = {path.as_posix() for path in found}
    return {f"{path}{end}" for path in paths for end in (".py", "/__init__.py")} & files.keys()


def imports(source):
    """Return the names of the packages that a module imports from elsewhere."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names}


@every_chapter
def test_file_table_is_true(chapter):
    before = [other for other in CHAPTERS if other.number < chapter.number]
    old, new = contents(before[-1]) if before else {}, contents(chapter)
    for lesson in [name for name in new if name == "README.md" or name.startswith("lessons/")]:
        del new[lesson]  # in which the table stands, and to whose pages the headings lead

    true = {name: "changed" if name in old else "new" for name in new if old.get(name) != new[name]}
    told = dict(ROW.findall(chapter.lesson.partition("\n## Files\n")[2]))

    assert told == true, (
        f"the table tells {sorted(told.items() - true.items())}, "
        f"but true is {sorted(true.items() - told.items())}"
    )


@every_later_chapter
def test_file_table_says_which_sections_each_file_is_of(chapter):
    nameless = [name for name, ids in sections_told(chapter).items() if not ids]

    assert not nameless, "`diff` and `solution` ask for the files of a section"


@every_later_chapter
def test_file_table_names_the_sections_that_type_into_a_file(chapter):
    told = sections_told(chapter)

    missing = [
        f"{file.as_posix()}: {section.label}"
        for section in chapter.sections
        for file in sorted(typed_in(chapter, section))
        if section.id not in told.get(file.as_posix(), [section.id])  # deleted, or the same
    ]

    assert not missing


@every_later_chapter
def test_file_table_names_the_sections_whose_new_modules_a_file_imports(chapter):
    told = sections_told(chapter)
    order = [section.id for section in chapter.sections]
    rows = ROW.findall(chapter.lesson.partition("\n## Files\n")[2])
    new = {name for name, state in rows if state == "new"}
    files = contents(chapter)

    missing = [
        f"{name} imports {imported} of {told[imported][0]}"
        for name in told
        if name.endswith(".py") and not name.startswith("tests/")
        for imported in sorted(imported_files(name, files) & new)
        if order.index(told[imported][0]) > order.index(told[name][-1])
    ]

    assert not missing


def test_chapter_about_tests_leaves_the_api_as_it_is():
    *_, old, new = (contents(chapter) for chapter in CHAPTERS)
    not_api = ("README.md", "lessons/", "requirements.txt", "tests/", "faults.toml", "your_suite/")

    api = {name: body for name, body in new.items() if not name.startswith(not_api)}

    assert api == {name: body for name, body in old.items() if not name.startswith(not_api)}


@every_chapter
def test_section_has_lesson_notebook_and_tests(chapter):
    assert chapter.sections
    for section in chapter.sections:
        name = f"{section.id}_"
        assert section.tests in tracked_files(chapter.folder / "tests")
        assert section.tests.name.startswith(f"test_{name}")
        assert section.notebook in tracked_files(ROOT / "notebooks")
        assert section.notebook.name.startswith((name, f"{chapter.number}_"))


@every_chapter
def test_no_notebook_or_suite_is_without_a_section(chapter):
    tests = [file for file in tracked_files(chapter.folder) if file.name.startswith("test_")]
    suites = {file for file in tests if file.parent.name != "your_suite"}  # the learner's
    notebooks = set((ROOT / "notebooks").glob(f"{chapter.number}*.ipynb"))
    sections = [section for other in CHAPTERS for section in other.sections]

    belonging = {suite.name for section in sections for suite in section.suites}
    assert {suite.name for suite in suites} <= belonging
    assert notebooks == {section.notebook for section in chapter.sections}


@every_chapter
def test_chapter_imports_only_itself_and_what_it_requires(chapter):
    installed = packages_distributions()
    required = with_what_they_require(
        (chapter.folder / "requirements.txt").read_text().splitlines()
    )
    modules = [name for name in contents(chapter) if name.endswith(".py")]

    for module in modules:
        for name in imports(contents(chapter)[module]) - OWN - sys.stdlib_module_names:
            packages = {canonicalize_name(package) for package in installed.get(name, [name])}
            assert packages & required, f"{module} imports {name}, which requirements.txt lacks"


def with_what_they_require(lines):
    """Return the names of the packages on these lines of a requirements file, and of theirs."""
    names, rest = set(), [line.partition("#")[0] for line in lines]
    while rest:
        requirement = Requirement(rest.pop())
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and name not in names:
            names.add(name)
            rest += requires(name) or []
    return names


@every_chapter
def test_chapter_holds_no_conftest(chapter):
    assert "conftest.py" not in " ".join(contents(chapter))


@every_chapter
def test_front_door_leads_to_the_chapter_and_knows_its_minutes(chapter):
    minutes = sum(section.minutes for section in chapter.sections)
    link = re.escape(f"[{chapter}]({label(chapter.folder)}/README.md)")
    front_door = (ROOT / "README.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| {link} \| .* \| {minutes} \|$", front_door, re.MULTILINE), (
        f"the map in README.md should have a row for chapter {chapter}, with {minutes} minutes"
    )
