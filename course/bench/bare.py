"""As little as a server can do: a WSGI callable that returns the same bytes every time."""

import os


def create_app():
    body = b" " * int(os.environ["BODY_SIZE"])
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]

    def app(_environ, start_response):
        start_response("200 OK", headers)
        return [body]

    return app
