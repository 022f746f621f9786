"""Runs a chapter's API, and the apps that belong beside it, for a notebook, a test or a learner."""

import atexit
import os
import secrets
import shutil
import sys
import tempfile
import weakref
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from pathlib import Path

from course.errors import CourseError
from course.serving.child import Child, ServerError
from course.serving.ports import HOST, free_ports, hands_on_to, is_free
from course.setup.environment import ensure_here
from course.setup.surroundings import SETTINGS, ours
from course.spine import PLAIN, find_chapter


class Server(str):
    """The URL of a server, and the child process that it is until `stop`."""

    to_start_again = "The server has ended. Run the cell that starts it again, then this one."

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

    def insist(self):
        """Raise ServerError, which says what to run again, if the server has ended."""
        if self.child.has_ended:
            raise ServerError(self.to_start_again)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Identity:
    """What a chapter keeps when it is started again: its key, its passwords, its ports.

    So what a notebook has made of them before, such as the URL of a movie, is still right.
    """

    def __init__(self):
        self.key, self.password, self.robot_secret = (secrets.token_urlsafe() for _ in range(3))
        self.ports = {}  # names of settings -> those of the API that was started with them

    def ports_for(self, settings, listeners):
        """Return those of before; others if there are none, or one was taken in the meantime."""
        before = self.ports.get(settings, {})
        if before.keys() != set(listeners) or not all(map(is_free, before.values())):
            self.ports[settings] = dict(zip(listeners, free_ports(len(listeners)), strict=True))
        return self.ports[settings]


class Api(Server):
    """The URL of a chapter's API, which is running; and what else a notebook needs of it."""

    def __new__(cls, chapter, environment):
        identity = identities[chapter.folder]
        ports = identity.ports_for(tuple(sorted(environment)), chapter.listeners)
        urls = urls_of(chapter, ports)
        api = super().__new__(cls, urls["cinema"])
        api.chapter, api.ports, api.settings = chapter, ports, tuple(environment)
        if chapter.has_tls:
            api.ca, api.plain = str(chapter.authority), urls[PLAIN]
            hands_on_to.setdefault(ports[PLAIN])  # of the same process: it leads to no other
        folder = api.own_folder()
        api.database = folder / "cinema.db"
        api.key, api.password = identity.key, identity.password
        api.robot_secret = identity.robot_secret
        known = dict.fromkeys(SETTINGS) | surroundings(chapter, ports)  # those are SETTINGS too
        known |= {
            "DATABASE_URL": f"sqlite:///{api.database.as_posix()}",
            "CREDENTIALS_DATABASE_URL": f"sqlite:///{(folder / 'credentials.db').as_posix()}",
            "AUTH_SERVICE_DATABASE_URL": f"sqlite:///{(folder / 'auth_service.db').as_posix()}",
            "API_KEY": api.key,
            "CINEMA_PASSWORD": api.password,
            "ROBOT_SECRET": api.robot_secret,
            "SECRET_KEY": secrets.token_urlsafe(),
            "AUTHORIZATION_SERVER_SECRET": secrets.token_urlsafe(),
            "AUTH_SERVICE_SECRET": secrets.token_urlsafe(),
        }
        again = "run this cell again."
        api.apps = ExitStack()
        children = api.apps.enter_context(
            running_apps(sys.executable, chapter, ports, known | environment, again, logs=folder)
        )
        api.run_by(children["cinema"])
        for app in chapter.companions:
            setattr(api, app, Server(urls[app]).run_by(children[app]))
        return api

    def stop(self):
        self.apps.close()
        super().stop()

    @property
    def to_start_again(self):
        call = ", ".join([f'"{self.chapter.number}"', *(f"{name}=…" for name in self.settings)])
        return (
            f"The server of chapter {self.chapter.number} has ended. Run the cell with "
            f"start({call}) again, then this one."
        )


identities = defaultdict(Identity)  # folder of a chapter -> what stays
running = {}  # that folder and names of settings -> the Api that `start` started last
broken = []  # in the mutation lab: the copy that `start` serves instead of the chapter


def start(chapter, **environment):
    """Start a chapter's API on a free port with a fresh, seeded database; return its URL.

    The URL has `.key` (the API key), `.password` (of every user), `.log`, `.database` (the SQLite
    file) and `.stop()`, and is a context manager. An app that belongs beside the API runs too, and
    ends with it: `.authorization_server` is its URL. From chapter 5 on, URLs are https://: `.ca` is
    the file of the authority to trust, as `verify=`, and `.plain` the URL for plain HTTP. Keyword
    arguments become environment variables of the servers, which know of no exported setting.

    A chapter that is started again takes the place of its earlier servers: at the same URLs, with
    the same key and passwords. With other names of settings, it runs beside them.

    What asks the servers from this process asks them directly: without a proxy, without .netrc.
    """
    chapter = broken_copy_of(find_chapter(chapter))
    os.environ.update(ours())
    ensure_here(*chapter.groups)
    kind = chapter.folder, *sorted(environment)
    if kind in running:
        running.pop(kind).stop()
    settings = {name: str(value) for name, value in environment.items()}
    running[kind] = Api(chapter, settings)
    return running[kind]


def broken_copy_of(chapter):
    """Return the copy that the mutation lab has made of a chapter; elsewhere, the chapter."""
    if broken and chapter.number != broken[0].number:
        raise CourseError(
            f"The mutation lab breaks chapter {broken[0].number}, and this starts chapter "
            f'{chapter.number}. Change that to: start("{broken[0].number}")'
        )
    return broken[0] if broken else chapter


@contextmanager
def running_apps(python, chapter, ports, environment, again, logs=None):
    """Run a chapter's apps, each started when the one before answers; yield them by name.

    The API makes the database, which all use but the services that it asks. Each finds the URLs of
    the others in its environment, as in AUTHORIZATION_SERVER_URL. `again` is what to do after a
    mistake is mended.
    """
    around = surroundings(chapter, ports)
    apps = {}
    with ExitStack() as stack:
        for app in chapter.apps_as_started:
            apps[app] = Child(
                [
                    python,
                    "-m",
                    "course.serving.app",
                    app,
                    ports[app],
                    again,
                    *tls(chapter, app, ports),
                ],
                ports[app],
                cwd=chapter.folder,
                environment=around | environment,
                log=logs and logs / f"{app}.log",
            )
            stack.callback(apps[app].stop)
            apps[app].wait_until_it_answers()
        stack.callback(ask_to_end, apps.values())
        yield apps


def ask_to_end(children):
    """Ask all at once, since one after the other it takes a while."""
    for child in children:
        child.ask_to_end()


def surroundings(chapter, ports):
    """Return the environment variables that tell an app of what is around it."""
    urls = urls_of(chapter, ports)
    apps = chapter.apps if chapter.companions else ()
    variables = {f"{app.upper()}_URL": urls[app] for app in apps}
    if chapter.has_tls:
        variables["HTTPS_PORT"] = str(ports["cinema"])
        variables["REQUESTS_CA_BUNDLE"] = str(chapter.authority)
    return variables


def tls(chapter, app, ports):
    """Return what `course.serving.app` needs for TLS: files, and the port for plain HTTP."""
    if not chapter.is_secure(app):
        return []
    files = [chapter.instance / "server.pem", chapter.instance / "server.key"]
    return [*files, ports[PLAIN]] if app == "cinema" else files


def urls_of(chapter, ports):
    return {name: url(port, secure=chapter.is_secure(name)) for name, port in ports.items()}


def url(port, secure=False):
    return f"{'https' if secure else 'http'}://{HOST}:{port}"
