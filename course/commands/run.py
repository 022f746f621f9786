"""start a chapter's API, and say what to try"""

import os
import sqlite3
from contextlib import closing

from course.building.folder import find_mine
from course.errors import CourseError
from course.numbers import PORT
from course.serving.child import ServerError, wait_for_the_first
from course.serving.introduction import describe_database, introduce
from course.serving.ports import choose_ports
from course.serving.running import known_to_run, urls_of_running
from course.serving.server import running_apps
from course.setup import environment
from course.spine import ROOT, find_chapter
from course.terminal import COURSE

EXAMPLES = ("run", "run 2", "run mine", "run 03_update_delete --fresh --port 8080")
DATABASES = ("DATABASE_URL", "CREDENTIALS_DATABASE_URL", "AUTH_SERVICE_DATABASE_URL")


def add_arguments(parser):
    parser.add_argument(
        "chapter",
        nargs="?",
        default="1",
        help="3, 03 or 03_update_delete; mine: your own API (default: 1)",
    )
    parser.add_argument("--port", type=PORT, help="the port to use (default: 8000 + chapter)")
    parser.add_argument("--fresh", action="store_true", help="begin with a new database")


def main(options):
    chapter = find_mine(options.chapter) or find_chapter(options.chapter)
    python = environment.ensure(*chapter.groups)
    if options.fresh:
        remove_databases(chapter)
    for url in urls_of_running(chapter):
        print(f"Chapter {chapter.number} runs already, at {url}. This one is another.", flush=True)
    ports = choose_ports(chapter, options.port or chapter.preferred_port)
    database = describe_database(chapter)
    again = f"type again: {COURSE} run {options.chapter}"
    try:
        with (
            known_to_run(chapter, ports["cinema"]),
            running_apps(python, chapter, ports, reloading(chapter), again) as apps,
        ):
            processes = {app: child.process.pid for app, child in apps.items()}
            introduce(chapter, ports, database, processes)
            return wait_for_the_api(apps, again)
    except ServerError as error:
        return str(error) or 1  # what the server itself had to say is on the screen
    except KeyboardInterrupt:
        print("\nStopped; nothing is left running.")
        return 0


def wait_for_the_api(apps, again):
    """Wait until the API ends, and return its exit code; the others may end before, one by one."""
    names = {child: app for app, child in apps.items()}
    while names[ended := wait_for_the_first(names)] != "cinema":
        ended.stop()  # and what it may have left behind
        app = names.pop(ended)
        print(f"\n{app} has ended. The rest goes on; to have it back, end that, and {again}")
    print("\nThe API has ended, and the rest with it.")
    return ended.process.returncode


def reloading(chapter):
    """Return the variables by which `flask run` starts an app again when a file of it is saved."""
    read_at_start = [
        file.relative_to(chapter.folder).as_posix()
        for pattern in ("*.html", "*.yaml")
        for file in sorted(chapter.folder.rglob(pattern))
    ]
    return {
        "FLASK_RUN_RELOAD": "1",
        "FLASK_RUN_EXTRA_FILES": os.pathsep.join(read_at_start),
        "FLASK_RUN_EXCLUDE_PATTERNS": str(chapter.folder / "tests" / "*"),
    }


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
