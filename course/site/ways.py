"""The ways from a section's pages, and from a file of its code, to its lesson and to each other."""

import re
from dataclasses import dataclass

from course.building import promise
from course.site import order, sources


@dataclass(frozen=True)
class Lesson:
    """Where a lesson stands: on a page of its own, or below a heading of its chapter's."""

    document: str
    heading: str = ""

    @property
    def source(self):
        """Return what Markdown links to."""
        return f"{self.document}.md" + (f"#{anchor(self.heading)}" if self.heading else "")

    @property
    def page(self):
        """Return what HTML links to."""
        from docutils.nodes import make_id  # noqa: PLC0415 (only what builds the site has it)

        return f"{self.document}.html" + (f"#{make_id(self.heading)}" if self.heading else "")


def lesson(chapter, section):
    if section.pages:
        return Lesson(order.document_of(section.pages[0]))
    readme = order.document_of(chapter.folder / "README.md")
    return Lesson(readme, f"{section.label} {section.title}")


def anchor(heading):
    """Return what a link to a heading is called, as GitHub and MyST call it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def from_page(document, chapter, section):
    """Return a line of links from one of a section's pages to its lesson and its other pages."""
    others = {"lesson": lesson(chapter, section).source}
    if section.notebook:
        others["demo"] = f"{order.document_of(section.notebook)}.ipynb"
    if section.id in promise.sections():
        others["build it"] = f"{order.building_page(section)}.md"
    if order.has_code_page(chapter):
        others["code"] = f"{order.code_page(section)}.md"
    return " · ".join(
        f"[{name}]({sources.way(document, target)})"
        for name, target in others.items()
        if target != f"{document}.md"
    )
