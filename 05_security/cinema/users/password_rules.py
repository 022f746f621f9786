"""What may be a password: long enough, and none that is guessed first (NIST SP 800-63B)."""

import re
from functools import cache
from pathlib import Path

from .password_hashes import composed

COMMON = Path(__file__).with_name("common_passwords.txt")  # where it is from, it says itself
SHORTEST, LONGEST = 8, 1000  # characters (NIST: at least 8, and 64 must be possible)
UNFIT = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")  # Basic cannot carry them, or UTF-8
ORNAMENTS = "0123456789!?.,-_*#@$"  # what people add to a word to make it a password


def check_new_password(password, name):
    """Return a password that this user may have from now on; nothing is cut off it, or trimmed.

    Raises ValueError for one that is too short, too long, or among the first to be guessed.
    """
    if not is_fit(password):
        raise ValueError(
            f"a password is {SHORTEST} to {LONGEST} characters, not blank, none of control"
        )
    guess = composed(password).casefold()
    if guess.strip(ORNAMENTS) == name:
        raise ValueError("a password is not its user's name, with or without ornaments")
    if guess in common_passwords():
        raise ValueError("a password is not one of the 10,000 that are guessed first")
    return password


def is_fit(password):
    """Tell whether it can be sent, and has the length; a blank one is most often a mistake."""
    if not isinstance(password, str) or password.isspace() or UNFIT.search(password):
        return False
    return SHORTEST <= len(composed(password)) <= LONGEST


@cache
def common_passwords():
    """Return those that everybody's first guesses are, in small letters."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
