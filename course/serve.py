"""The child process of an app: `python -m course.serve APP PORT AGAIN`, in a chapter's folder.

To serve it over TLS, two files follow, CERTIFICATE and KEY; and perhaps the port for plain HTTP.
"""

import os
import sys
import threading

from flask.cli import ScriptInfo, cli
from flask.helpers import get_debug_flag
from werkzeug.serving import is_running_from_reloader, make_server

from course.ports import HOST
from course.prepare import prepare


def main(name, port, again, *tls):
    leave_with_parent()
    app = ScriptInfo(app_import_path=name)
    if not is_running_from_reloader():  # which waits for a mistake to be mended
        prepare(name, app, again)
    certificate, key, plain_port = (*tls, None, None, None)[:3]
    if plain_port and (is_running_from_reloader() or not get_debug_flag()):
        serve_plain_http(app, int(plain_port))
    over_tls = ["--cert", certificate, "--key", key] if certificate else []
    cli.main(["run", "--port", port, *over_tls], obj=app)


def serve_plain_http(app, port):
    """Let the app hear plain HTTP too: what it does about it is its own concern."""

    def ask(environ, start_response):  # and load it then: in debug mode it may be broken now
        return app.load_app()(environ, start_response)

    server = make_server(HOST, port, ask, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone."""

    def watch():
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
