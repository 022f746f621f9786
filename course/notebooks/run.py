"""Runs the notebooks again and keeps what they print: `python3 -m course.notebooks [NAME ...]`.

A name is the beginning of a notebook's, such as 4a1 or 4; without one, all are run.
"""

import json
import re
import sys
from pathlib import Path

from course.notebooks import stamp
from course.setup.environment import VENV, ensure
from course.setup.foreground import hand_over
from course.spine import ROOT

PYTHON = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main():
    python = ensure("notebook", "extending", "securing", "testing", "servers")
    names = sys.argv[1:]
    if Path(sys.prefix) != VENV:
        hand_over([python, "-m", "course.notebooks", *names], cwd=ROOT)
    paths = sorted(ROOT.glob("notebooks/*.ipynb"))
    beginnings = tuple(re.sub(r"^(\d)\.(?=\w)", r"\1", name) for name in names)  # 2.a, 6.1
    chosen = [path for path in paths if not names or path.name.startswith(beginnings)]
    if not chosen:
        sys.exit(f"No notebook begins with {names[0]!r}. There is: {listed(paths)}.")
    for path in chosen:
        path.write_text(run(path), encoding="utf-8")
        print(f"{path.relative_to(ROOT)} written")


def run(path):
    """Return the text of the notebook after a run, less what would differ the next time."""
    import nbformat  # noqa: PLC0415 (in .venv only)

    notebook = executed(path)
    notebook.metadata = PYTHON
    text = nbformat.writes(notebook)
    notebook.metadata = PYTHON | {stamp.NAME: stamp.digest(path, json.loads(text))}
    return nbformat.writes(notebook) + "\n"


def executed(path, more=()):
    """Run a notebook in Jupyter, and then more cells; return all of them, as a notebook."""
    import nbformat  # noqa: PLC0415 (in .venv only, like the next)
    from nbclient import NotebookClient  # noqa: PLC0415

    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    notebook.cells += more
    folder = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, record_timing=False, resources=folder).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    return notebook


def listed(paths):
    return ", ".join(path.stem for path in paths)


def joined(outputs):
    """Join what was printed in several pieces: where it is cut differs from run to run."""
    whole = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole
