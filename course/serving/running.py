"""Tells where `run` serves a chapter now: by a file for each, locked while its command runs.

The system frees a dead process's lock, so that nobody has to tidy up.
"""

from contextlib import contextmanager

from course.serving.server import url
from course.setup import environment


def places():
    return environment.VENV / "running"


def urls_of_running(chapter):
    """Return the URLs at which commands of before serve the chapter's API."""
    return [
        url(int(file.suffix.removeprefix(".")), secure=chapter.is_secure("cinema"))
        for file in sorted(places().glob(f"{chapter.number}.*"))
        if is_locked(file)
    ]


def is_locked(file):
    with file.open("a") as lock:
        return not environment.is_free(lock)


@contextmanager
def known_to_run(chapter, port):
    """Let others know of it, as long as this lasts."""
    places().mkdir(exist_ok=True)
    file = places() / f"{chapter.number}.{port}"
    try:
        with file.open("a") as lock:
            environment.is_free(lock)  # and now it is not
            yield
    finally:
        file.unlink(missing_ok=True)
