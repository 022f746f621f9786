"""Pages for those who teach: the run sheet of each section, the handouts, and plans of a class."""

from course.site import markdown, order, sources, ways
from course.spine import ROOT, chapters, find_chapter
from course.teaching import handout, plans, run_sheet
from course.teaching.notes import slides, slides_of
from course.terminal import COURSE

NOT_SEARCHED = "---\nnosearch: true\n---\n"  # a learner looks for what a lesson says
START = 9 * 60  # minutes since midnight
INDEX = f"""\
# Run sheets and handouts

Each section has a run sheet: its demonstration slide by slide, by the clock, with what to say, what
a class asks, and what to do when something fails. The handout is one page for each learner. Print
both from here. `{COURSE} slides 2a` makes a deck of the demonstration, with the notes.

| section | minutes | | |
|---|---:|---|---|
"""


def pages():
    """Yield the page of each run sheet, and the one that leads to all of them."""
    yield order.TEACHING, "\n".join([INDEX.rstrip(), *rows(), *timetables()])
    for section in order.taught():
        yield order.teaching_page(section), "\n".join([NOT_SEARCHED, *sheet(section)])


def write_handouts(out):
    """Write the handout of each section, as a page of its own that fits on a sheet of paper."""
    (out / "handouts").mkdir()
    for chapter in chapters():
        for section in chapter.sections:
            here = handout_page(section)
            above = way_back(here, ways.lesson(chapter, section))
            (out / here).write_text(handout.page(section, above), encoding="utf-8")


def way_back(here, lesson):
    """Return links to the lesson and to the other handouts, which are not printed."""
    index = sources.way(here, f"{order.TEACHING}.html")
    return (
        f'<nav aria-label="Where this is"><a href="{sources.way(here, lesson.page)}">Lesson</a> · '
        f'<a href="{index}">Run sheets and handouts</a></nav>'
    )


def handout_page(section):
    return f"handouts/{section.id}.html"


def rows():
    taught = order.taught()
    for chapter in chapters():
        for section in chapter.sections:
            there = sources.way(order.TEACHING, order.teaching_page(section))
            paper = sources.way(order.TEACHING, handout_page(section))
            sheet = f"[run sheet]({there}.md)" if section in taught else ""
            name = f"{section.label} {section.title}"
            yield f"| {name} | {section.minutes} | {sheet} | [handout](page:{paper}) |"


def timetables():
    """Yield the plans of a class, as `teach` prints them."""
    yield "\n## Timetables"
    for unit, number in plans.PLANS:
        lines = "\n".join(run_sheet.of_plan(unit, number, START))
        yield f"\n### {number} {unit}{'s' if number > 1 else ''}\n\n```text\n{lines}\n```"


def sheet(section):
    """Yield the lines of a section's run sheet."""
    notebook = section.notebook.relative_to(ROOT).as_posix()
    here = order.teaching_page(section)
    paper = sources.way(here, handout_page(section))
    others = ways.from_page(here, find_chapter(section.id[0]), section)
    yield f"# {section.label} {section.title}: run sheet\n"
    yield f"{section.minutes} minutes · {others} · [handout](page:{paper})\n"
    yield from once("Before", section.notebook)
    clock = 0
    for slide in slides_of(section):
        if slide.noted:
            yield from of_slide(slide, clock, notebook)
            clock += slide.note.minutes
    yield f"## {run_sheet.clock_of(clock)} · The end\n"
    yield from once("Reset", section.notebook)


def of_slide(slide, clock, notebook):
    length = run_sheet.written_out(slide.note.minutes)
    yield f"## {run_sheet.clock_of(clock)} · {slide.title} ({length} min.)\n"
    yield markdown.rewrite(notebook, f"{slide.note.say}\n")
    for label, text in slide.note.paragraphs:
        if label not in run_sheet.ONCE:
            yield markdown.rewrite(notebook, f"**{label}:** {text}\n")


def once(label, notebook):
    name = notebook.relative_to(ROOT).as_posix()
    for slide in slides(notebook):
        for text in slide.note.texts(label) if slide.note else ():
            yield markdown.rewrite(name, f"**{label}:** {text}\n")
