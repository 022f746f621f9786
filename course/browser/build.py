"""Builds the browser edition into the folder of the site: Python, `try/` and `lab/`."""

import json
import shutil
from pathlib import Path
from string import Template

from course.browser import console, keeping, lab, packages, sources
from course.browser.links import TRY_CHAPTERS
from course.browser.programs import call, compile_packages
from course.site.npm import node_modules
from course.spine import find_chapter

HERE = Path(__file__).resolve().parent
PAGE = HERE / "page"
OF_PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
BUNDLES = ("page", "worker")


def build(out):
    """Build all pages that run Python in the browser, in the folder `out`."""
    modules = node_modules()
    put_python(modules / "pyodide", out / "pyodide")
    build_try(modules, out / "try")
    lab.build(modules / "pyodide", out)


def put_python(pyodide, out):
    """Copy what Python in a browser consists of, with a lock that names no package elsewhere."""
    out.mkdir(parents=True, exist_ok=True)
    for name in OF_PYODIDE:
        shutil.copy(pyodide / name, out)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    lock["packages"] = {}
    (out / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def build_try(modules, out):
    static = out / "static"
    shutil.rmtree(out, ignore_errors=True)
    static.mkdir(parents=True)
    for name, needed in packages.archives().items():
        compile_packages(modules / "pyodide", needed, static / name, optimize=2)
    sources.write_all(static)
    bundle(modules, static)
    shutil.copy(PAGE / "try.css", static)
    for number in TRY_CHAPTERS:
        write_page(find_chapter(str(number)), out)
    (out / "sw.js").write_text(keeping.script(out), encoding="utf-8")


def bundle(modules, out):
    """Join the page's modules, and those of CodeMirror, into one file each."""
    call(
        "node",
        modules / "esbuild" / "bin" / "esbuild",
        *(PAGE / f"{name}.mjs" for name in BUNDLES),
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--external:*/pyodide.mjs",
        "--log-level=warning",
        f"--outdir={out}",
        NODE_PATH=str(modules),
    )


def write_page(chapter, out):
    others = "".join(
        f'<a href="../{number}/index.html"{current(number, chapter)}>{number}</a>'
        for number in TRY_CHAPTERS
    )
    page = Template((PAGE / "index.html").read_text(encoding="utf-8"))
    folder = out / str(chapter.number)
    folder.mkdir()
    archives = packages.archives(chapter.number)
    text = page.substitute(
        number=chapter.number,
        title=chapter.title,
        folder=chapter.folder.name,
        others=others,
        archives=" ".join(archives),
        bytes=to_load(out, archives),
        note=console.NOTES[chapter.number],
        limits=limits(chapter.number),
        example="ratings.py" if chapter.number == 1 else "cinema/api/ratings.py",
    )
    (folder / "index.html").write_text(text, encoding="utf-8")


def to_load(out, archives):
    """Return how many bytes come before the API answers, for the bar that shows it."""
    python = (out.parent / "pyodide" / name for name in OF_PYODIDE)
    own = (out / "static" / name for name in ("course.json", *archives))
    return sum(path.stat().st_size for path in (*python, *own))


def limits(number):
    return f"<p>{console.LIMITS[number]}</p>" if number in console.LIMITS else ""


def current(number, chapter):
    return ' aria-current="page"' if number == chapter.number else ""
