"""Which tests can see a fault: those that run the function in which it is, by coverage.

What they see is kept from run to run, as long as the suite, the chapter and the faults stay as they
are. A fault that no test runs needs no run: nothing can notice it.
"""

import ast
import hashlib
import sys

from course.mutants import kept
from course.mutants.faults import EARLIER, LAST
from course.spine import ROOT, find_chapter

FILE = ROOT / ".mutants.seen.json"
KEPT = 20  # suites
SHARED = "shared"  # the context of what no test runs alone: imports, set-up of classes


def functions_of(fault, source):
    """Return the bodies of the functions that a fault is in, as first and last lines.

    None if a part of it is in none, but is run when its module is imported.
    """
    start = source.index(fault.old)
    number = source.count("\n", 0, start) + 1
    changed = [n for n, line in enumerate(fault.old.split("\n"), number) if line.strip()]
    bodies = [
        (node.body[0].lineno, node.end_lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    around = [[body for body in bodies if body[0] <= line <= body[1]] for line in changed]
    if not all(around):
        return None
    return {max(each) for each in around}  # the innermost begins last


def tests_by_fault(faults, copy, data, blind):
    """Return the names of the tests that see each fault, and SHARED among them, by its name.

    `data` is coverage's, with tests as contexts; `blind` are those that have started a program, of
    which nothing is known: so they may see all.
    """
    return {fault.name: sorted(seeing(fault, copy, data) | set(blind)) for fault in faults}


def seeing(fault, copy, data):
    if not fault.file.endswith(".py"):
        return {SHARED}
    path = copy / fault.file
    functions = functions_of(fault, path.read_text(encoding="utf-8"))
    if functions is None:
        return {SHARED}
    return {
        context
        for line, contexts in data.contexts_by_lineno(str(path)).items()
        if any(first <= line <= last for first, last in functions)
        for context in contexts
        if context
    }


def digest(files, chapter):
    """Return a number that is another one when the suite, its helpers, API or faults change."""
    beside = {path for file in files for path in file.parent.glob("[!.]*") if path.is_file()}
    faults = {*chapter.glob("*.toml"), find_chapter(LAST).folder / "faults.toml", EARLIER}
    told = hashlib.sha256(sys.version.encode())
    for file in (*files, *sorted({*chapter.rglob("*.py"), *beside, *faults})):
        state = file.stat()
        told.update(f"{file} {state.st_size} {state.st_mtime_ns}\n".encode())
    return told.hexdigest()


def known(number):
    """Return what a suite of this digest sees; None if it is not known."""
    return kept.read(FILE).get(number)


def keep(number, seen):
    others = kept.read(FILE)
    others.pop(number, None)
    latest = list(others.items())[1 - KEPT :]
    kept.write(FILE, dict(latest) | {number: seen})
