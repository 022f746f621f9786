#!/usr/bin/env python3
"""Measures how long a learner waits for `check`: from the command, and from a save, to the verdict.

For each section, of its own chapter's API: the best, the middle and the worst of several times. The
verdict is that on the section itself; "all" is the end, when the sections before it are asked too.
`.ci/check_times.py 2a 3c` measures these sections only.
"""

import statistics
import subprocess
import sys
import time

from course.building.check import Asked, get_ready, outcomes_of
from course.building.promise import sections
from course.spine import ROOT, find_chapter, find_section

TIMES = 5
WARM = 4  # seconds: a verdict is read, and an answer typed, before the next save


def from_command(section, folder):
    """Return the seconds from the command to the line of the section."""
    command = [sys.executable, "-m", "course", "check", section, "--folder", str(folder)]
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        for line in program.stdout:
            if line.startswith(find_section(section).label):
                told = time.perf_counter() - began
                break
        program.stdout.read()
    return told


def from_save(section, folder):
    """Return the seconds to the verdict on the section, and to that on all."""
    asked = Asked(section, folder)
    ready = get_ready(asked)
    time.sleep(WARM)
    began, told = time.perf_counter(), []
    outcomes_of(asked, lambda _: told.append(time.perf_counter() - began), ready)
    whole = time.perf_counter() - began
    ready.end()
    return told[0], whole


def main(wanted):
    print(f"{'':<8}{'from command':<20}{'from save':<20}all")
    for section in wanted or sections():
        folder = find_chapter(section[0]).folder
        commands = [from_command(section, folder) for _ in range(TIMES)]
        saves = zip(*[from_save(section, folder) for _ in range(TIMES)], strict=True)
        told = [f"{min(t):.2f} {statistics.median(t):.2f} {max(t):.2f}" for t in (commands, *saves)]
        print(f"{section:<8}{told[0]:<20}{told[1]:<20}{told[2]}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
