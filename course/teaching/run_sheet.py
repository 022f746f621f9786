"""Prints run sheets: of a section, slide by slide, and of the days of a plan."""

import re
import textwrap

from course.teaching import plans
from course.teaching.notes import place, plain, slides, slides_of
from course.terminal import COURSE, columns, painted

WIDTH_OF_LABELS = 14
MOST_COLUMNS = 100  # longer lines are hard to read
CODE = re.compile(r"`[^`]{1,40}`")
SPACE = "\0"  # one at which no line ends
ONCE = ("Before", "Reset")  # at the top and at the end of the sheet, not with their slide


def of_section(section):
    """Yield the lines of a section's run sheet: what it needs, each slide by the clock, the end."""
    noted = [slide for slide in slides_of(section) if slide.noted]
    if not noted:
        yield f"{section.label} {section.title}: {place(section)} has no speaker notes yet."
        return
    title = f"{plain(section.title)}: {section.minutes} minutes, {place(section)}"
    yield from heading(f"{section.label:<6}", title)
    yield from once("Before", section.notebook)
    clock = 0
    for slide in noted:
        yield ""
        yield from of_slide(slide, clock)
        clock += slide.note.minutes
    yield ""
    yield from heading(f"{clock_of(clock):<6}", f"The end of {section.label}")
    yield from once("Reset", section.notebook)


def of_slide(slide, clock):
    note = slide.note
    length = f"{written_out(note.minutes)} min."
    yield from heading(f"{clock_of(clock):<6}{length:<{WIDTH_OF_LABELS - 6}}", plain(slide.title))
    yield from labelled("Say", note.say)
    for label, text in note.paragraphs:
        if label not in ONCE:
            yield from labelled(label, text)


def once(label, notebook):
    """Yield what the notes of a notebook, which may have several sections, say under a label."""
    for slide in slides(notebook):
        for text in slide.note.texts(label) if slide.note else ():
            yield from labelled(label, text)


def heading(first, text):
    for line in wrapped(text, first, " " * len(first)):
        yield painted(line, "bold")


def labelled(label, text):
    """Yield a paragraph, wrapped beside its label."""
    yield from wrapped(plain(text), f"  {label:<{WIDTH_OF_LABELS - 2}}", " " * WIDTH_OF_LABELS)


def wrapped(text, first, others):
    """Return the lines of a text; a path, or a command that is not long, is left whole."""
    words = CODE.sub(lambda code: code[0].replace(" ", SPACE), " ".join(text.split()))
    lines = textwrap.wrap(
        words,
        width=max(min(columns(), MOST_COLUMNS), 2 * WIDTH_OF_LABELS),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(SPACE, " ") for line in lines]


def of_plan(unit, number, start):
    """Yield the lines of a plan: of each day the sections by the clock; then what is left out."""
    sessions = plans.find_plan(unit, number)
    for i, session in enumerate(sessions, 1):
        name = f"{unit} {i}" if len(sessions) > 1 else f"one {unit}"
        yield from wrapped(f"{name.capitalize()}: {session.about}", "", "  ")
        yield from of_session(session, start)
        yield ""
    yield from of_what_is_left_out(sessions)
    yield from wrapped(f"For what to say, slide by slide: {COURSE} teach 2a", "", "  ")


def of_session(session, start):
    steps = plans.timetable(session.found, start)
    for step in steps:
        label = f"{step.section.label:<6}" if step.section else ""
        when = f"  {time_of_day(step.start)}  {label}"
        yield from wrapped(f"{plain(step.name)} ({step.minutes} min.)", when, " " * len(when))
    yield f"  {time_of_day(steps[-1].start + steps[-1].minutes)}  The end"


def of_what_is_left_out(sessions):
    sections = plans.left_out(sessions)
    if not sections:
        yield "Nothing is left out."
        return
    total = sum(section.minutes for section in sections)
    names = "; ".join(f"{section.label} {plain(section.title)}" for section in sections)
    yield from wrapped(f"Left out, {total} minutes to read and try at home: {names}.", "", "  ")


def clock_of(minutes):
    """Return minutes as the clock of a section shows them: 0:02, 0:02½."""
    return f"{int(minutes) // 60}:{int(minutes) % 60:02}{'½' if minutes % 1 else ''}"


def written_out(minutes):
    """Return a number of minutes as notes write it: ½, 1, 1½."""
    return f"{int(minutes) or ''}½" if minutes % 1 else f"{int(minutes)}"


def time_of_day(minutes):
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
