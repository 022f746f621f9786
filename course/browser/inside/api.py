"""`start` in a browser: the same URL of a running API as elsewhere, without a server behind it."""

from course.browser.inside import network
from course.browser.inside.application import Application
from course.browser.inside.own import Own
from course.spine import find_chapter

running = {}  # chapter number -> the Api that `start` started last


class Api(str):
    """The URL of a chapter's API, with what `course.serving.server.Api` has."""

    def __new__(cls, chapter, variables):
        api = super().__new__(cls, f"http://127.0.0.1:{chapter.preferred_port}")
        api.chapter = chapter
        api.own = Own()
        api.database, api.key, api.password = api.own.database, api.own.key, api.own.password
        api.application = Application(chapter.folder, api.own.variables | variables)
        network.listen(api, api.application)
        return api

    @property
    def log(self):
        """What the application has printed so far, and a line for each request."""
        return self.application.words.getvalue()

    def stop(self):
        network.hang_up(self, self.application)
        self.application.close()
        self.own.remove()

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
