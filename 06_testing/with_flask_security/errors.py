"""Errors that Flask itself finds, in the shape that Flask-Security's own errors have."""

from flask import jsonify
from werkzeug.exceptions import HTTPException


def init_app(app):
    app.register_error_handler(HTTPException, explain)


def explain(error):
    """Answer an HTTP error with the headers that it carries."""
    response = error.get_response()
    body = {"meta": {"code": error.code}, "response": {"errors": [error.description]}}
    response.data = jsonify(body).data
    response.content_type = "application/json"
    return response
