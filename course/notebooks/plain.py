"""Runs a notebook without Jupyter: `python -m course.notebooks.plain NOTEBOOK`.

Prints what each code cell prints and shows, as JSON, by the cell's id. Pictures are drawn, and not
shown. This takes half the time of a run in Jupyter, and a tenth of the packages.
"""

import ast
import io
import json
import linecache
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path


def main(path):
    cells = code_cells(json.loads(path.read_text(encoding="utf-8")))
    os.environ["MPLBACKEND"] = "agg"  # draws where there is no screen
    os.chdir(path.parent)
    names = {"__name__": "__main__"}
    print(json.dumps({cell["id"]: run_cell(cell, names) for cell in cells}))


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def run_cell(cell, names):
    """Return what a cell prints, followed by the value of its last line."""
    from IPython.lib.pretty import pretty  # noqa: PLC0415 (in .venv only)

    file = f"<cell {cell['id']}>"
    linecache.cache[file] = (0, None, source(cell).splitlines(keepends=True), file)
    tree = ast.parse(source(cell))
    last = tree.body.pop() if is_shown(tree, source(cell)) else None
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(tree, file, "exec"), names)  # noqa: S102 (it is the course's own)
        value = eval(compile(ast.Expression(last.value), file, "eval"), names) if last else None  # noqa: S307
    return printed.getvalue() + ("" if value is None else pretty(value))


def is_shown(tree, text):
    """Tell whether the value of a cell's last line is shown, as Jupyter does."""
    ends_in_a_value = tree.body and isinstance(tree.body[-1], ast.Expr)
    return ends_in_a_value and not text.rstrip().endswith(";")


def kept(cell):
    """Return what a cell has printed and shown when it was last run, less its pictures."""
    outputs = [output for output in cell["outputs"] if "image/png" not in output.get("data", {})]
    return "".join(
        "".join(output.get("text") or output["data"]["text/plain"]) for output in outputs
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
