"""Builds `lab/`: JupyterLite, with the notebooks that a browser can run and all that they need."""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from course.browser import keeping, packages, sources, wheels
from course.browser.links import LIVE_NOTEBOOKS
from course.browser.programs import call, compile_packages
from course.spine import ROOT

EXTENSION = Path(sys.prefix) / "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension"
OF_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")  # wheels that the extension brings along
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
LAB_ONLY = Path(__file__).with_name("lab_only")
METADATA = {
    "kernelspec": {"name": "python", "display_name": "Python (Pyodide)", "language": "python"},
    "language_info": {"name": "python"},
}
LINK_TO_A_FILE = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]+\)")
WELCOME = {
    "id": "welcome",
    "cell_type": "markdown",
    "metadata": {"trusted": True},
    "source": "**This notebook runs in your browser.** Nothing is installed. Run each cell with "
    "Shift-Enter, from the top; the first takes some seconds. The API runs in this page, too, "
    "without a server. Your changes stay in this browser.",
}
SETTINGS = {"@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}}  # dark, if all is
DRAWN = (ROOT / "course/site/sphinx/static/favicon.svg").read_text(encoding="utf-8").strip()
ICON = f"data:image/svg+xml,{quote(DRAWN)}"  # in the page: no service worker is asked for icons
NEXT_VISIT = Path(__file__).with_name("page") / "next-visit.mjs"
KEEP = f"""<link rel="icon" href="{ICON}">
<script type="module">
import {{ keepWhateverComes }} from "../{NEXT_VISIT.name}";
keepWhateverComes();
</script>
"""
QUIET = (  # what would greet, stop or hide the text from somebody who opens a notebook
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/apputils-extension:workspaces",
    "@jupyterlab/cell-toolbar-extension:plugin",
    "@jupyterlab/extensionmanager-extension",
)


def build(pyodide, out):
    """Build JupyterLite in `out`/lab, and put its packages beside Python in `out`/pyodide."""
    lock(pyodide, out / "pyodide")
    shutil.rmtree(out / "lab", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        contents = Path(folder) / "files"
        contents.mkdir()
        for name in LIVE_NOTEBOOKS:
            text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
            live = json.dumps(for_a_visitor(json.loads(text)), ensure_ascii=False)
            (contents / f"{name}.ipynb").write_text(live, encoding="utf-8")
        call(
            *(sys.executable, "-m", "jupyterlite_core", "build", "--apps", "notebooks"),
            *("--no-unused-shared-packages", "--no-sourcemaps"),
            *("--contents", contents, "--output-dir", out / "lab"),
            cwd=folder,
        )
    configure(out / "lab" / "jupyter-lite.json", out / "pyodide" / "pyodide-lock.json")
    for unused in (out / "lab").rglob("pyodide-kernel-extension/static/pypi"):
        shutil.rmtree(unused)  # they are in the lock
    keep(out / "lab")


def for_a_visitor(notebook):
    """Return a notebook to be run: without outputs and speaker notes, and with a word of welcome.

    Each cell is trusted: a first visitor is not to wonder about "Not Trusted".
    """
    cells = [cell for cell in notebook["cells"] if not is_note(cell)]
    for cell in cells:
        cell["metadata"] = cell["metadata"] | {"trusted": True}
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        else:  # a link to a file leads nowhere here
            cell["source"] = LINK_TO_A_FILE.sub(r"\1", "".join(cell["source"]))
    return notebook | {"metadata": METADATA, "cells": [WELCOME, *cells]}


def is_note(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"


def lock(pyodide, folder):
    """Write the wheels, and the lock of what Pyodide may load: nothing from elsewhere."""
    with tempfile.TemporaryDirectory() as place:
        compiled = Path(place) / "compiled.zip"
        compile_packages(pyodide, (*packages.NEEDED, *wheels.FOR_NOTEBOOKS), compiled, optimize=0)
        made = list(wheels.make_all(compiled, folder))
    made += [of_the_kernel(name, folder) for name in OF_KERNEL]
    made.append(wheels.write(folder, "course", "0", files_of_the_course()))
    made.append(wheels.write(folder, "micropip", "0", files_of(LAB_ONLY)))
    path = folder / "pyodide-lock.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["packages"] = {wheel.name: wheel.entry for wheel in made}
    path.write_text(json.dumps(told), encoding="utf-8")


def of_the_kernel(name, folder):
    source = next((EXTENSION / "static" / "pypi").glob(f"{name}-*.whl"))
    shutil.copy(source, folder)
    return wheels.known(folder / source.name, name.replace("_", "-"), source.name.split("-")[1])


def files_of_the_course():
    """Return the course, and the chapters beside it: in memory, where imports are quick."""
    names = [name for name in sources.listed() if sources.FOR_NOTEBOOKS.match(name)]
    return {name: (ROOT / name).read_bytes() for name in names}


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.py")}


def keep(lab):
    """Let JupyterLite's service worker keep what was loaded, too, as that of `try/` does."""
    shutil.copy(NEXT_VISIT, lab)
    page = lab / "notebooks" / "index.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</head>", f"{KEEP}</head>", 1), encoding="utf-8")
    worker = lab / "service-worker.js"
    theirs = worker.read_text(encoding="utf-8")
    worker.write_text(f"{keeping.script(lab)}\n{theirs}", encoding="utf-8")


def configure(file, lock):
    packages_ = sorted(json.loads(lock.read_text(encoding="utf-8"))["packages"])
    config = json.loads(file.read_text(encoding="utf-8"))
    data = config["jupyter-config-data"]
    data["appName"] = "Building web APIs with Flask"
    data["faviconUrl"] = ICON
    data["disabledExtensions"] = [*data.get("disabledExtensions", []), *QUIET]
    data["settingsOverrides"] = SETTINGS
    data.setdefault("litePluginSettings", {})[KERNEL] = {
        "pyodideUrl": "./../pyodide/pyodide.mjs",
        "disablePyPIFallback": True,
        "pipliteUrls": [],
        "loadPyodideOptions": {"packages": packages_},
    }
    file.write_text(json.dumps(config, indent=1), encoding="utf-8")
