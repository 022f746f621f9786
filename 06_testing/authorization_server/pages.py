"""HTML for browsers: without scripts, and with forms that lead nowhere but where they should."""

from urllib.parse import urlsplit

from flask import make_response, render_template

from .forms import csrf_token


def error_page(error):
    """Show an HTTP error, with the header fields that it carries."""
    response = error.get_response()
    response.data = render_template("error.html", error=error)
    return limit(response, "'none'")


def form_page(template, grant, status=200, **values):
    """Show a form that ends, in a step or two, in a redirect to the client.

    Chromium applies form-action to the redirects that follow a form too.
    """
    html = render_template(template, client=grant.client, csrf_token=csrf_token(), **values)
    client = urlsplit(grant.redirect_uri)
    return limit(make_response(html, status), f"'self' {client.scheme}://{client.netloc}")


def limit(response, form_action):
    response.content_security_policy.default_src = "'none'"
    response.content_security_policy.style_src = "'self'"
    response.content_security_policy.base_uri = "'none'"
    response.content_security_policy.form_action = form_action
    response.content_security_policy.frame_ancestors = "'none'"
    return response
