"""Makes decks: a page for each notebook, and beside them what the pages need."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from course.slides import mermaid
from course.slides.deck import read_slides
from course.slides.page import index, page
from course.slides.text import styles
from course.spine import ROOT

DECKS = ROOT / "slides"
OWN = Path(__file__).parent / "look"
REVEAL = ("dist/reveal.js", "dist/reveal.css", "dist/plugin/notes.js")
TEXT_FONTS = "css/theme/fonts/source-sans-pro"
CODE_FONTS = ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf")


def build(notebooks, folder=DECKS, read=read_slides):
    """Make the decks of these notebooks anew in a folder, and return their pages."""
    furnish(folder / "look")
    decks = {folder / f"{notebook.stem}.html": read(notebook) for notebook in notebooks}
    for file, slides in decks.items():
        file.write_text(page(slides), encoding="utf-8")
    titles = [(file.name, slides[0].title) for file, slides in decks.items()]
    (folder / "index.html").write_text(index(titles), encoding="utf-8")
    return list(decks)


def furnish(look):
    """Put beside the decks all that their pages ask for: scripts, styles, fonts."""
    shutil.rmtree(look, ignore_errors=True)
    shutil.copytree(OWN, look)
    reveal = package("pyreveal") / "revealjs"
    for name in REVEAL:
        shutil.copy(reveal / name, look)
    shutil.copytree(reveal / TEXT_FONTS, look / "fonts")
    for name in CODE_FONTS:
        shutil.copy(package("matplotlib") / "mpl-data" / "fonts" / "ttf" / name, look / "fonts")
    (look / "code.css").write_text(styles(), encoding="utf-8")
    furnish_mermaid(look / "mermaid")


def furnish_mermaid(folder):
    folder.mkdir()
    source = package("jupyterlab") / "static"
    found = mermaid.find(source)
    for name in found["files"].values():
        shutil.copy(source / name, folder)
    (folder / "parts.js").write_text(mermaid.parts_script(found), encoding="utf-8")


def package(name):
    """Return the folder of a package, which need not be imported for that."""
    return Path(find_spec(name).origin).parent
