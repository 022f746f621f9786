"""Runs each code cell of a notebook twice in a row: `python tests/run_twice.py NOTEBOOK`.

Prints, as JSON, what went wrong, if anything: the cell's id, which of its two runs, and the error.
An error ends the run of its cell, as in Jupyter, and the next cell is run.
"""

import json
import os
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from course.notebooks.plain import code_cells, run_cell


def main(path):
    cells = code_cells(json.loads(path.read_text(encoding="utf-8")))
    os.environ["MPLBACKEND"] = "agg"  # draws where there is no screen
    os.chdir(path.parent)
    print(json.dumps(list(failures(cells))))


def failures(cells):
    names = {"__name__": "__main__"}
    for cell in cells:
        for number in ("first", "second"):
            try:
                with redirect_stdout(StringIO()):
                    run_cell(cell, names)
            except Exception as error:
                told = "".join(traceback.format_exception_only(error)).strip()
                yield f"{cell['id']}, {number} time: {told.splitlines()[-1][:300]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
