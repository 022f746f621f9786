"""The suite that is tried: some files of tests, in the chapter or elsewhere."""

from glob import glob
from pathlib import Path

from course.errors import CourseError
from course.spine import find_chapter

TEST_FILES = ("test*.py", "*_test.py")


def find_suite(paths):
    """Return the files of tests that these paths, of files or of folders, lead to."""
    files = [file for path in paths for match in matches(path) for file in files_of(match)]
    if not files:
        raise CourseError(f"There is no file of tests, such as test_cinema.py, in {paths[0]}.")
    return list(dict.fromkeys(files))


def matches(path):
    """Return what a pattern such as test_6*.py matches, where the shell has left that to us."""
    return sorted(glob(str(path))) or [path]  # noqa: PTH207 (Path.glob refuses absolute patterns)


def files_of(path):
    path = Path(path)
    if path.is_dir():
        return sorted({file.resolve() for kind in TEST_FILES for file in path.rglob(kind)})
    if path.is_file() and path.suffix == ".py":
        return [path.resolve()]
    if path.exists():
        raise CourseError(f"{path} holds no tests: name a .py file, or a folder of them.")
    if path.name.isdecimal():  # it was meant for a chapter: says which there are
        find_chapter(path.name)
    raise CourseError(
        f"There is no file or folder {path}. Name your tests, as in: 06_testing/your_suite"
    )


def in_parts(files, section, tests):
    """Part the files: those of these tests that are named after a section, the others of these
    tests, and the rest. Who is found in the first part spares us the others.
    """
    start = f"test_{section.replace('.', '')}_"
    named = {test.partition(": ")[0] for test in tests}
    parts = [[], [], []]
    for file in files:
        asked = not named or file.name in named
        parts[0 if asked and file.name.startswith(start) else 1 if asked else 2].append(file)
    return [part for part in parts if part]
