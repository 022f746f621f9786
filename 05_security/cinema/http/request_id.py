"""An id for each request, in the log and in the response, so that you can match them."""

from uuid import uuid4

from flask import g, has_request_context


def init_app(app):
    app.logger.addFilter(add_request_id)


def request_id():
    if "request_id" not in g:
        g.request_id = str(uuid4())
    return g.request_id


def add_request_id(record):
    """Add the request's id to a log record."""
    if has_request_context():
        record.msg = f"[request {request_id()}] {record.msg}"
    return True
