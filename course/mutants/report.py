"""What the mutation lab prints: of a fault that was caught all, of one that survived no answer."""

import textwrap

from course.terminal import COURSE, painted, painted_difference

WIDTH = 96


def print_outcome(number, total, fault, outcome):
    """Say how a run has ended, as soon as it has."""
    print(f"{number:>3} of {total}  {fault.name:<28} {verdict(outcome)}", flush=True)


def verdict(outcome):
    if outcome.passed:
        return painted("survived", "red")
    how = outcome.test or "the tests could not be run"
    return f"{painted('caught', 'green')}    {how}{'' if outcome.in_time else ' did not end'}"


def print_report(faults, outcomes):
    """Explain what was caught, ask about what survived, and count."""
    caught = [fault for fault in faults if not outcomes[fault].passed]
    survived = [fault for fault in faults if outcomes[fault].passed]
    for title, chosen, tell in (
        ("Caught", caught, lambda fault: [fault.explanation, f"It breaks {fault.breaks}."]),
        ("Survived", survived, lambda fault: [fault.question]),
    ):
        if chosen:
            print(painted(f"\n{title}\n", "bold"))
        for fault in chosen:
            print(f"  {fault.section}  {fault.name}")
            print_paragraphs(tell(fault), indent=" " * 7)
    score = f"\n{len(caught)} of {len(faults)} faults caught."
    print(painted(score, "red" if survived else "green"))
    if survived:
        print(f"For a hint, and for what is broken: {COURSE} mutants --explain {survived[0].name}")


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
