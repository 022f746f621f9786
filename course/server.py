"""Runs a chapter's API, and the apps that belong beside it, for a notebook, a test or a learner."""

import atexit
import secrets
import shutil
import sys
import tempfile
import weakref
from contextlib import ExitStack, contextmanager
from pathlib import Path

from course.child import Child
from course.environment import ensure_here
from course.ports import HOST, free_ports
from course.spine import find_chapter


class Server(str):
    """The URL of a server, and the child process that it is until `stop`."""

    def run_by(self, child):
        """Wait until the child answers; from then on it is what the URL leads to."""
        self.child = child
        atexit.register(self.stop)
        try:
            child.wait_until_it_answers()
        except BaseException:  # Interrupt in the notebook too
            self.stop()
            raise
        return self

    def own_folder(self):
        """Make a folder that goes when this process ends, or the last who knows this server."""
        folder = Path(tempfile.mkdtemp(prefix="course-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    @property
    def log(self):
        """What the server has printed so far."""
        return self.child.words

    def stop(self):
        self.child.stop()
        atexit.unregister(self.stop)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Api(Server):
    """The URL of a chapter's API, which is running; and what else a notebook needs of it."""

    def __new__(cls, chapter, environment):
        ports = dict(zip(chapter.apps, free_ports(len(chapter.apps)), strict=True))
        api = super().__new__(cls, url(ports["cinema"]))
        api.chapter = chapter
        folder = api.own_folder()
        api.database = folder / "cinema.db"
        api.key, api.password, api.robot_secret = (secrets.token_urlsafe() for _ in range(3))
        known = {
            "DATABASE_URL": f"sqlite:///{api.database.as_posix()}",
            "API_KEY": api.key,
            "CINEMA_PASSWORD": api.password,
            "ROBOT_SECRET": api.robot_secret,
            "SECRET_KEY": secrets.token_urlsafe(),
            "AUTHORIZATION_SERVER_SECRET": secrets.token_urlsafe(),
        }
        again = "run this cell again."
        api.apps = ExitStack()
        children = api.apps.enter_context(
            running_apps(sys.executable, chapter, ports, known | environment, again, logs=folder)
        )
        api.run_by(children["cinema"])
        for app in chapter.companions:
            setattr(api, app, Server(url(ports[app])).run_by(children[app]))
        return api

    def stop(self):
        self.apps.close()
        super().stop()


running = {}  # chapter number -> the Api that `start` started last


def start(chapter, **environment):
    """Start a chapter's API on a free port with a fresh, seeded database; return its URL.

    The URL has `.key` (the API key), `.password` (of every user), `.log`, `.database` (the SQLite
    file) and `.stop()`, and is a context manager. An app that belongs beside the API runs too, and
    ends with it: `.authorization_server` is its URL. Keyword arguments become environment variables
    of the servers. A chapter that is started again takes the place of its earlier servers.
    """
    chapter = find_chapter(chapter)
    ensure_here(*chapter.groups)
    if chapter.number in running:
        running.pop(chapter.number).stop()
    api = Api(chapter, {name: str(value) for name, value in environment.items()})
    running[chapter.number] = api
    return api


@contextmanager
def running_apps(python, chapter, ports, environment, again, logs=None):
    """Run a chapter's apps, each started when the one before answers; yield them by name.

    The first makes the database, which all use. Each finds the URLs of the others in its
    environment, as in AUTHORIZATION_SERVER_URL. `again` is what to do after a mistake is mended.
    """
    urls = {f"{app.upper()}_URL": url(ports[app]) for app in chapter.companions}
    apps = {}
    with ExitStack() as stack:
        for app, port in ports.items():
            apps[app] = Child(
                [python, "-m", "course.serve", app, port, again],
                port,
                cwd=chapter.folder,
                environment=urls | environment,
                log=logs and logs / f"{app}.log",
            )
            stack.callback(apps[app].stop)
            apps[app].wait_until_it_answers()
        yield apps


def url(port):
    return f"http://{HOST}:{port}"
