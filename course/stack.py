"""Runs a chapter as in production, in .venv: `python -m course.stack CHAPTER PORT`.

A client speaks TLS with nginx, which speaks HTTP with the API's processes, which share what they
keep by Valkey; and so for the app beside the API.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
import trustme

from course import terminal
from course.child import WATCH, Child, ServerError, server_environment, wait_for_the_first
from course.commands.run import describe_secrets
from course.errors import CourseError
from course.nginx import start_nginx
from course.ports import HOST, choose_ports, free_ports
from course.spine import ROOT, find_chapter
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
        self.authority = trustme.CA()
        self.authority_file = chapter.folder / "instance" / "ca.pem"
        self.fronts = choose_ports(chapter, port)
        self.cache_url = os.environ.get("CACHE_URL")
        self.children = []
        self.needed = []  # of these: without the cache all goes on, slower

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.ask_to_end()  # all at once, since that takes a while
        for child in self.children:
            child.stop()

    def start(self):
        """Start all, and wait until all answer."""
        self.authority_file.parent.mkdir(exist_ok=True)
        self.authority.cert_pem.write_to_path(self.authority_file)
        if not self.cache_url and os.name != "nt":  # where one process keeps what it has to itself
            self.start_cache()
        for app in self.chapter.apps:
            self.seed(app)
        for app, port in zip(self.chapter.apps, free_ports(len(self.chapter.apps)), strict=True):
            self.start_app(app, port)
            self.start_gateway(app, port)
        for child in self.children:
            child.wait_until_it_answers()
        for app in self.chapter.apps:
            self.check(app)

    def start_cache(self):
        (port,) = free_ports(1)
        self.cache_url = f"redis://{HOST}:{port}/0"
        self.children.append(start_valkey(port, self.own_folder("cache")))

    def seed(self, app):
        again = f"type again: {COURSE} stack {self.chapter.number}"
        done = subprocess.run(
            [sys.executable, "-m", "course.prepare", app, again],
            cwd=self.chapter.folder,
            env=server_environment() | self.environment,
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
            environment=self.environment,
            log=self.own_folder(app) / "log",
        )
        self.children.append(child)
        self.needed.append(child)

    def start_gateway(self, app, app_port):
        port, folder = self.fronts[app], self.own_folder(f"nginx-before-{app}")
        certificate = self.authority.issue_cert(HOST, "localhost").private_key_and_cert_chain_pem
        child = start_nginx(self.chapter, app_port, port, folder, certificate.bytes())
        self.children.append(child)
        self.needed.append(child)

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
        return f"https://{HOST}:{self.fronts[app]}"

    @property
    def environment(self):
        """Return what the apps must know of what is around them."""
        urls = {f"{app.upper()}_URL": self.url(app) for app in self.chapter.companions}
        return urls | {
            "CACHE_URL": self.cache_url or "",
            "REQUESTS_CA_BUNDLE": str(self.authority_file),
            "TRUSTED_PROXIES": "1",
        }

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
            f"  cache       {self.cache_url or 'each process has its own'}",
            *describe_secrets(self.chapter),
            f"  to trust    {authority} (made for this run alone)",
            f"  logs        in {self.folder}",
            "  to stop     Ctrl-C",
            "",
            "Try in a second terminal:",
            *(f"  {request}" for request in requests_to_try),
            "",
        ]
        print("\n".join(lines), flush=True)


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
