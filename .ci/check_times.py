#!/usr/bin/env python3
"""Measures how long a learner waits for `check`: from the command, and from a save, to the verdict.

For each section, of its own chapter's API: the best, the middle and the worst of several times.
`.ci/check_times.py 2a 3c` measures these sections only.
"""

import statistics
import subprocess
import sys
import time

from course.building.check import Asked, outcomes_of
from course.building.promise import sections
from course.spine import ROOT, find_chapter

TIMES = 5


def seconds(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def measure(section):
    folder = find_chapter(section[0]).folder
    command = [sys.executable, "-m", "course", "check", section, "--json", "--folder", str(folder)]

    def from_command():
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)

    def from_save():
        outcomes_of(Asked(section, folder))

    return [sorted(seconds(action) for _ in range(TIMES)) for action in (from_command, from_save)]


def main(wanted):
    print(f"{'':<8}{'from command to verdict':<30}from save to verdict, in seconds")
    for section in wanted or sections():
        told = [f"{t[0]:.2f} {statistics.median(t):.2f} {t[-1]:.2f}" for t in measure(section)]
        print(f"{section:<8}{told[0]:<30}{told[1]}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
