"""How the course speaks in a terminal: what it is called there, and in which colours."""

import os
import shutil
import sys

COURSE = "py -m course" if os.name == "nt" else "python3 -m course"
INTERRUPTED = 130  # the exit code of a program that Ctrl-C has ended, as shells tell it
COLOURS = {"bold": 1, "red": 31, "green": 32, "cyan": 36}
COLOURS_OF_DIFFERENCES = {"---": "bold", "+++": "bold", "@@ ": "cyan", "+": "green", "-": "red"}


def prepare():
    """Make printing safe, and colours work, on every kind of console."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console without "·" gets a "?" instead
    if os.name == "nt":
        os.system("")  # noqa: S605 (this makes Windows' older consoles read colour codes)


def say_interrupted():
    print("\nInterrupted. The same command begins again.", file=sys.stderr)


def can_print(text):
    """Tell whether the console has these characters: one of Windows may not."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def columns():
    """Return the width of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns


def painted(text, colour):
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{COLOURS[colour]}m{text}\033[0m"


def painted_difference(line):
    """Colour a line of a unified diff by its beginning."""
    for start, colour in COLOURS_OF_DIFFERENCES.items():
        if line.startswith(start):
            return painted(line, colour)
    return line
