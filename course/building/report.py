"""What a learner reads: the first broken promise in full, the others in a line, the bar."""

import re
from collections import Counter

from course.building.asking import BROKEN, KEPT, NOT_ASKED, WAITS
from course.building.folder import MINE, naming
from course.building.promise import HARDENED, PROMISED, YOUR_TURN
from course.spine import ROOT, find_chapter, find_section
from course.tasks import find_task
from course.terminal import COURSE, can_print, painted

WIDTH = 30  # of the bar
TIERS = {PROMISED: "", HARDENED: " hardened", YOUR_TURN: " your turn"}
MOST_LINES = 6  # broken promises that get a line of their own, in a section


def lines(outcomes, hints=0, show=None, folder=MINE):
    """Yield the lines of a report: sections, the first broken promise, the bar."""
    for section in dict.fromkeys(outcome.promise.section for outcome in outcomes):
        yield from lines_of_section(section, [o for o in outcomes if o.promise.section == section])
    if broken := to_explain(outcomes, show):
        yield ""
        yield from explanation(broken, hints, folder)
    yield ""
    yield bar(outcomes)


class Printer:
    """Prints the verdict on a section at once, and then what came of the sections before it."""

    def __init__(self, hints, show=None, folder=MINE):
        self.hints, self.show, self.folder = hints, show, folder
        self.section, self.explained = None, False

    def tell_first(self, outcomes):
        """Print the section's outcomes, unless one waits for what was not asked yet."""
        names = {outcome.promise.name for outcome in outcomes}
        if all(outcome.state != WAITS or outcome.blamed in names for outcome in outcomes):
            self.section = outcomes[0].promise.section
            self.print_sections(outcomes)
            self.explain(outcomes)

    def tell_rest(self, outcomes):
        rest = [outcome for outcome in outcomes if outcome.promise.section != self.section]
        if self.section and rest and all(o.state in (KEPT, NOT_ASKED) for o in rest):
            print(earlier(rest))
        else:
            self.print_sections(rest)
        if not self.explained:
            self.explain(outcomes)
        if self.show and not self.explained:
            print(f"\n{self.show}: {state_of(self.show, outcomes)}")
        print(f"\n{bar(outcomes)}")

    def print_sections(self, outcomes):
        for section in dict.fromkeys(outcome.promise.section for outcome in outcomes):
            here = [outcome for outcome in outcomes if outcome.promise.section == section]
            print("\n".join(lines_of_section(section, here)), flush=True)

    def explain(self, outcomes):
        if broken := to_explain(outcomes, self.show):
            self.explained = True
            print("\n".join(["", *explanation(broken, self.hints, self.folder)]), flush=True)


def earlier(outcomes):
    """Say in a line that all is kept that earlier sections promise."""
    first, last = (find_section(outcomes[i].promise.section).label for i in (0, -1))
    which = first if first == last else f"{first} to {last}"
    asked = [outcome for outcome in outcomes if outcome.state != NOT_ASKED]
    left_out = f", {len(outcomes) - len(asked)} not asked" if len(asked) < len(outcomes) else ""
    return f"\n{which}: all {len(asked)} kept{left_out}"


def state_of(name, outcomes):
    """Say what came of a promise that is not broken."""
    states = {outcome.promise.name: outcome.state for outcome in outcomes}
    return states.get(name, "not among those that were asked")


def to_explain(outcomes, show=None):
    """Return the broken one of this name; or the first, promised before hardened; or None.

    A task of "your turn" is only explained by its name: perhaps nobody has begun it.
    """
    broken = [outcome for outcome in outcomes if outcome.state == BROKEN]
    if show:
        return next((outcome for outcome in broken if outcome.promise.name == show), None)
    for tier in (PROMISED, HARDENED):
        if of_tier := [outcome for outcome in broken if outcome.promise.tier == tier]:
            return of_tier[0]
    return None


def lines_of_section(section, outcomes):
    for tier, name in TIERS.items():
        here = [outcome for outcome in outcomes if outcome.promise.tier == tier]
        if here:
            yield row(find_section(section).label, here, name)
            yield from troubles(here)


