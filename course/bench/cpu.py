"""What the system knows of the CPU time that processes have used: on Linux, through /proc."""

import os
from pathlib import Path

PROC = Path("/proc")
PARENT, USER, SYSTEM = 1, 11, 12  # fields of /proc/<pid>/stat after the name (man 5 proc)


def cpu_seconds(process_ids):
    """Return what processes and all that they have started have used; None if nobody knows."""
    if not (PROC / "self" / "stat").exists():
        return None
    fields = dict(processes())
    ticks = 0
    remaining = set(process_ids)
    while remaining:
        ticks += sum(int(fields[pid][field]) for pid in remaining for field in (USER, SYSTEM))
        remaining = {pid for pid in fields if int(fields[pid][PARENT]) in remaining}
    return ticks / os.sysconf("SC_CLK_TCK")


def processes():
    """Yield each process: its id, and what the system counts of it."""
    for folder in PROC.glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:  # it has ended
            continue
        yield int(folder.name), stat.rpartition(")")[2].split()
