"""The learner's server, in the learner's folder: `-m course.building.app NAME PORT [--tls]`.

Runs the application's own commands `make-certificate` and `seed` first, if it has them.
"""

import os
import sys
import threading
import traceback
from importlib import import_module

from flask.cli import ScriptInfo, cli

TO_START_WITH = ("make-certificate", "seed")


def main(name, port, *tls):
    leave_with_parent()
    app = ScriptInfo(app_import_path=name)
    try:
        import_module(name)
        commands = app.load_app().cli.commands
        for command in TO_START_WITH:
            if command in commands:
                cli.main([command], obj=app, standalone_mode=False)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(3)  # at once, whatever threads there are
    over_tls = ["--cert", "instance/server.pem", "--key", "instance/server.key"] if tls else []
    cli.main(["run", "--no-reload", "--no-debugger", "--port", port, *over_tls], obj=app)


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
