"""Says which section of the lesson makes what a test file misses, if you build in that order."""

from contextlib import contextmanager


@contextmanager
def made_in(section):
    """Let what cannot be imported be looked for in a section of the lesson, and not in the test."""
    try:
        yield
    except ImportError as error:
        raise ImportError(f"{error}. It is made in section {section} of the lesson.") from None
