"""Links and paths in prose lead to something that is there."""

import json
import re

import prose
import pytest
from course_files import ROOT, is_left_by_running, label, tracked_files

from course.building.typist import steps_of_solution
from course.command_line import build_parser

FILES = tracked_files()
PATHS = "\n".join(f"/{label(file)}" for file in FILES) + "\n"
PATH = re.compile(r"\.?[\w-]+(/[\w.-]+)*(/|\.(db|in|ipynb|json|lock|md|py|toml|txt))")
COURSE_COMMAND = re.compile(r"python3? -m course (.+)")
MACHINE = re.compile(rf"{re.escape(str(ROOT))}\b|/(home|root|Users)/\w|[A-Z]:\\Users\\\w")


def texts():
    """Return all prose of the course: its Markdown files, and the Markdown of its notebooks."""
    for file in FILES:
        if file.suffix == ".md":
            yield prose.read(file)
        if file.suffix == ".ipynb":
            cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
            markdown = [
                "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
            ]
            yield prose.Prose(file, "\n\n".join(markdown))


TEXTS = list(texts())
every_text = pytest.mark.parametrize("text", TEXTS, ids=lambda text: label(text.file))


@every_text
def test_links_lead_to_a_file_and_a_heading(text):
    broken = [
        f"line {line}: {link}" for line, link in text.links if not leads_somewhere(link, text)
    ]

    assert not broken, f"{label(text.file)} links to what is not there"


def leads_somewhere(link, text):
    if link.startswith(("https://", "http://127.0.0.1")):
        return True
    target, _, anchor = link.partition("#")
    file = (text.file.parent / target).resolve() if target else text.file
    anchors = prose.read(file).anchors if file.suffix == ".md" and file.exists() else text.anchors
    return file in FILES and (not anchor or anchor in anchors)


@every_text
def test_paths_in_prose_exist(text):
    typed = {step.file for step in steps_of_solution(text.text)}  # a solution may add a file
    missing = [
        f"line {line}: {word}"
        for line, word in text.code_words
        if PATH.fullmatch(word) and word not in typed and not exists(word)
    ]

    assert not missing, f"{label(text.file)} names files that are not there"


def exists(path):
    """Tell whether this is the end of a file's path, or a folder's, or is left by running."""
    end = "" if path.endswith("/") else "\n"
    return f"/{path}{end}" in PATHS or is_left_by_running(path)


@every_text
def test_commands_of_the_course_in_prose_are_understood(text):
    refused = [
        f"line {line}: {word}"
        for line, word in text.code_words
        if (command := COURSE_COMMAND.fullmatch(word)) and not is_understood(command[1].split())
    ]

    assert not refused, f"{label(text.file)} names commands that do not work"


def is_understood(arguments):
    try:
        build_parser().parse_args(arguments)
    except SystemExit:
        return False
    return True


def test_no_file_names_a_path_of_this_machine():
    contents = {file: file.read_text(encoding="utf-8", errors="replace") for file in FILES}

    found = [
        f"{label(file)}: {path[0]}" for file in FILES for path in MACHINE.finditer(contents[file])
    ]

    assert not found, "what is on this machine is on no other"
