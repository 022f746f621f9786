"""The numbers that commands take: one that can't be meant is refused, in one line."""

from argparse import ArgumentTypeError

DAY = 24 * 60 * 60  # seconds


def whole_number(least, most):
    """Return a type, for argparse, of the whole numbers between two, and of these."""

    def convert(text):
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ArgumentTypeError(f"{text} is not a whole number from {least} to {most}")
        return number

    return convert


PORT = whole_number(1024, 65_535)  # those below are the system's
SECONDS = whole_number(1, DAY)
