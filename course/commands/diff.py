"""show what one chapter changes in another, by file"""

import difflib
from collections import Counter

from course.errors import CourseError
from course.spine import ROOT, find_chapter, find_sections, is_section_id
from course.terminal import painted_difference

EXAMPLES = ("diff 2 3", "diff 2 3 movies.py", "diff 3 4 4a1", "diff 3 4 4a")
LEFT_BY_RUNNING = {"__pycache__", "instance"}
TOO_LONG = 1000  # lines: data, which nobody reads in a diff


def add_arguments(parser):
    parser.add_argument("old", help="a chapter")
    parser.add_argument("new", help="another, later one")
    parser.add_argument(
        "part",
        nargs="?",
        help="only this file, or files such as '*.md', or those of section 4b, "
        "or of its part 4a1, or of all parts of 4a",
    )


def main(options):
    chapter = find_chapter(options.new)
    old, new = find_chapter(options.old).folder, chapter.folder
    names = choose(options.part, files(old) | files(new), chapter)
    total = Counter()
    for name in sorted(names, key=lessons_last):
        difference = compare(old / name, new / name)
        total.update(line[0] for line in difference[2:])
        total["files"] += bool(difference)
        if len(difference) > TOO_LONG and len(names) > 1:
            difference = [*difference[:2], f"{len(difference):,} lines; to see them, name the file"]
        for line in difference:
            print(painted_difference(line))
    print(f"{total['files']} files differ: {total['+']:,} lines more (+), {total['-']:,} less (-)")
    return 0


def choose(part, names, chapter):
    """Return those of the files' names that are meant."""
    if not part:
        return names
    if is_section_id(part):
        chosen = names & chapter.files_of(find_sections(part))
        if not chosen:
            raise CourseError(f"The lesson of chapter {chapter.number} names no file of {part}.")
        return chosen
    chosen = {name for name in names if name.match(part)}
    if not chosen:
        raise CourseError(f"No file there is called {part!r}. Leave it out to see all.")
    return chosen


def files(folder):
    """Return the paths, in a chapter's folder, of what was written and not left by running it."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path
        for path in paths
        if not any(part in LEFT_BY_RUNNING or part.startswith(".") for part in path.parts)
    }


def lessons_last(name):
    return name.suffix == ".md", name


def compare(old, new):
    """Return the lines of a unified diff; none if the files are the same."""
    before, after = lines(old), lines(new)
    return list(difflib.unified_diff(before, after, label(old), label(new), lineterm=""))


def lines(path):
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def label(path):
    return path.relative_to(ROOT).as_posix() if path.exists() else "/dev/null"
