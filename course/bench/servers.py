"""The measured servers: child processes, each with a fresh database of its own.

Each is one worker with one thread, so that what is measured is the app, and not how threads wait
for each other.
"""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from course.bench.cpu import cpu_seconds
from course.serving.child import WATCH, Child, ServerError, server_environment
from course.serving.ports import HOST, free_port

PLAIN, FASTAPI, OURS, FAST = "course.bench.plain", "course.bench.fastapi_peer", "cinema", "fast"
GRANIAN = (
    *("granian", "--factory", "--workers=1", "--no-ws", "--log-level=warning"),
    f"--host={HOST}",
)
GUNICORN = (
    *("gunicorn", "--workers=1", "--keep-alive=75", "--no-control-socket"),
    "--log-level=warning",
)
UNLIMITED = "1000000000 per hour"  # requests are counted, but none is refused
REPEAT_FILMS = """
    WITH RECURSIVE copy (number) AS
        (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < :rows)
    INSERT INTO movie ({columns}) SELECT {columns} FROM copy, movie
    LIMIT max(:rows - (SELECT count(*) FROM movie), 0)
"""


def granian(module, port):
    if module == FASTAPI:
        interface = ["--interface=asgi"]
    else:
        interface = ["--interface=wsgi", "--blocking-threads=1"]
    return [*GRANIAN, *interface, f"--port={port}", f"{module}:create_app"]


def gunicorn(module, port):
    worker = ["asgi"] if module == FASTAPI else ["gthread", "--threads=1"]
    return [*GUNICORN, "--worker-class", *worker, f"--bind={HOST}:{port}", f"{module}:create_app()"]


SERVERS = {"granian": granian} | ({} if os.name == "nt" else {"gunicorn": gunicorn})


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, and the process whose CPU time is told."""

    port: int
    process_id: int

    @property
    def cpu_seconds(self):
        return cpu_seconds({self.process_id})


@dataclass(frozen=True)
class Competitor:
    """An app to measure: its name in the table, its module, and its own environment variables."""

    name: str
    module: str
    environment: dict = field(default_factory=dict)

    @property
    def schema(self):
        """Return whose tables it uses: the peers have the same."""
        return PLAIN if self.module in (PLAIN, FASTAPI) else OURS


class Workshop:
    """Where servers are made: with this Python, for this chapter, with files in this folder."""

    def __init__(self, python, chapter, folder, password):
        self.python = python
        self.chapter = chapter
        self.folder = folder
        self.password = password
        self.templates = {}  # whose tables, and how many rows -> a database to copy

    @contextmanager
    def server(self, kind, competitor, rows=0):
        """Run an app in a server of this kind until the block ends; yield the Server."""
        name = f"{kind}-{competitor.name}-{rows}".replace(" ", "-")
        database = self.folder / f"{name}.db"
        shutil.copyfile(self.template(competitor.schema, rows), database)
        port = free_port()
        child = Child(
            [*WATCH, self.python, "-m", *SERVERS[kind](competitor.module, port)],
            port,
            cwd=self.chapter.folder,
            environment=self.environment(database) | competitor.environment,
            log=self.folder / f"{name}.log",
        )
        try:
            child.wait_until_it_answers()
            yield Server(port, child.process.pid)
        finally:
            child.stop()

    def template(self, module, rows):
        """Return a database with the films and alice, an editor, grown to so many rows."""
        if (module, rows) not in self.templates:
            database = self.folder / f"template-{module}-{rows}.db"
            self.seed(module, database)
            with closing(sqlite3.connect(database)) as connection, connection:
                connection.execute("UPDATE user SET password_hash = ?", [quick_hash(self.password)])
                repeat_films(connection, rows)
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")  # back to one file
            self.templates[module, rows] = database
        return self.templates[module, rows]

    def seed(self, module, database):
        command = [self.python, "-m", "flask", "--app", module, "seed"]
        if module == PLAIN:
            command.append(next(self.chapter.folder.glob("cinema/**/movies.json")))
        self.call(command, self.environment(database))

    def techniques(self):
        """Return what `fast` can switch on: the lines of code of each technique, by its name."""
        report = self.call([self.python, "-m", "fast"], {})
        return {name: int(lines) for name, lines, *_ in map(str.split, report.splitlines())}

    def call(self, command, environment):
        done = subprocess.run(
            command,
            cwd=self.chapter.folder,
            env=server_environment() | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(done.stderr.strip())
        return done.stdout

    def environment(self, database):
        return {
            "DATABASE_URL": f"sqlite:///{database.as_posix()}",
            "CINEMA_PASSWORD": self.password,
            "SECRET_KEY": self.password,
            "RATE_LIMIT": UNLIMITED,
        }


def quick_hash(password):
    """Return a hash that is as quick as it is unsafe: what a slow one costs is no question here."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1).hex()
    return f"pbkdf2:sha256:1$salt${digest}"


def repeat_films(connection, rows):
    known = connection.execute("SELECT name FROM pragma_table_info('movie')")
    columns = ", ".join(column for (column,) in known if column not in ("id", "imdb_id"))
    connection.execute(REPEAT_FILMS.format(columns=columns), {"rows": rows})
