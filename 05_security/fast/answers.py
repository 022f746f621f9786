"""Caches responses in front of Flask: a repeated request does not reach it.

Replaces: `app.wsgi_app`, by a WSGI middleware around it. It caches public responses until somebody
writes: `PRAGMA data_version` changes with each commit of another connection, in this process or any
other, and this module has a connection of its own.
Gives up: memory for 500 responses, and Flask's hooks and signals for requests that are answered
here. It needs `counters`, and switches it on. It is for SQLite in a file: with another database, or
with shared limits (CACHE_URL), it leaves the application as it is.
"""

import sqlite3
from contextlib import closing
from threading import Lock
from weakref import finalize

from cinema.http.credential_fields import FIELDS
from werkzeug.middleware.proxy_fix import ProxyFix

from . import counters
from .common import sqlite_file

MOST_ANSWERS = 500
PLACE = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME")
ASKED = (*PLACE, "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_IF_NONE_MATCH")
LEFT_TO_FLASK = {
    f"HTTP_{field.upper().replace('-', '_')}" for field in (*FIELDS, "If-Match")
}  # even if empty


def init_app(app):
    database = sqlite_file(app)
    if app.config["CACHE_URL"] or not database:
        return
    counters.init_app(app)
    behind_proxies = isinstance(app.wsgi_app, ProxyFix)  # it sets client address and scheme
    place, name = (app.wsgi_app, "app") if behind_proxies else (app, "wsgi_app")
    setattr(place, name, Answers(getattr(place, name), database, app.extensions["counters"]))


class Answers:
    """A WSGI middleware that repeats its responses while the database is unchanged."""

    def __init__(self, app, database, counters):
        self.app, self.database, self.counters = app, database, counters
        self.kept, self.version, self.connection, self.lock = {}, None, None, Lock()

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] != "GET" or not LEFT_TO_FLASK.isdisjoint(environ):
            return self.app(environ, start_response)
        try:
            kept = self.answers_of_now()  # before Flask reads, so a response is never older
        except sqlite3.OperationalError:  # another program has the lock: leave it to Flask
            return self.app(environ, start_response)
        asked = tuple(map(environ.get, ASKED))
        if asked not in kept:
            return self.ask_flask(environ, start_response, kept, asked)
        left, seconds = self.counters.hit(environ["REMOTE_ADDR"])
        if left < 0:
            return self.app(environ, start_response)
        status, headers, tells_what_is_left, body = kept[asked]
        fields = self.counters.fields(left, seconds) if tells_what_is_left else []
        start_response(status, headers + fields)
        return [body]

    def answers_of_now(self):
        """Return the cache for the database as it is now, to read and to add to."""
        with self.lock:
            if self.connection is None:  # not earlier: a server may fork after the start
                self.connection = sqlite3.connect(self.database, timeout=0, check_same_thread=False)
                finalize(self, self.connection.close)
            (version,) = self.connection.execute("PRAGMA data_version").fetchone()
            if version != self.version or len(self.kept) >= MOST_ANSWERS:
                self.kept, self.version = {}, version
            return self.kept

    def ask_flask(self, environ, start_response, kept, asked):
        """Let Flask answer; cache the response if it is public and has an ETag."""
        started = []

        def start(status, headers, exc_info=None):
            started[:] = status, headers
            return start_response(status, headers, exc_info)

        response = self.app(environ, start)
        status, headers = started
        named = dict(headers)
        public = named.get("Cache-Control", "").startswith("public")
        if status[:3] in ("200", "304") and public and "ETag" in named:
            with closing(response):
                body = b"".join(response)
            told = [field for field in headers if field[0] not in ("RateLimit", "RateLimit-Policy")]
            kept[asked] = status, told, len(told) < len(headers), body
            return [body]
        return response
