"""The tasks of lessons and notebooks, each with its solution, as their own text tells them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from course.errors import CourseError
from course.spine import ROOT, chapters, written

SOLUTION = re.compile(
    r"^<details><summary>Solution (?P<id>[\w.]+)</summary>\n\n(?P<text>.*?)\n\n</details>$",
    re.MULTILINE | re.DOTALL,
)
YOUR_TURN = re.compile(r"^(?:#+ Your turn$|\*\*Your turn\.\*\*)", re.MULTILINE)
END = re.compile(r"^(?:#|After this|Next: )", re.MULTILINE)
ID = re.compile(r"\d(\.?[a-z]\d?|\.?\d)?\.n?\d")
ITEM = re.compile(r"^(?:\d+\. |### Task \d+\n)", re.MULTILINE)
HINT = re.compile(r"<details><summary>Hint</summary>.*?</details>", re.DOTALL)
CODE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Task:
    """What a lesson or a notebook asks of you, and what we would answer.

    The id says where it stands: 2.1 in a chapter's README, 3a.1 in the lesson of a section, 2a.n1
    in its notebook.
    """

    id: str
    file: Path
    question: str  # in Markdown, as is the solution
    solution: str


def tasks():
    """Return all tasks, those of the lessons first."""
    pages = [
        page
        for chapter in chapters()
        for page in (chapter.folder / "README.md", *sorted(chapter.folder.glob("lessons/*.md")))
    ]
    notebooks = sorted(ROOT.glob("notebooks/*.ipynb"))
    return [task for file in (*pages, *notebooks) for task in tasks_of(file)]


def tasks_of(file):
    """Return the tasks of a page or a notebook, in their order there."""
    return [task for text in texts_of(file) for task in tasks_in(text, file)]


def texts_of(file):
    """Return the parts of a file that "Your turn" begins; a part ends before what is no task."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        cells = filter(is_read_by_all, json.loads(text)["cells"])
        text = "\n\n".join("".join(cell["source"]) for cell in cells)
        text = text.replace("\n### Task", "\n ### Task")  # no heading that would end the part
    return [part_at(text, begin.end()) for begin in YOUR_TURN.finditer(text)]


def is_read_by_all(cell):
    """Tell text from code, and from speaker notes, which a class does not see."""
    slide_type = cell["metadata"].get("slideshow", {}).get("slide_type")
    return cell["cell_type"] == "markdown" and slide_type != "notes"


def part_at(text, begin):
    hidden = CODE.sub(lambda code: re.sub("[^\n]", " ", code[0]), text)
    end = END.search(hidden, begin)
    return text[begin : end.start() if end else None].replace("\n ### Task", "\n### Task")


def tasks_in(text, file):
    """Pair the questions of a part with its solutions, which are in the same order."""
    solutions = list(SOLUTION.finditer(text))
    questions = questions_in(HINT.sub("", SOLUTION.sub("", text)))
    if len(solutions) != len(questions) and solutions:
        names = ", ".join(each["id"] for each in solutions)
        raise ValueError(f"{file}: {len(questions)} tasks, and solutions to: {names}")
    return [
        Task(solution["id"], file, question, solution["text"])
        for question, solution in zip(questions, solutions, strict=bool(solutions))
    ]


def questions_in(text):
    """Return the items of the list of tasks; without a list, there is one task."""
    parts = [part.strip() for part in ITEM.split(text)]
    return [re.sub(r"\n +", "\n", part) for part in parts[1:] or parts]


def is_task(name):
    """Tell a task's id from a section's: 2.1 is a task, since chapter 2 has no section 2.1."""
    sections = {section.id for chapter in chapters() for section in chapter.sections}
    named = ID.fullmatch(name.lower())
    return named is not None and name.replace(".", "").lower() not in sections


def find_task(name):
    """Find a task by its id, such as 2.1, 4a1.2, 4.a1.2 or 2a.n1."""
    known = {key(task.id): task for task in tasks()}
    if key(name) not in known:
        there_is = ", ".join(task.id for task in known.values() if task.id[0] == name[0])
        raise CourseError(f"There is no task {name!r}. There is: {there_is or 'none there'}.")
    return known[key(name)]


def key(name):
    """Write an id so that it can be compared: 2a.n1, 2.a.n1 and 2A.N1 are the same."""
    section, _, number = name.lower().rpartition(".")
    return section.replace(".", ""), number


def tasks_of_section(section):
    return [task for task in tasks() if task.id.rpartition(".")[0] == written(section.id)]


def without_solutions(text):
    """Return a lesson's text without its solutions: what a learner types who has not looked."""
    return SOLUTION.sub("", text)


def plain(markdown):
    """Write Markdown for a terminal: code is indented instead of fenced."""
    return CODE.sub(lambda code: re.sub("^(?=.)", "    ", code[1], flags=re.MULTILINE), markdown)
