"""Turns a lesson into a page's source: its links lead to pages, its requests can be tried."""

import html
import posixpath
import re

from course.browser.links import try_page
from course.site import sources, trying

BLOCK = re.compile(r"^(```(?P<language>\w*)\n(?P<text>.*?)^```\n)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
ROW = re.compile(r"^\|.*$", re.MULTILINE)
FILE = re.compile(r"(?<![\[`])`(?P<path>[\w./-]+\.\w+)`(?![`\]])")
CAPTION = re.compile(r"^`(?P<path>[\w./-]+\.\w+)`(?P<more>[^\n`]*)\n\n\Z", re.MULTILINE)
WITHIN_A_CHAPTER = ("", "cinema/")  # what a path in a lesson's table begins at


def rewrite(name, text):
    """Return a lesson's text with links to pages; what is in blocks of code stays as it is."""
    page, parts, end = sources.page_of(name), [], 0
    for block in BLOCK.finditer(text):
        before = rewrite_prose(name, page, text[end : block.start()])
        parts += [linked_caption(name, page, before), block[1], links_to_try(page, block)]
        end = block.end()
    return "".join([*parts, rewrite_prose(name, page, text[end:])])


def rewrite_prose(name, page, text):
    text = LINK.sub(lambda link: lead(name, page, link), text)
    return ROW.sub(lambda row: link_files(name, page, row[0]), text)


def lead(name, page, link):
    """Let a link lead to the page of the file that it leads to in the repository."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), link["target"]))
    if target in sources.lessons():  # Sphinx follows these, and checks their anchors
        kind = ".ipynb" if target.endswith(".ipynb") else ".md"
        document = sources.document_of(target) + kind
        return f"]({sources.way(page, document)}{link['anchor'] or ''})"
    return f"]({to_file(page, target)})" if target in sources.tracked() else link[0]


def to_file(page, name):
    """Return a link that Sphinx leaves alone: conf.py knows what `page:` means."""
    return f"page:{sources.way(page, sources.page_of(name))}"


def link_files(name, page, row):
    """Let the files that a table names lead to their pages."""

    def linked(word):
        found = find_file(name, word["path"])
        return f"[{word[0]}]({to_file(page, found)})" if found else word[0]

    return FILE.sub(linked, row)


def linked_caption(name, page, before):
    """Let the caption of a block of code, the file's name alone, lead to the file."""
    caption = CAPTION.search(before)
    if not caption:
        return before
    found = find_file(name, caption["path"])
    word = f"`{caption['path']}`"
    shown = f"[{word}]({to_file(page, found)})" if found else word
    return f"{before[: caption.start()]}{{.code-caption}}\n{shown}{caption['more']}\n\n"


def find_file(name, path):
    """Find a file that a lesson names: in its chapter, or in the chapter's package."""
    chapter = sources.chapter_of(name)
    places = [f"{chapter}/{start}{path}" for start in WITHIN_A_CHAPTER] if chapter else [path]
    return next((place for place in places if place in sources.tracked()), None)


def links_to_try(page, block):
    """Return links that carry the requests of a block over to the page that runs the API."""
    if block["language"] != "console":
        return ""
    links = [
        f'<a href="{html.escape(target)}">{html.escape(f"{request.method} {request.path}")}</a>'
        for request in trying.requests_in(block["text"])
        if (target := target_of(page, request))
    ]
    return f'\n<p class="try-this">Try this: {" ".join(links)}</p>\n' if links else ""


def target_of(page, request):
    there = try_page(request.chapter)
    return there and f"{sources.way(page, there)}#{request.fragment}"
