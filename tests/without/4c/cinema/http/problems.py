"""Problems as chapter 3 has them: without type and code."""

from flask import jsonify
from werkzeug.exceptions import HTTPException


def init_app(app):
    app.register_error_handler(HTTPException, problem)


def problem(error, type=None, code=None, **members):
    response = error.get_response()
    body = {"status": error.code, "title": error.name, "detail": error.description}
    response.data = jsonify(body | members).data
    response.content_type = "application/problem+json"
    return response
