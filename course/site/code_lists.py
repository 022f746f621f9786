"""A page for each section: the files that it adds, and what it changes in those there were."""

from itertools import pairwise

from course.commands.diff import compare, lessons_last
from course.site import order, sources, ways
from course.spine import chapters, written
from course.terminal import COURSE

TITLE = """\
---
nosearch: true
---

# {label} {title}: the code

{ways}

What this section adds to chapter {old}, and what it changes there. In a terminal,
`{course} diff {old} {new} {written}` shows the same.
"""


def pages():
    """Yield the page of each section from the second chapter on, and its source."""
    for old, new in pairwise(chapters()):
        for section in new.sections:
            yield order.code_page(section), "\n".join(page(old, new, section))


def page(old, new, section):
    document = order.code_page(section)
    differences = {
        name: difference
        for name in sorted(new.files_of([section]), key=lessons_last)
        if (difference := compare(old.folder / name, new.folder / name))
    }
    added = {name: lines for name, lines in differences.items() if is_new(old, name)}
    changed = {name: lines for name, lines in differences.items() if name not in added}
    yield title(old, new, section)
    if added:
        yield "## New files\n\n| file | lines |\n|---|---:|"
        yield from (f"| {link(document, new, name)} | {len(added[name]) - 3:,} |" for name in added)
    if changed:
        yield "\n## Changed files\n"
        for name, lines in changed.items():
            yield f"### {link(document, new, name)}\n\n{block(lines)}"
    if not differences:
        yield "This section is about what is there already: it changes no file."


def title(old, new, section):
    return TITLE.format(
        label=section.label,
        title=section.title,
        course=COURSE,
        old=old.number,
        new=new.number,
        written=written(section.id),
        ways=ways.from_page(order.code_page(section), new, section),
    )


def is_new(old, name):
    return not (old.folder / name).exists()


def link(document, chapter, name):
    """Return a link to the page of a chapter's file."""
    there = sources.page_of(f"{chapter.folder.name}/{name.as_posix()}")
    return f"[`{name.as_posix()}`](page:{sources.way(document, there)})"


def block(lines):
    """Return a difference as a block, without the names of the two files."""
    text = "\n".join(lines[2:])
    return f"~~~~~diff\n{text}\n~~~~~\n"
