"""Reads the pages of the finished site: where their links lead, and what can be led to."""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
FOR_OTHERS = ("https://", "http://", "mailto:", "data:")


class Page(HTMLParser):
    """One page: its links, what it loads, its anchors, and its text."""

    def __init__(self, file):
        super().__init__()
        self.file, self.links, self.loads, self.anchors, self.relations = file, [], [], set(), {}
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag in LOADED and LOADED[tag] in attributes and attributes.get("rel") not in FOLLOWED:
            self.loads.append(attributes[LOADED[tag]])
        if attributes.get("rel") in FOLLOWED:
            self.relations[attributes["rel"]] = attributes["href"]


FOLLOWED = ("next", "prev", "index", "search")  # relations to other pages


@cache
def read(file):
    return Page(file)


def pages(site):
    return [read(file) for file in sorted(site.rglob("*.html"))]


def leads_somewhere(site, page, link, elsewhere):
    """Tell whether a link leads to a file of the site, and to something on it; or `elsewhere`."""
    if link.startswith(FOR_OTHERS):
        return True
    parts = urlsplit(link)
    file = (page.file.parent / unquote(parts.path)).resolve() if parts.path else page.file
    if not file.is_relative_to(site):
        return False
    if file.relative_to(site).as_posix() in elsewhere:
        return True
    if not file.is_file():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or file.suffix != ".html" or anchor in read(file).anchors


def text_of(file):
    return Path(file).read_text(encoding="utf-8")
