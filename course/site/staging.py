"""Lays out what Sphinx reads: each lesson with the links of a page, and the pages made of data."""

import json
import re
from pathlib import PurePosixPath

from course.browser import links
from course.site import api_pages, building_pages, code_lists, front, order, sources, teaching_pages
from course.site.markdown import rewrite
from course.spine import FILES_HEADING, find_chapter

ABOUT = ("CONTRIBUTING", "CHANGELOG", "course/site/index")
DEMO = re.compile(r"\A(# .+)")


def lay_out(folder):
    """Fill a folder with the sources of all pages."""
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
    for make in (building_pages.pages, code_lists.pages, api_pages.pages, teaching_pages.pages):
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
        text = f"{before}{heading}\nThe table of files is on [its own page](files.md).\n{rest}\n"
    yield sources.document_of(name), ".md", rewrite(name, text)


def list_below(document, below):
    listed = below.get(document, [])
    if document != "index":
        return order.toctree(document, listed) if listed else ""
    lists = {
        "Chapters": listed,
        "Teaching": [order.Entry("TEACHING"), order.Entry(order.TEACHING)],
        "About": [order.Entry(each) for each in ABOUT],
    }
    return "".join(order.toctree(document, entries, title) for title, entries in lists.items())


def demonstration(name, notebook):
    """Return a notebook as its page shows it: without what only its speaker reads."""
    notebook["cells"] = [cell for cell in notebook["cells"] if not is_note(cell)]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = rewrite(name, "".join(cell["source"]) + "\n")
    first = notebook["cells"][0]
    first["source"] = DEMO.sub(rf"\1: demo\n\n{live(name)}", first["source"], count=1)
    return json.dumps(notebook)


def live(name):
    """Return a link to the notebook as it runs in the browser, or why it does not."""
    stem, page = PurePosixPath(name).stem, sources.page_of(name)
    there = links.live_notebook(stem)
    if not there:
        return links.why_not_live(stem)
    return f'<p class="try-this"><a href="{sources.way(page, there)}">Open it live</a></p>'


def is_note(cell):
    return cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"
