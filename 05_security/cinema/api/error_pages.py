"""A page for each error code; a problem's `type` is its URL (RFC 9457, section 3.1.1)."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from .error_codes import ErrorCode

BY_SLUG = {code.slug: code for code in ErrorCode}
NOTHING_BUT_STYLE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
HEADERS = {"Content-Security-Policy": NOTHING_BUT_STYLE}

blueprint = Blueprint("error_pages", __name__, template_folder="templates")


@blueprint.get("")
def list_codes():
    return render_template("error_codes.html", codes=ErrorCode), HEADERS


@blueprint.get("/<slug>")
def get_code(slug):
    if slug not in BY_SLUG:
        raise NotFound("There is no error of this name.")
    return render_template("error_codes.html", codes=[BY_SLUG[slug]]), HEADERS


def error_page_url(code):
    impossible = isinstance(request.routing_exception, BadRequest)
    if impossible or not request.host:  # no URL can be built for this Host
        return "about:blank"  # the type of a problem without one (RFC 9457, section 4.2.1)
    return url_for("error_pages.get_code", slug=code.slug, _external=True)
