"""The measured servers: child processes, each with a fresh database of its own.

Each is one worker with one thread, so that what is measured is the app, and not how threads wait
for each other. The apps stand in granian, the server that adds the least of its own; the bare one,
with which the gateway is compared, in the server that stands behind a gateway in `stack`.
"""

import os
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass

from course.bench.cpu import cpu_seconds
from course.production.nginx import start_nginx
from course.serving.child import WATCH, Child, ServerError, server_environment
from course.serving.ports import HOST, free_port

BARE, PLAIN, OURS = "course.bench.bare", "course.bench.plain", "cinema"
GRANIAN = (
    *("granian", "--interface=wsgi", "--factory", "--workers=1", "--blocking-threads=1"),
    *("--no-ws", "--log-level=warning", f"--host={HOST}"),
)
GUNICORN = (
    *("gunicorn", "--worker-class=gthread", "--workers=1", "--threads=1", "--keep-alive=75"),
    *("--no-control-socket", "--log-level=warning"),
)
UNLIMITED = "1000000000 per hour"
REPEAT_FILMS = """
    WITH RECURSIVE copy (number) AS
        (SELECT 1 UNION ALL SELECT number + 1 FROM copy WHERE number < :rows)
    INSERT INTO movie ({columns}) SELECT {columns} FROM copy, movie
    LIMIT :rows - (SELECT count(*) FROM movie)
"""


def granian(module, port):
    return [*GRANIAN, f"--port={port}", f"{module}:create_app"]


def server_of_stack(module, port):
    address = f"{HOST}:{port}"
    if os.name == "nt":  # where there is no gunicorn
        return ["waitress", "--threads=4", f"--listen={address}", "--call", f"{module}:create_app"]
    return [*GUNICORN, f"--bind={address}", f"{module}:create_app()"]


@dataclass(frozen=True)
class MeasuredServer:
    """A server's port, and the processes that work for its answers."""

    port: int
    process_ids: frozenset

    @property
    def cpu_seconds(self):
        return cpu_seconds(self.process_ids)


class Workshop:
    """Where servers are made: with this Python, for this chapter, with files in this folder."""

    def __init__(self, python, chapter, folder, password):
        self.python = python
        self.chapter = chapter
        self.folder = folder
        self.password = password

    @contextmanager
    def server(self, name, module, command=granian, **environment):
        """Run a module's app until the block ends, by granian or as the command says."""
        port = free_port()
        child = Child(
            [*WATCH, self.python, "-m", *command(module, port)],
            port,
            cwd=self.chapter.folder,
            environment=self.environment(name) | environment,
            log=self.folder / f"{name}.log",
        )
        with answering(child):
            yield MeasuredServer(port, frozenset({child.process.pid}))

    @contextmanager
    def gateway(self, api):
        """Run the chapter's nginx before a server until the block ends."""
        folder = self.folder / "gateway"
        folder.mkdir()
        port = free_port()
        child = start_nginx(self.chapter, api.port, port, folder)
        with answering(child):
            yield MeasuredServer(port, api.process_ids | {child.process.pid})

    def seed(self, name, module, *arguments):
        """Fill a server's database with the films, and with alice, an editor."""
        command = [self.python, "-m", "flask", "--app", module, "seed", *arguments]
        seeding = subprocess.run(
            command,
            cwd=self.chapter.folder,
            env=server_environment() | self.environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        if seeding.returncode:
            raise ServerError(seeding.stderr.strip())

    def repeat_films(self, name, rows):
        """Grow the table of movies to so many rows, by the films that it has."""
        with closing(sqlite3.connect(self.database(name))) as database, database:
            known = database.execute("SELECT name FROM pragma_table_info('movie')")
            columns = ", ".join(column for (column,) in known if column not in ("id", "imdb_id"))
            database.execute(REPEAT_FILMS.format(columns=columns), {"rows": rows})

    def environment(self, name):
        return {
            "DATABASE_URL": f"sqlite:///{self.database(name).as_posix()}",
            "CINEMA_PASSWORD": self.password,
            "SECRET_KEY": self.password,
            "RATE_LIMIT": UNLIMITED,  # requests are counted as ever, but not refused
        }

    def database(self, name):
        return self.folder / f"{name}.db"


@contextmanager
def answering(child):
    try:
        child.wait_until_it_answers()
        yield
    finally:
        child.stop()
