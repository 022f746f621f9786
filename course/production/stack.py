"""Runs a chapter as in production, in .venv: `python -m course.production.stack CHAPTER PORT`.

A client speaks TLS with nginx, which speaks HTTP with the API's processes, which share what they
keep by Valkey; and so for the app beside the API. From chapter 5 on there are two servers of
PostgreSQL, and between the API and the second one a service that nobody else can ask.
"""

import os
import secrets
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from course import terminal
from course.errors import CourseError
from course.production.app_server import seed, start_app
from course.production.certificate import Certificate
from course.production.introduction import introduce
from course.production.nginx import start_nginx
from course.production.postgres import database_url, make_cluster, start_postgresql
from course.production.settings import DATABASES, Settings
from course.production.valkey import start_valkey
from course.serving.child import PATIENCE, ServerError, wait_for_the_first
from course.serving.ports import HOST, choose_ports, free_port
from course.spine import PLAIN, find_chapter, is_service


class Stack:
    """The processes of a chapter as in production, each with a log in the folder."""

    def __init__(self, chapter, port, folder):
        self.chapter = chapter
        self.folder = folder
        self.settings = Settings(chapter, fronts=choose_ports(chapter, port))
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
        self.certificate = Certificate(self.chapter)
        if self.chapter.in_earnest:
            for name in DATABASES:
                self.settings.databases[name] = os.environ.get(name) or self.start_database(name)
        self.settings.cache_url = os.environ.get("CACHE_URL")
        if not self.settings.cache_url and os.name != "nt":  # where each process keeps its own
            self.start_cache()
        for app in self.chapter.apps_as_started:
            self.start_app(app)
        for child in self.children:
            child.wait_until_it_answers()
        for app in self.chapter.apps:
            self.check(app)

    def start_database(self, name):
        port, password = free_port(), secrets.token_urlsafe(32)
        place = Path(self.places.enter_context(TemporaryDirectory(prefix="course-postgresql-")))
        make_cluster(place, password)
        child = start_postgresql(port, place, log=self.own_folder(name.lower()) / "log")
        self.keep(child)
        child.wait_until_it_answers()
        return database_url(port, password)

    def start_cache(self):
        port = free_port()
        self.settings.cache_url = f"redis://{HOST}:{port}/0"
        self.children.append(start_valkey(port, self.own_folder("cache")))

    def start_app(self, app):
        """Start an app; and nginx before it, unless it is a service that only we ask."""
        settings = self.settings.of(app)
        seed(self.chapter, app, settings)
        port = self.settings.fronts[app] if is_service(app) else free_port()
        child = start_app(self.chapter, app, port, settings, self.own_folder(app) / "log")
        self.keep(child)
        if is_service(app):
            child.wait_until_it_answers()  # the next app asks it while it is prepared
        else:
            self.start_gateway(app, port)

    def start_gateway(self, app, app_port):
        fronts, folder = self.settings.fronts, self.own_folder(f"nginx-before-{app}")
        plain_port = fronts.get(PLAIN) if app == "cinema" else None
        certificate = self.certificate.with_key()
        self.keep(start_nginx(self.chapter, app_port, fronts[app], folder, certificate, plain_port))

    def keep(self, child):
        """Remember a process without which the API can't go on."""
        self.children.append(child)
        self.needed.append(child)

    def check(self, app):
        """See that the app itself answers, through all that is before it."""
        url = self.settings.url(app)
        try:
            answer = requests.get(url, verify=str(self.chapter.authority), timeout=PATIENCE)
        except requests.RequestException as error:
            taken = f"{url} should answer. Has another program taken that port? Then start again."
            raise ServerError(f"{taken} ({error})") from error
        if answer.status_code >= 500:
            raise ServerError(f"{url} should answer. It says: {answer.text}")

    def own_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder


def main(number, port):
    terminal.prepare()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ask us to end, and to tidy up
    try:
        with (
            TemporaryDirectory(prefix="course-") as folder,
            Stack(find_chapter(number), int(port), Path(folder)) as stack,
        ):
            stack.start()
            introduce(stack)
            ended = wait_for_the_first(stack.needed)
            raise ServerError(
                f"{ended.log.parent.name} has ended. It said last:\n{ended.last_words[-2000:]}"
            )
    except CourseError as error:
        return str(error) or 1
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
        return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
