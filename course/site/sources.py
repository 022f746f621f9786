"""The files that the site is made of, and the page where each of them is shown."""

import posixpath
import subprocess
from functools import cache

from course.errors import CourseError
from course.spine import ROOT, chapters

LARGE = 40_000  # bytes: what nobody reads line by line; it is linked as it is
PROSE = (".md", ".ipynb")
LEFT_OUT = ("tests/", "course/")  # no lesson is there


@cache
def tracked():
    """Return the paths of the course's files, as git knows them. Raises CourseError without git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        ).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        raise CourseError(
            "The site is made of the files that git knows. Get the course by `git clone`, "
            "and type the same command again."
        ) from None
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def lessons():
    """Return the paths of what becomes pages of text: Markdown and notebooks."""
    return tuple(
        name
        for name in tracked()
        if name.endswith(PROSE) and (name == PUBLISHING or not name.startswith(LEFT_OUT))
    )


PUBLISHING = "course/site/README.md"


@cache
def chapter_names():
    return tuple(chapter.folder.name for chapter in chapters())


def chapter_of(name):
    """Return the name of the chapter's folder that a file is in, or None."""
    folder = name.partition("/")[0]
    return folder if folder in chapter_names() else None


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def copies():
    """Return, by path within a chapter and content, the paths of the files that are the same."""
    same = {}
    for name in tracked():
        if chapter_of(name):
            key = name.partition("/")[2], (ROOT / name).read_bytes()
            same.setdefault(key, []).append(name)
    return same


def copies_of(name):
    """Return all paths of a file that several chapters have to the byte; first the earliest."""
    if not chapter_of(name):
        return [name]
    return copies()[name.partition("/")[2], (ROOT / name).read_bytes()]


def is_shown(name):
    """Tell whether a file has a page of code; the others are data, linked as they are."""
    return (ROOT / name).stat().st_size <= LARGE


def page_of(name):
    """Return where the site shows a file: `02_create_read/index.html`, or a page of code."""
    if name in lessons():
        return f"{document_of(name)}.html"
    first = copies_of(name)[0]
    return f"{first}.html" if is_shown(first) else first


def document_of(name):
    """Return what Sphinx calls a lesson: `02_create_read/index` for the chapter's README.md."""
    stem, _ = posixpath.splitext(name)
    return posixpath.join(posixpath.dirname(stem), "index") if stem.endswith("README") else stem


def way(page, target):
    """Return the relative link from one page of the site to another."""
    return posixpath.relpath(target, posixpath.dirname(page) or ".")
