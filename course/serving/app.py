"""The child process of an app, in a chapter's folder: `-m course.serving.app APP PORT AGAIN`.

To serve it over TLS, two files follow, CERTIFICATE and KEY; and perhaps the port for plain HTTP.

With FLASK_RUN_RELOAD this process only watches files: the app is served by a child, Werkzeug's
reloader, which ends, and is started anew, whenever one changes.
"""

import os
import sys
import threading
import time
from pathlib import Path

from flask.cli import ScriptInfo, cli
from werkzeug import serving
from werkzeug.serving import ThreadedWSGIServer, is_running_from_reloader, make_server

from course.serving.ports import HOST
from course.serving.prepare import load_again, prepare
from course.spine import ROOT

PATIENCE = 10  # seconds for a TLS handshake, which takes a few milliseconds
TIME_TO_END = 5  # seconds for the child that serves, which takes a few milliseconds as well

only_watches = threading.Event()


class PatientServer(ThreadedWSGIServer):
    """Shakes hands with each client in its own thread; Werkzeug's does so before it hears the next.

    There, who connects by TLS and stays silent would keep all others waiting, for as long as they
    like.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.ssl_context:
            self.socket.do_handshake_on_connect = False

    def finish_request(self, request, client_address):
        if self.ssl_context and not has_shaken_hands(request):
            return
        super().finish_request(request, client_address)


def has_shaken_hands(connection):
    """Do the TLS handshake; tell whether it went well: not if the client speaks no TLS, or none."""
    connection.settimeout(PATIENCE)
    try:
        connection.do_handshake()
    except OSError:
        return False
    connection.settimeout(None)
    return True


def main(name, port, again, *tls):
    leave_with_parent()
    forget_the_course()
    app = ScriptInfo(app_import_path=name)
    if is_running_from_reloader():
        load_again(app)
    else:
        prepare(name, app, again)
        if "FLASK_RUN_RELOAD" in os.environ:
            only_watches.set()
    certificate, key, plain_port = (*tls, None, None, None)[:3]
    if plain_port and not only_watches.is_set():
        serve_plain_http(app, int(plain_port))
    serving.ThreadedWSGIServer = PatientServer  # which `flask run` makes by this name
    over_tls = ["--cert", certificate, "--key", key] if certificate else []
    try:  # without the debugger: who reaches it can run any code
        cli.main(["run", "--no-debugger", "--port", port, *over_tls], obj=app)
    except SystemExit as end:
        if only_watches.is_set():
            os._exit(end.code or 0)  # at once: it has nothing to tidy up
        raise


def forget_the_course():
    """Import no more from the folder of the course, so that no change in it starts the app anew."""
    sys.path[:] = [path for path in sys.path if Path(path).resolve() != ROOT]


def serve_plain_http(app, port):
    """Let the app hear plain HTTP too: what it does about it is its own concern."""

    def ask(environ, start_response):  # and load it then: it may be broken until a file is saved
        return app.load_app()(environ, start_response)

    server = make_server(HOST, port, ask, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def leave_with_parent():
    """End this process when its standard input does: when the parent closes it, or is gone.

    A process that only watches ends by itself after its child, which hears of it too: so when it
    has ended, the port is free.
    """

    def watch():
        while os.read(0, 1):
            pass
        if only_watches.is_set():
            time.sleep(TIME_TO_END)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
