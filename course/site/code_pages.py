"""A page for each file of the chapters, and for each other one that a lesson leads to."""

import html
import re
from pathlib import Path
from string import Template

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_for_filename
from pygments.util import ClassNotFound

from course.browser import links
from course.site import sources, ways
from course.spine import ROOT, find_chapter

TEMPLATE = ROOT / "course" / "site" / "sphinx" / "templates" / "code.html"
LINES = HtmlFormatter(nowrap=True)
LINKED = re.compile(r'href="(?:\.\./)*([^"#:]+?)(?:\.html)?"')


def write(out):
    """Write the pages, and the data as it is."""
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    for name in wanted(out):
        target = out / sources.page_of(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if sources.is_shown(name):
            target.write_text(page(template, name), encoding="utf-8")
        else:
            target.write_bytes((ROOT / name).read_bytes())


def wanted(out):
    """Return the files of the chapters, each once, and what else the pages lead to."""
    linked = {
        target
        for page in out.rglob("*.html")
        for target in LINKED.findall(page.read_text(encoding="utf-8"))
    }
    return [
        name
        for name in sources.tracked()
        if name not in sources.lessons()
        and sources.copies_of(name)[0] == name
        and (sources.chapter_of(name) or name in linked)
    ]


def page(template, name):
    here = sources.page_of(name)
    return template.substitute(
        name=html.escape(name),
        root=sources.way(here, "index.html").removesuffix("index.html"),
        chapter=way_to_chapter(here, name),
        lessons=told_lessons(here, name),
        copies=told_copies(name),
        live=way_to_live(here, name),
        code="\n".join(numbered(highlight(sources.read(name), lexer_for(name), LINES))),
    )


def numbered(code):
    """Yield the lines of highlighted code, which a link can lead to, such as #L12."""
    for number, line in enumerate(code.removesuffix("\n").split("\n"), 1):
        yield f'<span id="L{number}">{line}</span>'


def way_to_chapter(here, name):
    chapter = sources.chapter_of(name)
    if not chapter:
        return ""
    target = sources.way(here, f"{chapter}/index.html")
    return f'<a href="{target}">{html.escape(str(find_chapter(chapter)))}</a>'


def told_lessons(here, name):
    """Say which lessons are about a file, as the chapter's table of files has them."""
    if not sources.chapter_of(name):
        return ""
    chapter, path = find_chapter(sources.chapter_of(name)), name.partition("/")[2]
    lessons = [
        f'<a href="{sources.way(here, ways.lesson(chapter, section).page)}">'
        f"{section.label} {html.escape(section.title)}</a>"
        for section in chapter.sections
        if Path(path) in chapter.files_of([section])
    ]
    return f"<p>Lesson{'s' * (len(lessons) > 1)}: {', '.join(lessons)}</p>" if lessons else ""


def told_copies(name):
    """Say which later chapters have the same file."""
    numbers = [str(int(sources.chapter_of(copy)[:2])) for copy in sources.copies_of(name)[1:]]
    if not numbers:
        return ""
    *more, last = numbers
    both = f"{', '.join(more)} and {last}" if more else last
    return f"<p>The same, to the byte, in chapter{'s' if more else ''} {both}.</p>"


def way_to_live(here, name):
    chapter = sources.chapter_of(name)
    path = name.partition("/")[2]
    there = chapter and links.edit_page(int(chapter[:2]), path)
    if not there:
        return ""
    return f'<a href="{sources.way(here, there)}#file={html.escape(path)}">Edit and run it</a>'


def lexer_for(name):
    try:
        return get_lexer_for_filename(name)
    except ClassNotFound:
        return TextLexer()
