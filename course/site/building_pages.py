"""A page for each section: what the learner's own API is to promise, with hints to unfold."""

import html
import re

from course.browser import links
from course.building.promise import HARDENED, PROMISED, YOUR_TURN, promises_of, sections
from course.building.report import headings, page_of
from course.site import order, sources, ways
from course.spine import ROOT, find_chapter, find_section, written
from course.terminal import COURSE

TIERS = {
    PROMISED: "What your API promises",
    YOUR_TURN: "Your turn",
    HARDENED: "For hostile clients",
}
RFC = re.compile(r"RFC (?P<number>\d+), (?P<section>[\d.]+\d)")
INTRODUCTION = """\
# {label} {title}: build it

{ways}

Build this section in your own folder, `mine/`, in your own way. The check sends requests to your
API, and says which of these promises it keeps:

```console
$ {course} begin {chapter}
$ {course} run mine
$ {course} check {written} --watch
```

When you are stuck, `{course} hint` says a little more, and `{course} solution {written}` shows our
code.
"""


def pages():
    """Yield the page of each section that promises something, and its source."""
    for section_id in sections():
        section = find_section(section_id)
        yield order.building_page(section), "\n".join(page(section))


def page(section):
    document = order.building_page(section)
    yield INTRODUCTION.format(
        ways=ways.from_page(document, find_chapter(section.id[0]), section),
        label=section.label,
        title=section.title,
        course=COURSE,
        chapter=section.id[0],
        written=written(section.id),
    )
    if there := links.check_page(section.id):
        target = f"{sources.way(document, there)}#check={section.id}"
        yield f'<p class="try-this"><a href="{target}">Check it in this browser</a></p>\n'
    of_section = promises_of(section.id)
    for tier, title in TIERS.items():
        of_tier = [promise for promise in of_section if promise.tier == tier]
        if of_tier:
            yield f"## {title}\n"
            if tier == HARDENED:
                yield f"`{COURSE} check {written(section.id)} --hardened` asks for these, too.\n"
            yield from (entry(document, promise) for promise in of_tier)


def entry(document, promise):
    """Return a promise: its sentence, its name, where it is explained, and its hints."""
    hints = "".join(f"<li>{html.escape(hint)}</li>" for hint in promise.hints)
    unfold = f"<details><summary>Hints</summary><ol>{hints}</ol></details>" if hints else ""
    about = f"`{promise.name}` · {explained(document, promise)} · {source(promise.source)}"
    return f"{{.promise}}\n{promise.sentence}\n\n{{.about-promise}}\n{about}\n\n{unfold}\n"


def explained(document, promise):
    """Return a link to the heading of the lesson that explains a promise."""
    page = page_of(promise)
    target = sources.way(document, sources.document_of(page.relative_to(ROOT).as_posix()))
    place = f"#{ways.anchor(promise.step)}" if headings(page, promise.step) else ""
    return f"[{promise.step}]({target}.md{place})"


def source(text):
    """Return where a promise is written; an RFC's section as a link."""
    return RFC.sub(
        r"[\g<0>](https://www.rfc-editor.org/rfc/rfc\g<number>#section-\g<section>)", text
    )
