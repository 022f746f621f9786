"""The first page: above the first command, a way in that needs none."""

from course.browser import links
from course.spine import chapters

COMMANDS = "\n## Two commands\n"
START = """
<div class="start">
{ways}
</div>
"""
LINK = '<a href="{target}"><strong>{title}</strong> <span>{more}</span></a>'


def with_start(text):
    """Return the README with the ways to begin, above the commands."""
    if COMMANDS not in text:
        raise ValueError(f"README.md should have the heading {COMMANDS.strip()!r}.")
    return text.replace(COMMANDS, f"{START.format(ways=chr(10).join(ways()))}{COMMANDS}", 1)


def ways():
    first = chapters()[0]
    if page := links.try_page(first.number):
        yield LINK.format(
            target=page,
            title=f"Try chapter {first.number} now",
            more="Nothing to install: the API, its code and its tests run in this browser.",
        )
    yield LINK.format(
        target=f"{first.folder.name}/index.html",
        title=f"Read chapter {first.number}",
        more=f"{first.title}: {sum(section.minutes for section in first.sections)} minutes.",
    )
    yield LINK.format(
        target="#the-map", title="See the map", more="What you build in each chapter, and how long."
    )
