"""Decides where what code printed stands: below the code, or beside it; in one column or in two.

Everything is counted in lines and letters. The sizes are those of look/deck.css, in pixels.
"""

import re

WIDTH = 1280 - 2 * 48  # of what stands on a slide
LETTER_OF_CODE, LETTER_OF_OUTPUT = 10.24, 9.64
AROUND_AN_OUTPUT = 32
AROUND_CODE_AND_OUTPUT = 28 + 16 + AROUND_AN_OUTPUT

WHOLE = int((WIDTH - AROUND_AN_OUTPUT) / LETTER_OF_OUTPUT)  # letters in a line of output
HALF = int((WIDTH - AROUND_AN_OUTPUT - 24) / 2 / LETTER_OF_OUTPUT)
ENOUGH = 46  # letters: an exchange can be read in them
FEW_BROKEN = 2  # lines that may be broken to make room
FEW_LINES = 18  # of code and output: there is room for them, one below the other

REQUEST = re.compile(r"\n\n(?=[A-Z]+ \S+ HTTP/)")
RESPONSE = re.compile(r"\n\n(?=HTTP/\S+ \d{3})")


def is_better_beside(code, printed):
    """Tell whether what was printed has room at the right of the code, and needs it."""
    below = lines(code) + height(rows(printed))
    room = room_beside(code)
    if below <= FEW_LINES or room < min(width(printed), ENOUGH):
        return False
    beside = lines(printed, room)
    return beside <= lines(printed) + FEW_BROKEN and max(lines(code), beside) < below


def room_beside(code):
    """Return how many letters of output have room at the right of some code."""
    return int((WIDTH - width(code) * LETTER_OF_CODE - AROUND_CODE_AND_OUTPUT) / LETTER_OF_OUTPUT)


def rows(printed):
    """Return what was printed in rows; if it is long, each request beside its response."""
    exchanges = [RESPONSE.split(exchange, maxsplit=1) for exchange in REQUEST.split(printed)]
    parts = [part for exchange in exchanges for part in exchange]
    in_pairs = len(parts) == 2 * len(exchanges)
    is_shorter = in_pairs and height(exchanges) < 0.75 * lines(printed)
    return exchanges if is_shorter and lines(printed) > FEW_LINES / 2 else [[printed]]


def height(rows):
    """Return the number of lines of rows, with an empty one between two rows."""
    room = WHOLE if len(rows[0]) == 1 else HALF
    return sum(max(lines(part, room) for part in row) for row in rows) + len(rows) - 1


def lines(text, room=WHOLE):
    """Return how many lines a text has once those that are too long are broken."""
    return sum(max(1, -(-len(line) // room)) for line in text.splitlines())


def width(text):
    return max(map(len, text.splitlines()), default=0)
