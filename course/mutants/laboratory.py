"""Copies of the chapter in which a suite is run: as the API is, and with each fault in it.

There are as many copies as cores. What is broken in one is mended when its run has ended. Should
this process end, in whatever way, its runs end as well, and the copies are gone.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from contextlib import contextmanager
from pathlib import Path

from course.mutants import seen
from course.mutants.faults import the_chapter
from course.mutants.hidden import hide, show_again
from course.mutants.run import Outcome, Run
from course.mutants.runners import runners
from course.mutants.suite import in_parts
from course.serving.child import apart_from_ctrl_c
from course.setup.surroundings import for_lessons
from course.spine import ROOT

MANY = 1000
ALL = 0  # how many tests may fail before a run ends, as pytest counts
LEFT_BY_RUNNING = shutil.ignore_patterns("__pycache__", "instance", ".*")


class Laboratory:
    """Where a suite, a list of files, is tried; a test may take so many seconds."""

    def __init__(self, python, files, patience, folder, faults=MANY):
        """`faults` is how many will be tried."""
        self.python, self.files, self.patience = python, files, patience
        self.chapter = the_chapter().folder
        self.seen = None  # which tests see which fault, if that is known
        self.runners = runners(python, self.chapter)
        self.copies = []
        for number in range(min(faults, os.cpu_count() or 1)):
            self.copies.append(self.make_copy(folder / f"{number}" / self.chapter.name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.runners.end()

    def make_copy(self, copy):
        source = self.copies[0] if self.copies else self.chapter
        shutil.copytree(source, copy, ignore=LEFT_BY_RUNNING if source == self.chapter else None)
        if source == self.chapter:  # else each run would compile it
            subprocess.run([self.python, "-m", "compileall", "-q", copy], check=False)
        (copy.parent / "pytest.ini").write_text("[pytest]\n")
        return copy

    def try_sound(self):
        """Return the Outcome with the API as it is."""
        number = seen.digest(self.files, self.chapter)
        self.seen = seen.known(number)
        if self.seen is not None:
            [(_, outcome)] = self.try_each([None])
            return outcome
        file = self.copies[0].parent / "seen.json"
        outcome = self.end_of(self.files, self.copies[0], options=("--seen", file))
        if outcome.passed:
            self.seen = json.loads(file.read_text(encoding="utf-8"))
            seen.keep(number, self.seen)
        return outcome

    def try_again(self, tests):
        """Return which of these tests are red with the sound API now: two sets of names.

        The first are those that are red if they can't read its source; the others always.
        """
        files = [file for file in self.files if any(t.startswith(file.name) for t in tests)]
        files = files or self.files  # of a suite that could not even be read
        copy = self.copies[0]
        hide(self.python, copy)
        try:
            red = self.red(files, copy, tests)
        finally:
            show_again(self.chapter, copy)
        always = self.red(files, copy, tests) if red else set()
        return red - always, always

    def red(self, files, copy, first):
        """Return the names of all tests that fail in a copy as it stands; `first` run first."""
        options = put_first(first, copy)
        return set(self.end_of(files, copy, fails=ALL, options=options).red)

    def end_of(self, files, copy, **options):
        """Run files of tests in a copy as it stands, and return the Outcome."""
        places = [self.place_of(file, copy) for file in files]
        run = Run(self.runners, copy, [places], self.patience, **options)
        try:
            while not (outcome := run.outcome()):
                time.sleep(0.01)
        finally:
            run.end()
        return outcome

    def try_each(self, faults):
        """Yield each fault with its Outcome, those first that end first.

        What did not end in time may only be slow beside the others: it is tried again, alone.
        """
        late = []
        for fault in [fault for fault in faults if self.is_unseen(fault)]:
            yield fault, Outcome(True)
        seen_faults = [fault for fault in faults if not self.is_unseen(fault)]
        for fault, outcome in self.try_side_by_side(seen_faults):
            if outcome.in_time or len(faults) == 1:
                yield fault, outcome
            else:
                late.append(fault)
        for fault in late:
            yield from self.try_each([fault])

    def is_unseen(self, fault):
        """Tell whether no test runs the code of a fault, so that none can notice it."""
        return fault and self.seen and self.seen.get(fault.name) == []

    def try_side_by_side(self, faults):
        waiting, free, running = deque(faults), deque(self.copies), {}
        try:
            while waiting or running:
                while waiting and free:
                    fault, copy = waiting.popleft(), free.popleft()
                    running[copy] = fault, self.start(fault, copy)
                for copy, (fault, run) in list(running.items()):
                    if outcome := run.outcome():
                        del running[copy]
                        self.mend(fault, copy)
                        free.append(copy)
                        yield fault, outcome
                time.sleep(0.01)
        finally:
            for _, run in running.values():
                run.end()

    def start(self, fault, copy):
        if fault:
            path = copy / fault.file
            _, broken = fault.sources_in(copy)
            path.write_text(broken, encoding="utf-8")
            for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
                compiled.unlink()
        files = [self.place_of(file, copy) for file in self.files]
        if not fault:
            return Run(self.runners, copy, [files], self.patience)
        tests = [test for test in (self.seen or {}).get(fault.name, ()) if test != seen.SHARED]
        parts = in_parts(files, fault.section, tests)
        return Run(self.runners, copy, parts, self.patience, options=put_first(tests, copy))

    def mend(self, fault, copy):
        if fault:
            shutil.copy2(self.chapter / fault.file, copy / fault.file)
        shutil.rmtree(copy / "instance", ignore_errors=True)  # what `start` has made, broken too

    def place_of(self, file, copy):
        """Return where a file of tests is run: in the copy, if the chapter holds it."""
        inside = file.is_relative_to(self.chapter)
        return copy / file.relative_to(self.chapter) if inside else file


def put_first(tests, copy):
    """Return the options by which a run begins with the classes of these tests."""
    file = copy.parent / "first.json"
    file.write_text(json.dumps(sorted(tests)), encoding="utf-8")
    return "--first", file


@contextmanager
def folder_for_copies():
    """Make a folder that is gone afterwards, even if this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="mutants-")).resolve()
    sweeper = subprocess.Popen(
        [sys.executable, "-m", "course.mutants.sweeper", folder],
        cwd=ROOT,
        env=for_lessons() | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        **apart_from_ctrl_c(),
    )
    try:
        yield folder
    finally:
        sweeper.stdin.close()
        sweeper.wait()
