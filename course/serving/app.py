"""The child process of an app, in a chapter's folder: `-m course.serving.app APP PORT AGAIN`.

To serve it over TLS, two files follow, CERTIFICATE and KEY; and perhaps the port for plain HTTP.
"""

import os
import sys
import threading

from flask.cli import ScriptInfo, cli
from flask.helpers import get_debug_flag
from werkzeug import serving
from werkzeug.serving import ThreadedWSGIServer, is_running_from_reloader, make_server

from course.serving.ports import HOST
from course.serving.prepare import prepare

PATIENCE = 10  # seconds for a TLS handshake, which takes a few milliseconds


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
    app = ScriptInfo(app_import_path=name)
    if not is_running_from_reloader():  # which waits for a mistake to be mended
        prepare(name, app, again)
    certificate, key, plain_port = (*tls, None, None, None)[:3]
    if plain_port and (is_running_from_reloader() or not get_debug_flag()):
        serve_plain_http(app, int(plain_port))
    serving.ThreadedWSGIServer = PatientServer  # which `flask run` makes by this name
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
