"""Runs a chapter as in production, in .venv: `python -m course.stack CHAPTER PORT`.

A client speaks TLS with nginx, which speaks HTTP with the API's processes, which share what they
keep by Valkey; and so for the app beside the API. From chapter 5 on there are two servers of
PostgreSQL, and between the API and the second one a service that nobody else can ask.
"""

import os
import secrets
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
import trustme

from course import terminal
from course.child import WATCH, Child, ServerError, server_environment, wait_for_the_first
from course.commands.run import describe_secrets
from course.errors import CourseError
from course.nginx import start_nginx
from course.ports import HOST, choose_ports, free_port
from course.postgres import database_url, make_cluster, start_postgresql
from course.server import url
from course.spine import PLAIN, ROOT, find_chapter, is_service
from course.terminal import COURSE, painted
from course.valkey import start_valkey

GUNICORN = (
    *("gunicorn", "--workers=2", "--worker-class=gthread", "--threads=4"),
    "--keep-alive=75",  # seconds: longer than nginx keeps a connection, so that nginx ends it
    "--forwarded-allow-ips=",  # none: whom to believe is for the app to say
    "--limit-request-line=8190",
    *("--graceful-timeout=3", "--no-control-socket", "--access-logfile=-"),
)
WAITRESS = ("waitress", "--threads=8")
DATABASES = ("DATABASE_URL", "AUTH_SERVICE_DATABASE_URL")  # each on a server of its own
SECRETS = {  # of each app, and no more than it needs: made for a run, and kept nowhere
    "cinema": ("CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
    "auth_service": ("AUTH_SERVICE_SECRET",),
    "authorization_server": (
        *("CINEMA_PASSWORD", "SECRET_KEY", "AUTH_SERVICE_SECRET"),
        *("AUTHORIZATION_SERVER_SECRET", "ROBOT_SECRET"),
    ),
}
TO_TRY = (  # with the chapter's URL and that of its certificate authority
    "{curl} {url}/v1/movies/3",
    "{curl} {url}/v1/movies/3  # X-Cache says HIT: nginx has kept it",
    "{curl} {url}/v1/watchlists --user alice  # BYPASS; curl asks for the password",
)


class Stack:
    """The processes of a chapter as in production, each with a log in the folder."""

    def __init__(self, chapter, port, folder):
        self.chapter = chapter
        self.folder = folder
        self.authority_file = chapter.authority
        self.fronts = choose_ports(chapter, port)
        self.cache_url = os.environ.get("CACHE_URL")
        self.databases = {}  # the URL of each, by its variable
        self.secrets = {}
        self.children = []
        self.needed = []  # of these: without the cache all goes on, slower
        self.places = ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.ask_to_end()  # all at once, since that takes a while
        for child in self.children:
            child.stop()
        self.places.close()

    def start(self):
        """Start all, and wait until all answer."""
        self.make_certificate()
        if self.chapter.in_earnest:
            self.make_secrets()
            self.start_databases()
        if not self.cache_url and os.name != "nt":  # where one process keeps what it has to itself
            self.start_cache()
        for app in self.chapter.apps_as_started:
            self.seed(app)
            port = self.fronts[app] if is_service(app) else free_port()
            self.start_app(app, port)
            if not is_service(app):
                self.start_gateway(app, port)
        for child in self.children:
            child.wait_until_it_answers()
        for app in self.chapter.apps:
            self.check(app)

    def make_certificate(self):
        """Make one for this run alone; from chapter 5 on, the API's own command makes it."""
        self.chapter.instance.mkdir(exist_ok=True)
        if not self.chapter.has_tls:
            authority = trustme.CA()
            authority.cert_pem.write_to_path(self.authority_file)
            self.certificate = authority.issue_cert(
                HOST, "localhost"
            ).private_key_and_cert_chain_pem

    def make_secrets(self):
        names = {name for names in SECRETS.values() for name in names}
        self.secrets = {name: secrets.token_urlsafe(32) for name in sorted(names)}

    def start_databases(self):
        for name in DATABASES:
            self.databases[name] = os.environ.get(name) or self.start_database(name)

    def start_database(self, name):
        port, password = free_port(), secrets.token_urlsafe(32)
        place = Path(self.places.enter_context(TemporaryDirectory(prefix="course-postgresql-")))
        make_cluster(place, password)
        child = start_postgresql(port, place, log=self.own_folder(name.lower()) / "log")
        self.children.append(child)
        self.needed.append(child)
        child.wait_until_it_answers()
        return database_url(port, password)

    def start_cache(self):
        port = free_port()
        self.cache_url = f"redis://{HOST}:{port}/0"
        self.children.append(start_valkey(port, self.own_folder("cache")))

    def seed(self, app):
        again = f"type again: {COURSE} stack {self.chapter.number}"
        done = subprocess.run(
            [sys.executable, "-m", "course.prepare", app, again],
            cwd=self.chapter.folder,
            env=server_environment() | self.environment_of(app),
            check=False,
        )
        if done.returncode:
            raise ServerError  # what it has to say is on the screen

    def start_app(self, app, port):
        address = f"{HOST}:{port}"
        if os.name == "nt":  # where there is no gunicorn
            command = [*WAITRESS, f"--listen={address}", "--call", f"{app}:create_app"]
        else:
            command = [*GUNICORN, f"--bind={address}", f"{app}:create_app()"]
        child = Child(
            [*WATCH, sys.executable, "-m", *command],
            port,
            cwd=self.chapter.folder,
            environment=self.environment_of(app),
            log=self.own_folder(app) / "log",
        )
        self.children.append(child)
        self.needed.append(child)

    def start_gateway(self, app, app_port):
        port, folder = self.fronts[app], self.own_folder(f"nginx-before-{app}")
        plain_port = self.fronts.get(PLAIN) if app == "cinema" else None
        child = start_nginx(
            self.chapter, app_port, port, folder, self.certificate_with_key(), plain_port
        )
        self.children.append(child)
        self.needed.append(child)

    def certificate_with_key(self):
        if not self.chapter.has_tls:
            return self.certificate.bytes()
        names = ("server.key", "server.pem")
        return b"".join((self.chapter.instance / name).read_bytes() for name in names)

    def check(self, app):
        """See that the app itself answers, through all that is before it."""
        answer = requests.get(self.url(app), verify=str(self.authority_file), timeout=10)
        if answer.status_code >= 500:
            raise ServerError(f"{self.url(app)} should answer. It says: {answer.text}")

    def own_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def url(self, app):
        return url(self.fronts[app], secure=not is_service(app))

    def environment_of(self, app):
        """Return what an app must know of what is around it."""
        around = {f"{other.upper()}_URL": self.url(other) for other in self.chapter.companions} | {
            "CACHE_URL": self.cache_url or "",
            "REQUESTS_CA_BUNDLE": str(self.authority_file),
            "TRUSTED_PROXIES": "1",
        }
        if not self.chapter.in_earnest:
            return around
        database = "AUTH_SERVICE_DATABASE_URL" if is_service(app) else "DATABASE_URL"
        return (
            around
            | {"CINEMA_ENV": "production", "HTTPS_PORT": str(self.fronts["cinema"])}
            | {database: self.databases[database]}
            | {name: self.secrets[name] for name in SECRETS[app]}
        )

    def introduce(self):
        curl = "curl.exe" if os.name == "nt" else "curl"
        authority = os.path.relpath(self.authority_file, ROOT)
        requests_to_try = (
            request.format(curl=f"{curl} -i --cacert {authority}", url=self.url("cinema"))
            for request in TO_TRY
        )
        lines = [
            "",
            painted(f"Chapter {self.chapter}, as in production", "bold"),
            f"  running at  {painted(self.url('cinema'), 'cyan')}",
            *(f"  beside it   {self.url(app)} ({app})" for app in self.chapter.companions),
            *self.describe_what_is_in_earnest(),
            f"  cache       {self.cache_url or 'each process has its own'}",
            *([] if self.secrets else describe_secrets(self.chapter)),
            f"  to trust    {authority}{'' if self.secrets else ' (made for this run alone)'}",
            f"  logs        in {self.folder}",
            "  to stop     Ctrl-C",
            "",
            "Try in a second terminal:",
            *(f"  {request}" for request in requests_to_try),
            "",
        ]
        print("\n".join(lines), flush=True)

    def describe_what_is_in_earnest(self):
        if self.chapter.has_tls:
            yield f"  plain HTTP  {url(self.fronts[PLAIN])} (leads there, or refuses)"
        for name, address in self.databases.items():
            place = address.rpartition("@")[2]  # the password before it is nobody's concern
            yield f"  database    postgresql://{place} ({name})"
        if self.secrets:
            password = self.secrets["CINEMA_PASSWORD"]
            yield f"  password    {password} (of alice and bob, for this run alone)"


def main(number, port):
    terminal.prepare()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ask us to end, and to tidy up
    try:
        with (
            TemporaryDirectory(prefix="course-") as folder,
            Stack(find_chapter(number), int(port), Path(folder)) as stack,
        ):
            stack.start()
            stack.introduce()
            ended = wait_for_the_first(stack.needed)
            raise ServerError(f"A server has ended. It said last:\n{ended.words[-2000:]}")
    except CourseError as error:
        return str(error) or 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
        return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
