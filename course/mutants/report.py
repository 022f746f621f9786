"""What the mutation lab prints: of a fault that was caught all, of one that survived a question."""

import textwrap

from course.mutants.faults import LAST
from course.terminal import COURSE, painted, painted_difference

WIDTH = 96
READS = """
It is red with the API as it is, when the API's source can't be read. It notices that the text is
another, and not that an answer is wrong: it would refuse an improvement as well. Ask the API."""
UNSTEADY = """
It is red with the API as it is, now that it was run again: it passes only the first time, only
after other tests, or only now and then. So nobody knows what its red means. Let each test begin
with the same state."""
FEW = 10  # faults, of which nobody asks how long they take


def print_outcome(number, total, fault, outcome, seconds):
    """Say how a run has ended, as soon as it has; and, of many, how long the others will take."""
    left = (total - number) * seconds / number
    told = f"   ({duration(left)} left)" if total > FEW and number < total else ""
    print(f"{number:>3} of {total}  {fault.name:<28} {verdict(outcome)}{told}", flush=True)


def duration(seconds):
    """Return it roughly, as one says it: about 40 seconds."""
    if seconds < 90:
        return f"about {max(round(seconds / 10), 1) * 10} seconds"
    return f"about {round(seconds / 60)} minutes"


def verdict(outcome):
    if outcome.passed:
        return painted("survived", "red")
    how = outcome.test or "the tests could not be run"
    return f"{painted('caught', 'green')}    {how}{'' if outcome.in_time else ' did not end'}"


def print_report(tried, survived, new):
    """Ask about what survived, explain what is newly caught, and count what was tried."""
    for title, chosen, tell in (
        ("Survived", survived, lambda fault: [fault.question]),
        ("Newly caught", new, lambda fault: [fault.explanation, f"It breaks {fault.breaks}."]),
    ):
        if chosen:
            print(painted(f"\n{title}\n", "bold"))
        for fault in chosen:
            print(f"  {fault.section}  {fault.name}")
            print_paragraphs(tell(fault), indent=" " * 7)
    score = f"\n{len(tried) - len(survived)} of {len(tried)} faults caught."
    print(painted(score, "red" if survived else "green"))


def print_not_counted(readers, unsteady):
    """Say which tests are no proof, though they were red with a fault, and why."""
    if readers or unsteady:
        print(painted("\nNot counted\n", "bold"))
    for test in sorted(readers):
        print(f"  {test}")
        print_paragraphs([READS], indent=" " * 7)
    for test in sorted(unsteady):
        print(f"  {test}")
        print_paragraphs([UNSTEADY], indent=" " * 7)


def print_progress(faults, before, now, *, by_section):
    """Count what the suite has caught so far, in all its runs: names of faults."""
    names = {fault.name for fault in faults}
    before, now = before & names, now & names  # faults come and go
    told = "" if now == before else f", {len(before)} before"
    print(f"So far: {len(now)} of {len(faults)}{told}.")
    if not by_section:
        return
    sections = {fault.section: [] for fault in faults}
    for fault in faults:
        sections[fault.section].append(fault.name in now)
    for section, caught in sections.items():
        print(f"  {section}  {sum(caught):>2} of {len(caught)}")


def print_what_next(fault, chapter):
    command = f"{COURSE} mutants {'' if chapter == LAST else f'{chapter} '}"
    print(f"For a hint: {command}--hint {fault.name}")
    print(f"If that does not help, what is broken: {command}--explain {fault.name}")


def give_hint(fault):
    """Say what would catch a fault, and not where it is."""
    print(painted(f"{fault.section}  {fault.name}\n", "bold"))
    print_paragraphs([fault.question, "", f"What catches it: {fault.hint}", ""])


def list_faults(faults):
    for fault in faults:
        print(f"{fault.section}  {fault.name:<28} {fault.question}")
    return 0


def explain(fault, folder):
    """Show all that is known of a fault: for those who have caught it, or give up."""
    difference = fault.difference(folder)  # first, since it may be refused
    print(painted(f"{fault.section}  {fault.name}\n", "bold"))
    print_paragraphs([fault.question, "", fault.explanation, f"It breaks {fault.breaks}."])
    print()
    for line in difference:
        print(painted_difference(line))
    print()
    print_paragraphs([f"What catches it: {fault.hint}", ""])


def print_paragraphs(paragraphs, indent=""):
    margins = {"initial_indent": indent, "subsequent_indent": indent}
    for paragraph in paragraphs:
        words = " ".join(paragraph.split())
        print(textwrap.fill(words, WIDTH, break_on_hyphens=False, **margins))
