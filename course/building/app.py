"""The learner's server, in its folder: `-m course.building.app NAME PORT [PLAIN_PORT]`.

Runs the application's own commands `make-certificate` and `seed` first, if it has them. With a
port for plain HTTP, the first port is served over TLS, as soon as there is a certificate. With
`--wait` it loads the libraries, and reads the rest of its command line from its input, when it is
wanted: after a save, the learner waits for their own code only.
"""

import os
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from flask.cli import ScriptInfo, cli
from werkzeug.serving import make_server

from course.building.tls import CERTIFICATE, KEY

LIBRARIES = ("flask_sqlalchemy", "sqlalchemy.orm", "jwt", "cryptography.hazmat.primitives.hashes")
TO_START_WITH = ("make-certificate", "seed")


def main(name, port, plain_port=None):
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
    over_tls = []
    if plain_port and Path(CERTIFICATE).exists():
        over_tls = ["--cert", CERTIFICATE, "--key", KEY]
        plain = make_server("127.0.0.1", int(plain_port), app.load_app(), threaded=True)
        threading.Thread(target=plain.serve_forever, daemon=True).start()
    cli.main(["run", "--no-reload", "--no-debugger", "--port", port, *over_tls], obj=app)


def wait():
    """Load what most APIs import; return the rest of the command line, or leave with the parent."""
    for library in LIBRARIES:
        with suppress(ImportError):
            import_module(library)
    line = b""
    while not line.endswith(b"\n"):
        if not (byte := os.read(0, 1)):
            os._exit(0)
        line += byte
    return line.decode().split()


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*(wait() if sys.argv[1:] == ["--wait"] else sys.argv[1:]))
