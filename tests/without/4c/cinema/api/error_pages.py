"""No pages of codes."""

from flask import Blueprint

blueprint = Blueprint("error_pages", __name__)


def error_page_url(_code):
    return None
