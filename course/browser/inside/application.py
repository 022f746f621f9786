"""Runs the application of a folder in this Python, as a server would run it in its own process."""

import io
import os
import traceback
from contextlib import contextmanager
from importlib import import_module

from flask.cli import find_best_app

from course.browser.inside.modules import OwnModules
from course.browser.inside.wsgi import respond
from course.building.settings import NothingToCheck, flask_app
from course.building.traces import learners_part

TO_START_WITH = "seed"  # the command of its own that fills a new database


class Application:
    """A Flask application, loaded from a folder with these environment variables, and seeded."""

    def __init__(self, folder, variables):
        self.folder, self.variables = folder, variables
        self.words = io.StringIO()  # what it prints
        self.load()

    def load(self):
        """Import it anew; whatever that raises is the fault of its code."""
        self.modules = OwnModules(self.folder)
        with environment(self.variables), self.modules.in_place():
            self.app = find_best_app(import_module(flask_app(self.folder)))
            if TO_START_WITH in self.app.cli.commands:
                self.run(TO_START_WITH)

    def run(self, command):
        done = self.app.test_cli_runner().invoke(args=[command])
        self.words.write(done.output)
        if done.exception:
            raise done.exception

    def respond(self, request):
        with self.modules.in_place():
            return respond(self.app, request, self.words)

    def close(self):
        """Give its connections to the database back."""
        if database := self.app.extensions.get("sqlalchemy"):
            with self.app.app_context():
                database.engine.dispose()


@contextmanager
def environment(variables):
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def explaining(folder):
    """Turn what an application raises while it loads into NothingToCheck, with its own words."""
    try:
        yield
    except NothingToCheck:
        raise
    except BaseException:  # SystemExit too: it is the code of whoever edits it
        said = learners_part(traceback.format_exc(), folder)
        raise NothingToCheck(f"The API did not start:\n\n{said}") from None
