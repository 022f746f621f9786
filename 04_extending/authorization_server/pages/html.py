"""HTML for browsers: the forms for login and consent, and errors that only the user sees."""

from urllib.parse import urlsplit

from flask import make_response, render_template

from ..http.headers import restrict
from .csrf import csrf_token


def error_page(error):
    """Return an HTTP error as a page, with its headers."""
    response = error.get_response()
    response.data = render_template("error.html", error=error)
    return restrict(response, "'none'")


def form_page(template, grant, status=200, **values):
    """Return a form that leads, in one or two steps, to a redirect to the client.

    Chromium applies form-action to the redirects that follow a form too.
    """
    html = render_template(template, client=grant.client, csrf_token=csrf_token(), **values)
    client = urlsplit(grant.redirect_uri)
    return restrict(make_response(html, status), f"'self' {client.scheme}://{client.netloc}")
