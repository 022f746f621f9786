"""Lays out what Sphinx reads: each lesson with the links of a page, and the pages made of data."""

import json
import re
import shutil

from course.site import api_pages, building_pages, code_lists, front, order, sources
from course.site.markdown import rewrite
from course.spine import FILES_HEADING, find_chapter

ABOUT = ("CONTRIBUTING", "CHANGELOG", "course/site/index")
DEMO = re.compile(r"\A(# .+)")


def lay_out(folder):
    """Fill a folder with the sources of all pages."""
    shutil.rmtree(folder, ignore_errors=True)
    below = order.tree()
    for document, suffix, text in documents():
        target = folder / f"{document}{suffix}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text + list_below(document, below), encoding="utf-8")


def documents():
    """Yield all pages as Sphinx calls them, with the ends of their files' names and their texts."""
    for name in sources.lessons():
        text = sources.read(name)
        if name.endswith(".ipynb"):
            yield sources.document_of(name), ".ipynb", demonstration(name, json.loads(text))
        else:
            yield from pages_of(name, front.with_start(text) if name == "README.md" else text)
    for make in (building_pages.pages, code_lists.pages, api_pages.pages):
        for document, text in make():
            yield document, ".md", text


def pages_of(name, text):
    """Yield the page of a text; of a chapter's README, that of its long table of files, too."""
    before, heading, after = text.partition(FILES_HEADING)
    if heading:
        chapter = find_chapter(sources.chapter_of(name))
        rows = "\n".join(line for line in after.splitlines() if line.startswith("|"))
        table = f"# Chapter {chapter.number}: the files\n\n{rows}\n"
        yield order.files_page(chapter), ".md", rewrite(name, table)
        rest = "\n".join(line for line in after.splitlines() if not line.startswith("|"))
        text = f"{before}{heading}\nAll files of this chapter are on [a page](files.md).\n{rest}\n"
    yield sources.document_of(name), ".md", rewrite(name, text)


def list_below(document, below):
    listed = below.get(document, [])
    if document != "index":
        return order.toctree(document, listed) if listed else ""
    about = [order.Entry(each) for each in ABOUT]
    return order.toctree(document, listed, "Chapters") + order.toctree(document, about, "About")


def demonstration(name, notebook):
    """Return a notebook as its page shows it: without what only its speaker reads."""
    notebook["cells"] = [cell for cell in notebook["cells"] if not is_note(cell)]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = rewrite(name, "".join(cell["source"]) + "\n")
    first = notebook["cells"][0]
    first["source"] = DEMO.sub(r"\1: demo", first["source"], count=1)
    return json.dumps(notebook)


def is_note(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"
