"""The child process of a server: `python -m course.serve PORT AGAIN`, in a chapter's folder."""

import os
import sys
import threading
import traceback
from importlib import import_module
from pathlib import Path

from flask.cli import ScriptInfo, cli
from werkzeug.serving import is_running_from_reloader


def main(port, again):
    leave_with_parent()
    app = ScriptInfo(app_import_path="cinema")
    if not is_running_from_reloader():  # which waits for a mistake to be mended
        try:
            prepare(app)
        except Exception as error:
            show_the_learners_part(error)
            sys.exit(f"\nThe chapter did not start. Open {place(error)}, then {again}")
    cli.main(["run", "--port", port], obj=app)


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def prepare(app):
    """Load the chapter's app, and its films if it knows how."""
    import_module("cinema")  # first without Flask around it, which would word errors anew
    if "seed" in app.load_app().cli.commands:
        cli.main(["seed"], obj=app, standalone_mode=False)


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
    main(*sys.argv[1:])
