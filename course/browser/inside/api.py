"""`start` in a browser: the same URL of a running API as elsewhere, without a server behind it."""

import secrets
import shutil
import tempfile
from pathlib import Path

from course.browser.inside import network
from course.browser.inside.application import Application
from course.spine import find_chapter

running = {}  # chapter number -> the Api that `start` started last


class Api(str):
    """The URL of a chapter's API, with what `course.serving.server.Api` has."""

    def __new__(cls, chapter, variables):
        api = super().__new__(cls, f"http://127.0.0.1:{chapter.preferred_port}")
        api.chapter = chapter
        api.own = Path(tempfile.mkdtemp(prefix="course-"))
        api.database = api.own / "cinema.db"
        api.key, api.password = secrets.token_urlsafe(), secrets.token_urlsafe()
        known = {
            "DATABASE_URL": f"sqlite:///{api.database}",
            "API_KEY": api.key,
            "CINEMA_PASSWORD": api.password,
            "SECRET_KEY": secrets.token_urlsafe(),
        }
        api.application = Application(chapter.folder, known | variables)
        network.listen(api, api.application)
        return api

    @property
    def log(self):
        """What the application has printed so far, and a line for each request."""
        return self.application.words.getvalue()

    def stop(self):
        network.hang_up(self, self.application)
        self.application.close()
        shutil.rmtree(self.own, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def start(chapter, **environment):
    """Start a chapter's API with a fresh, seeded database; return its URL.

    The URL has `.key`, `.password`, `.log`, `.database` and `.stop()`, and is a context manager, as
    elsewhere. Keyword arguments become environment variables of the application.
    """
    chapter = find_chapter(chapter)
    if chapter.number in running:
        running.pop(chapter.number).stop()
    api = Api(chapter, environment)
    running[chapter.number] = api
    return api
