"""start a chapter's API, and say what to try"""

import os
import re
import sqlite3
from contextlib import closing

from course import environment
from course.child import ServerError, wait_for_the_first
from course.errors import CourseError
from course.ports import choose_ports
from course.server import running_apps, urls_of
from course.spine import PLAIN, ROOT, find_chapter
from course.terminal import COURSE, painted

EXAMPLES = ("run", "run 2", "run 03_update_delete --fresh --port 8080")
DATABASES = ("DATABASE_URL", "CREDENTIALS_DATABASE_URL", "AUTH_SERVICE_DATABASE_URL")
KEPT = {  # in the folder `instance`, by the first start
    "api_key": "API key     in {}",
    "password": "password    in {}, of the users alice and bob",
}


def add_arguments(parser):
    parser.add_argument(
        "chapter", nargs="?", default="1", help="3, 03 or 03_update_delete (default: 1)"
    )
    parser.add_argument("--port", type=int, help="the port to use (default: 8000 + chapter)")
    parser.add_argument("--fresh", action="store_true", help="begin with a new database")
    parser.add_argument("--debug", action="store_true", help="start again whenever a file changes")


def main(options):
    chapter = find_chapter(options.chapter)
    python = environment.ensure(*chapter.groups)
    if options.fresh:
        remove_databases(chapter)
    ports = choose_ports(chapter, options.port or chapter.preferred_port)
    database = describe_database(chapter)
    again = f"type again: {COURSE} run {options.chapter}"
    debug = {"FLASK_DEBUG": "1"} if options.debug else {}
    try:
        with running_apps(python, chapter, ports, debug, again) as apps:
            introduce(chapter, ports, database)
            return wait_for_the_first(apps.values()).process.returncode
    except ServerError as error:
        return str(error) or 1  # what the server itself had to say is on the screen
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
        return 0


def remove_databases(chapter):
    """Remove all that the chapter has, or none: they belong together."""
    for name in DATABASES:
        if name in os.environ:
            raise CourseError(
                f"--fresh is for the chapter's own database. Unset {name}, or leave --fresh out."
            )
    for database in sorted(chapter.instance.glob("*.db")):
        try:
            refuse_if_open(database)
        except (PermissionError, sqlite3.OperationalError):
            raise CourseError(
                f"Another server uses {database.relative_to(ROOT)}. Stop it, or leave --fresh out."
            ) from None
    for file in chapter.instance.glob("*.db*"):
        file.unlink()


def refuse_if_open(database):
    """Raise OperationalError if anybody has the database open: to leave WAL, one must be alone."""
    with closing(sqlite3.connect(database, timeout=0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def describe_database(chapter):
    if not chapter.has_database:
        return "none yet: chapter 1 keeps three movies in a Python list"
    if "DATABASE_URL" in os.environ:
        return "the one that DATABASE_URL names"
    file = chapter.instance / "cinema.db"
    state = "kept from last time; --fresh begins with a new one" if file.exists() else "new"
    return f"{file.relative_to(ROOT)} ({state})"


def introduce(chapter, ports, database):
    urls = urls_of(chapter, ports)
    lines = [
        "",
        painted(f"Chapter {chapter}", "bold"),
        f"  running at  {painted(urls['cinema'], 'cyan')}",
        *describe_tls(chapter, urls),
        *(f"  beside it   {urls[app]} ({app})" for app in chapter.companions),
        f"  database    {database}",
        *describe_secrets(chapter),
        "  to stop     Ctrl-C",
        "",
        "Try in a second terminal:",
        *(f"  {request}" for request in requests_to_try(chapter, ports)),
        "",
    ]
    print("\n".join(lines), flush=True)  # in one piece, since the server prints here as well


def describe_tls(chapter, urls):
    if chapter.has_tls:
        yield f"  to trust    {chapter.authority.relative_to(ROOT)} (the authority behind it)"
        yield f"  plain HTTP  {urls[PLAIN]} (leads there, or refuses)"


def describe_secrets(chapter):
    for name, description in KEPT.items():
        file = chapter.instance / name
        if file.exists():
            yield "  " + description.format(file.relative_to(ROOT))


def requests_to_try(chapter, ports):
    """Return the lesson's first three requests as they are typed here."""
    curl = "curl.exe" if os.name == "nt" else "curl"  # PowerShell has another `curl`
    here = {f":{wanted}": f":{ports[app]}" for app, wanted in chapter.preferred_ports.items()}
    for request in chapter.requests_to_try[:3]:
        yield re.sub("|".join(here), lambda port: here[port[0]], request.replace("curl", curl, 1))
