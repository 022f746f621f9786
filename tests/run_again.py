"""Runs a notebook, then each code cell once more, from the last: `run_again.py NOTEBOOK`.

Prints, as JSON, for each cell that failed then: its id, and the line that Jupyter shows if we have
one for it, or else the error.
"""

import json
import os
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from course.errors import CourseError
from course.jupyter.dead_server import advice_on
from course.notebooks.plain import code_cells, run_cell


def main(path):
    cells = code_cells(json.loads(path.read_text(encoding="utf-8")))
    os.environ["MPLBACKEND"] = "agg"  # draws where there is no screen
    os.chdir(path.parent)
    names = {"__name__": "__main__"}
    with redirect_stdout(StringIO()):
        for cell in cells:
            run_cell(cell, names)
    print(json.dumps(list(failures(reversed(cells), names))))


def failures(cells, names):
    for cell in cells:
        try:
            with redirect_stdout(StringIO()):
                run_cell(cell, names)
        except CourseError as error:
            yield f"{cell['id']}: {error}"
        except Exception as error:
            told = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
            yield f"{cell['id']}: {advice_on(error) or told[:300]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
