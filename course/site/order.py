"""The course's order, as Sphinx wants it: below each page, the pages that come next.

A section's lesson is followed by its demonstration, by what to build, and by its code.
"""

from dataclasses import dataclass

from course.building import promise
from course.site import sources
from course.spine import FILES_HEADING, ROOT, chapters
from course.teaching import notes

TEACHING = "teach/index"


@dataclass(frozen=True)
class Entry:
    """A page below another, and what the list at the side calls it, if not by its title."""

    document: str
    title: str = ""

    def below(self, document):
        """Return the line of a toctree on the page `document`."""
        target = sources.way(document, self.document)
        return f"{self.title} <{target}>" if self.title else target


def tree():
    """Return the entries below each page, by the page; a page without any is not in it."""
    below = {"index": [Entry(document_of(chapter.folder / "README.md")) for chapter in chapters()]}
    for chapter in chapters():
        own = below[document_of(chapter.folder / "README.md")] = []
        for section in chapter.sections:
            first, *more = [Entry(document_of(page)) for page in section.pages] or [None]
            follow = [*more, *pages_after(chapter, section)]
            if first:
                own.append(first)
                below[first.document] = follow
            else:  # the lesson stands on the chapter's own page
                own += [entry for entry in follow if entry not in own]
        own += about(chapter)
    below[TEACHING] = [Entry(teaching_page(section), section.label) for section in taught()]
    return {document: entries for document, entries in each_once(below) if entries}


def each_once(below):
    """Leave a page that several lessons share, such as a demonstration, with the first of them."""
    seen = set()
    for document, entries in below.items():
        new = [entry for entry in entries if entry.document not in seen]
        seen |= {entry.document for entry in new}
        yield document, new


def pages_after(chapter, section):
    """Return what follows a lesson: the demonstration, what to build, the code."""
    of_section = "" if section.pages else f" {section.label}"
    if section.notebook:
        yield Entry(document_of(section.notebook), "Demo")
    if section.id in promise.sections():
        yield Entry(building_page(section), f"Build it{of_section}")
    if has_code_page(chapter):
        yield Entry(code_page(section), f"The code{of_section}")


def about(chapter):
    """Return what ends a chapter: other pages, its files, its API's description, its security."""
    yield from map(Entry, map(document_of, pages_without_section(chapter)))
    if FILES_HEADING in chapter.lesson:
        yield Entry(files_page(chapter), "Files")
    if described(chapter):
        yield Entry(api_page(chapter))
    security = f"{chapter.folder.name}/SECURITY.md"
    if security in sources.tracked():
        yield Entry(sources.document_of(security))


def pages_without_section(chapter):
    """Return the pages of a chapter that belong to none of its sections, such as its tasks."""
    of_sections = {page for section in chapter.sections for page in section.pages}
    return sorted(set((chapter.folder / "lessons").glob("*.md")) - of_sections)


def taught():
    """Return the sections whose notebooks have speaker notes."""
    every = [section for chapter in chapters() for section in chapter.sections]
    return [each for each in every if any(slide.noted for slide in notes.slides_of(each))]


def teaching_page(section):
    return f"teach/{section.id}"


def building_page(section):
    return f"build/{section.id}"


def code_page(section):
    return f"code/{section.id}"


def files_page(chapter):
    return f"{chapter.folder.name}/files"


def api_page(chapter):
    return f"api/{chapter.number}"


def has_code_page(chapter):
    """Tell whether there is something to compare a chapter with."""
    return chapter != chapters()[0]


def description(chapter):
    return f"{chapter.folder.name}/cinema/api/openapi.yaml"


def described(chapter):
    """Tell whether a chapter describes its API, other than an earlier one does."""
    name = description(chapter)
    return name in sources.tracked() and sources.copies_of(name)[0] == name


def document_of(path):
    return sources.document_of(path.relative_to(ROOT).as_posix())


def toctree(document, entries, caption=""):
    """Return Markdown that puts pages below another, and shows nothing."""
    option = f":caption: {caption}\n" if caption else ""
    lines = "\n".join(entry.below(document) for entry in entries)
    return f"\n\n```{{toctree}}\n:hidden:\n{option}\n{lines}\n```\n"
