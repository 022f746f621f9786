"""The links from a page of a list to the pages around it (RFC 8288)."""

from dataclasses import fields
from urllib.parse import quote, urlencode

from flask import request


def link_header(query, page):
    """Return a Link header value with the pages around this one (RFC 8288)."""
    around = pages_around(query, page).items()
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in around)


def pages_around(query, page):
    """Return the URLs of the pages around this one, by link relation."""
    asked = question(query)
    return {rel: url_that_asks(asked | place) for rel, place in query.around(page).items()}


def asked_page(query, around):
    """Return the URL of this page as the client wrote it, so that it finds it in the response.

    For the URL of the whole list, return that of its first page.
    """
    written = quote(request.query_string, safe="!$&'()*+,/:;=?@%")
    url = f"{request.root_path}{request.path}?{written}".removesuffix("?")
    return around["first"] if url == list_url(query) else url


def list_url(query):
    """Return the URL of the query, without a page."""
    return url_that_asks(question(query) | dict.fromkeys(("page", "cursor", "per_page")))


def url_that_asks(arguments):
    asked = {name: value for name, value in arguments.items() if value is not None}
    return f"{request.root_path}{request.path}?{urlencode(asked)}".removesuffix("?")


def question(query):
    """Return the query parameters that we know, as they are in the URL."""
    understood = {field.name for field in fields(query)}
    return {name: value for name, value in request.args.items() if name in understood}
