"""The child process of an app: `python -m course.serve APP PORT AGAIN`, in a chapter's folder."""

import os
import sys
import threading

from flask.cli import ScriptInfo, cli
from werkzeug.serving import is_running_from_reloader

from course.prepare import prepare


def main(name, port, again):
    leave_with_parent()
    app = ScriptInfo(app_import_path=name)
    if not is_running_from_reloader():  # which waits for a mistake to be mended
        prepare(name, app, again)
    cli.main(["run", "--port", port], obj=app)


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
