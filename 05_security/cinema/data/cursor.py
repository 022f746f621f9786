"""A cursor: an opaque string that says where the next page begins."""

import base64
import binascii
import json
from dataclasses import dataclass

from .validation import text, whole_number

LARGEST_ID = 2**63 - 1
TEXTS = ("name", "title", "director")  # the columns that hold text


@dataclass(frozen=True)
class Cursor:
    """The last item of a page: the sort order, the item's value in it, and its key."""

    sort: str
    value: str | int
    key: str | int

    def __str__(self):
        parts = json.dumps([self.sort, self.value, self.key], ensure_ascii=False)
        return base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")


def read_cursor(word):
    """Parse a Cursor from a string; raise ValueError if it is malformed."""
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
    text(value, most=300).encode()  # a lone surrogate raises UnicodeEncodeError
    return value