def row(label, outcomes, name):
    states = Counter(outcome.state for outcome in outcomes)
    asked = len(outcomes) - states[NOT_ASKED]
    full, empty = ("■", "□") if can_print("■□") else ("#", ".")
    signs = {KEPT: full, NOT_ASKED: "·" if can_print("·") else "-"}
    squares = "".join(signs.get(outcome.state, empty) for outcome in outcomes)
    left_out = f", {states[NOT_ASKED]} not asked" if states[NOT_ASKED] else ""
    colour = "green" if states[KEPT] == asked else "cyan" if YOUR_TURN in name else "red"
    return f"{label:<5}{painted(squares, colour)}  {states[KEPT]} of {asked}{name}{left_out}"


def troubles(outcomes):
    broken = [outcome for outcome in outcomes if outcome.state == BROKEN]
    for outcome in broken[:MOST_LINES]:
        mark = "-" if outcome.promise.tier == YOUR_TURN else painted(cross(), "red")
        yield f"       {mark} {outcome.promise.sentence}"
    if len(broken) > MOST_LINES:
        yield f"       … and {len(broken) - MOST_LINES} more"
    waiting = Counter(outcome.blamed for outcome in outcomes if outcome.state == WAITS)
    for name, count in waiting.items():
        yield f"       … {count} {'waits' if count == 1 else 'wait'} for {name}"
    if any(outcome.state == NOT_ASKED for outcome in outcomes):
        yield "       (Not asked: what needs a fresh database, or a restart. We did not start it.)"


def explanation(outcome, hints=0, folder=MINE):
    """Yield what helps with a broken promise: the exchange, what was promised, where to read."""
    promise, broken = outcome.promise, outcome.broken
    yield painted(f"{cross()} {promise.name}", "bold")
    yield f"  {promise.sentence}"
    for exchange in broken.exchanges:
        yield ""
        yield from marked(exchange, broken.mark)
    yield ""
    yield f"  Promised: {broken.promised}"
    yield f"  Read:     {place(promise)}"
    if broken.words and broken.is_the_servers:
        yield ""
        yield "  Your API printed:"
        yield from (f"    | {line}" for line in broken.words.splitlines())
    for number, hint in enumerate(promise.hints[:hints], 1):
        yield f"  Hint {number}:   {hint}"
    if hints < len(promise.hints):
        yield f"  Stuck?    {COURSE} hint {promise.name}{naming(folder)}"
    elif hints:
        own = promise.task or promise.section
        yield f"  That was the last hint. Our code: {COURSE} solution {own}"


def place(promise):
    """Return where to read: the page, its heading, and the standard behind it."""
    page = page_of(promise)
    several = len(headings(page, promise.step)) > 1  # a page of several sections
    label = find_section(promise.section).label
    step = f"{label}, {promise.step}" if several else promise.step
    return f"{page.relative_to(ROOT).as_posix()}, “{step}” ({promise.source})"


def page_of(promise):
    """Return the file of the page that explains a promise, or sets its task."""
    if promise.task:
        return find_task(promise.task).file
    readme = find_chapter(promise.section[0]).folder / "README.md"
    pages = find_section(promise.section).pages or [readme]
    return next((each for each in pages if headings(each, promise.step)), pages[0])


def headings(page, text):
    pattern = rf"^#+ {re.escape(text)}$"
    return re.findall(pattern, page.read_text(encoding="utf-8"), re.MULTILINE)


def marked(exchange, pattern):
    """Yield the lines of an exchange; the first one of the answer that the pattern finds is marked.

    What is missing can't be: then the answer itself is.
    """
    told = exchange.splitlines()
    answer = next((i for i, line in enumerate(told) if line.startswith("HTTP/1.1 ")), 0)
    found = [
        i for i, line in enumerate(told) if pattern and i >= answer and re.search(pattern, line)
    ]
    for number, line in enumerate(told):
        if pattern and number == (found or [answer])[0]:
            yield painted(f"  {arrow()} {line}", "red")
        else:
            yield f"    {line}"


def bar(outcomes):
    """Say how far it is: of what is promised; the other tiers are counted apart."""
    told = []
    for tier, name in TIERS.items():
        asked = [o for o in outcomes if o.promise.tier == tier and o.state != NOT_ASKED]
        kept = sum(outcome.state == KEPT for outcome in asked)
        if asked and tier == PROMISED:
            done = WIDTH * kept // len(asked)
            told.append(
                f"[{'#' * done}{'.' * (WIDTH - done)}] {kept} of {len(asked)} promises kept"
            )
        elif asked:
            told.append(f"{kept} of {len(asked)}{name}")
    return ", ".join(told)


def cross():
    return "✗" if can_print("✗") else "x"


def arrow():
    return "→" if can_print("→") else ">"
