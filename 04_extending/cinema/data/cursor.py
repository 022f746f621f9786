"""A cursor: the place between two pages, as a word that a client gives back as it is."""

import base64
import binascii
import json
from dataclasses import dataclass

from .validation import text, whole_number

LARGEST_ID = 2**63 - 1
TEXTS = ("name", "title", "director")  # the columns that hold text


@dataclass(frozen=True)
class Cursor:
    """The last thing of a page: its place in the order of the list, and its key."""

    sort: str
    value: str | int
    key: str | int

    def __str__(self):
        parts = json.dumps([self.sort, self.value, self.key], ensure_ascii=False)
        return base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")


def read_cursor(word):
    """Return the Cursor that was written as this word; raise ValueError if none was."""
    try:
        padded = word + "=" * (-len(word) % 4)
        sort, value, key = json.loads(base64.b64decode(padded, altchars="-_", validate=True))
        column = value_of(True, sort).removeprefix("-")
        return Cursor(sort, value_of(column in TEXTS, value), value_of(column == "name", key))
    except (binascii.Error, RecursionError, TypeError, ValueError):
        raise ValueError("must be the next_cursor of the page before") from None


def value_of(is_text, value):
    if not is_text:
        return whole_number(value, 0, LARGEST_ID)
    text(value, most=300).encode()  # UnicodeEncodeError is a ValueError: half a character
    return value
