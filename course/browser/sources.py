"""What of the repository goes to the browser: text files as they stand, and what the page asks."""

import json
import re
import subprocess

from course.browser import console
from course.browser.links import TRY_CHAPTERS
from course.building.promise import sections as sections_with_promises
from course.spine import ROOT, chapters, find_chapter

OF_THE_COURSE = re.compile(  # what Python imports there, and the lessons that promises name
    r"course/(__init__|errors|spine|tasks|terminal)\.py$"
    r"|course/(building/[a-z]+|notebooks/(__init__|show)|browser/__init__|browser/inside/[a-z_]+)\.py$"
    r"|promises/[^5].*\.py$"  # what those of chapters 1 to 4 begin with, too
    r"|0[1234]_[a-z_]+/(README\.md|lessons/.+)$"
)
FOR_NOTEBOOKS = re.compile(
    r"course/(__init__|errors|spine|terminal)\.py$"
    r"|course/(building/(__init__|settings|traces)|notebooks/(__init__|show))\.py$"
    r"|course/browser/(__init__\.py|inside/[a-z_]+\.py)$"
    r"|0[123]_[a-z_]+/(README\.md|cinema.*)$"
)
NOT_EDITED = re.compile(r"/(README\.md|SECURITY\.md|lessons/.*)$")


def listed(*paths):
    """Return the files that git knows, as paths from the root."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True, text=True)
    return sorted(name for name in answer.stdout.split("\0") if name and (ROOT / name).is_file())


def texts(names):
    return {name: (ROOT / name).read_text(encoding="utf-8") for name in names}


def course_files():
    return texts(name for name in listed() if OF_THE_COURSE.match(name))


def chapter_files(chapter):
    return texts(n for n in listed(chapter.folder.name) if not NOT_EDITED.search(n))


def about(chapter):
    """Return what the page of a chapter has to know."""
    return {
        "number": chapter.number,
        "title": chapter.title,
        "folder": chapter.folder.name,
        **console.about(chapter.number),
        "promises": [
            {"id": section.id, "name": name_of(section)}
            for section in chapter.sections
            if section.id in sections_with_promises()
        ],
        "suites": suites(chapter),
        "files": chapter_files(chapter),
    }


def suites(chapter):
    """Return the sections with tests in a chapter, and the pattern of the names of their files."""
    return [
        {"name": name_of(section), "pattern": f"test_{section.id}_*.py"}
        for each in chapters()
        for section in each.sections
        if chapter.suites_of(section)
    ]


def name_of(section):
    return f"{section.label} {section.title.replace('`', '')}"


def write_all(folder):
    """Write what the page reads, a JSON file for the course and one for each chapter."""
    write(folder / "course.json", course_files())
    for number in TRY_CHAPTERS:
        write(folder / f"chapter{number}.json", about(find_chapter(str(number))))


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
