"""start a chapter's API, and say what to try"""

import os
import sqlite3
from contextlib import closing

from course import environment
from course.errors import CourseError
from course.server import HOST, ServerProcess, is_free
from course.spine import ROOT, find_chapter
from course.terminal import COURSE, painted

EXAMPLES = ("run", "run 2", "run 03_update_delete --fresh --port 8080")


def add_arguments(parser):
    parser.add_argument(
        "chapter", nargs="?", default="1", help="3, 03 or 03_update_delete (default: 1)"
    )
    parser.add_argument("--port", type=int, help="the port to use (default: 8000 + chapter)")
    parser.add_argument("--fresh", action="store_true", help="begin with a new database")
    parser.add_argument("--debug", action="store_true", help="start again whenever a file changes")


def main(options):
    chapter = find_chapter(options.chapter)
    python = environment.ensure()
    if options.fresh:
        remove_database(chapter)
    port = choose_port(options.port or chapter.preferred_port)
    database = describe_database(chapter)
    again = f"type again: {COURSE} run {options.chapter}"
    debug = {"FLASK_DEBUG": "1"} if options.debug else {}
    server = ServerProcess(python, chapter, port, debug, again)
    try:
        if server.wait_until_it_answers():
            introduce(chapter, port, database)
        return server.wait()
    except KeyboardInterrupt:
        server.stop()
        print("\nStopped; nothing is left running.")
        return 0


def choose_port(wanted):
    """Return the port, or the next free one ten further on, which no other chapter prefers."""
    for port in range(wanted, min(wanted + 1000, 65536), 10):
        if is_free(port):
            if port != wanted:
                print(f"Port {wanted} is taken; moving on to {port}.")
            return port
    raise CourseError(f"No port is free from {wanted} on. Name another: --port 8080")


def remove_database(chapter):
    if "DATABASE_URL" in os.environ:
        raise CourseError(
            "--fresh is for the chapter's own database. Unset DATABASE_URL, or leave --fresh out."
        )
    database = chapter.folder / "instance" / "cinema.db"
    try:
        if database.exists():
            refuse_if_open(database)
        for file in chapter.folder.glob("instance/cinema.db*"):
            file.unlink()
    except (PermissionError, sqlite3.OperationalError):
        raise CourseError(
            f"Another server uses {database.relative_to(ROOT)}. Stop it, or leave --fresh out."
        ) from None


def refuse_if_open(database):
    """Raise OperationalError if anybody has the database open: to leave WAL, one must be alone."""
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def describe_database(chapter):
    if not chapter.has_database:
        return "none yet: chapter 1 keeps three movies in a Python list"
    if "DATABASE_URL" in os.environ:
        return "the one that DATABASE_URL names"
    file = chapter.folder / "instance" / "cinema.db"
    state = "kept from last time; --fresh begins with a new one" if file.exists() else "new"
    return f"{file.relative_to(ROOT)} ({state})"


def introduce(chapter, port, database):
    key = chapter.folder / "instance" / "api_key"
    lines = [
        "",
        painted(f"Chapter {chapter}", "bold"),
        f"  running at  {painted(f'http://{HOST}:{port}', 'cyan')}",
        f"  database    {database}",
        *([f"  API key     in {key.relative_to(ROOT)}"] if key.exists() else []),
        "  to stop     Ctrl-C",
        "",
        "Try in a second terminal:",
        *(f"  {request}" for request in requests_to_try(chapter, port)),
        "",
    ]
    print("\n".join(lines), flush=True)  # in one piece, since the server prints here as well


def requests_to_try(chapter, port):
    """Return the lesson's first three requests as they are typed here."""
    curl = "curl.exe" if os.name == "nt" else "curl"  # PowerShell has another `curl`
    for request in chapter.requests_to_try[:3]:
        yield request.replace("curl", curl, 1).replace(f":{chapter.preferred_port}", f":{port}")
