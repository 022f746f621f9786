"""Flask's errors, in the shape of Flask-Security's errors."""

from flask import jsonify
from werkzeug.exceptions import HTTPException


def init_app(app):
    app.register_error_handler(HTTPException, explain)


def explain(error):
    """Return an HTTP error as JSON, with its headers."""
    response = error.get_response()
    body = {"meta": {"code": error.code}, "response": {"errors": [error.description]}}
    response.data = jsonify(body).data
    response.content_type = "application/json"
    return response
