"""Rules for new passwords: long enough, and not commonly guessed (NIST SP 800-63B)."""

import re
from functools import cache
from pathlib import Path

from .password_hashes import composed

COMMON = Path(__file__).with_name("common_passwords.txt")  # it names its source
SHORTEST, LONGEST = 8, 1000  # characters (NIST: at least 8, and 64 must be possible)
UNFIT = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff]")  # not possible in Basic, or in UTF-8
ORNAMENTS = "0123456789!?.,-_*#@$"  # what people add to a word to make it a password


def check_new_password(password, name):
    """Return the password, unchanged, if this user may have it.

    Raises ValueError if it is too short, too long, or commonly guessed.
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
    """Tell whether a password has the right length and characters, and is not blank."""
    if not isinstance(password, str) or password.isspace() or UNFIT.search(password):
        return False
    return SHORTEST <= len(composed(password)) <= LONGEST


@cache
def common_passwords():
    """Return the most commonly guessed passwords, in small letters."""
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
