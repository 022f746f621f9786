"""Loads an app and makes what it needs, or shows why not.

In a chapter's folder: `python -m course.serving.prepare APP AGAIN`.
"""

import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

import click
from flask.cli import ScriptInfo, cli
from werkzeug.exceptions import ServiceUnavailable

START_AGAIN = 3  # to Werkzeug's reloader
GRAIN = 0.1  # seconds, by which the clock of a file system may be behind
TO_START_WITH = ("make-certificate", "seed")  # commands of an app


def prepare(name, app, again):
    """Load one of the chapter's apps, and make what it knows how to; leave if that fails."""
    try:
        import_module(name)  # first without Flask around it, which would word errors anew
        for command in TO_START_WITH:
            if command in app.load_app().cli.commands:
                cli.main([command], obj=app, standalone_mode=False)
    except ServiceUnavailable as error:  # which the chapter says of what it asks, not of itself
        sys.exit(f"\nThe chapter did not start: {error.description} See to that, then {again}")
    except click.ClickException as error:  # a setting is wrong, and the message names it
        sys.exit(f"{error.format_message()}\nThe chapter did not start. Change that, then {again}")
    except Exception as error:
        show_the_learners_part(error)
        sys.exit(f"\nThe chapter did not start. Open {place(error)}, then {again}")


def load_again(app):
    """Load an app that was changed. If it is broken, `flask run` shows why, and waits for a change.

    A file that was saved while the app was loaded may have been read before: so load it once more.
    """
    began = time.time() - GRAIN
    try:
        app.load_app()
    except Exception as error:
        print(f"\nOpen {place(error)}. When you save it, the server starts again.", file=sys.stderr)
    if any(began < file.stat().st_mtime < time.time() for file in Path.cwd().rglob("*.py")):
        sys.exit(START_AGAIN)


def show_the_learners_part(error):
    """Print the traceback from where it enters the chapter's own files."""
    entry = error.__traceback__
    while entry and not is_the_learners(entry.tb_frame.f_code.co_filename):
        entry = entry.tb_next
    is_a_typing_mistake = isinstance(error, SyntaxError)  # has no frame, only a place
    if entry or is_a_typing_mistake:
        error.__traceback__ = entry
    traceback.print_exception(error)


def place(error):
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames if is_the_learners(frame.filename)]
    if isinstance(error, SyntaxError):
        places.append((error.filename, error.lineno))
    if not places:
        return Path.cwd().name
    file, line = places[-1]
    return f"{Path(file).relative_to(Path.cwd().parent)}, line {line}"


def is_the_learners(file):
    return Path(file).is_relative_to(Path.cwd())


if __name__ == "__main__":
    prepare(sys.argv[1], ScriptInfo(app_import_path=sys.argv[1]), sys.argv[2])
