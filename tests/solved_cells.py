"""Runs a notebook and then the Python of its solutions: `python solved_cells.py NOTEBOOK`.

Prints what each block of each solution prints, as JSON: a list of texts by the solution's id.
"""

import ast
import io
import json
import os
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

from course import tasks
from course.notebooks import plain

PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(path):
    os.environ["MPLBACKEND"] = "agg"
    found = tasks.tasks_of(path)
    cells = plain.code_cells(json.loads(path.read_text(encoding="utf-8")))
    os.chdir(path.parent)
    names = {"__name__": "__main__"}
    for cell in cells:
        plain.run_cell(cell, names)
    print(json.dumps({task.id: [printed(code, names) for code in blocks(task)] for task in found}))


def blocks(task):
    return PYTHON.findall(task.solution)


def printed(code, names):
    """Return what a block prints, run as one more cell."""
    with redirect_stdout(io.StringIO()) as told:
        exec(compile(ast.parse(code), "<solution>", "exec"), names)  # noqa: S102 (our own)
    return told.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
