"""What a server has printed: the learner's part of its last traceback."""

import re
from pathlib import Path

TRACE = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*\S.*")
FRAME = re.compile(r'^ +File "(?P<file>[^"]+)", line \d+.*\n(?:(?!  File ) +.*\n)*', re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MOST_LINES = 14


def learners_part(words, folder):
    """Return the last traceback, of its frames only those in the folder; else the last lines."""
    words = COLOURS.sub("", words)
    traces = TRACE.findall(words)
    if not traces:
        lines = [line for line in words.strip().splitlines() if ' HTTP/1.1" ' not in line]
        return "\n".join(lines[-MOST_LINES:])
    trace = traces[-1]
    frames = [found[0] for found in FRAME.finditer(trace) if is_in(found["file"], folder)]
    last = trace.rstrip().splitlines()
    message = [line for line in last if not line.startswith((" ", "Traceback"))][-1:]
    if not frames:  # a SyntaxError has no frame, only a place
        return "\n".join(last[-MOST_LINES:])
    return "".join(frames[-4:]) + "\n".join(message)


def is_in(file, folder):
    path = Path(file)
    inside = path.is_relative_to(folder) or not (path.is_absolute() or file.startswith("<"))
    return inside and not {".venv", "venv", "site-packages"} & set(path.parts)
