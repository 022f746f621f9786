"""The links from a page of a list to the pages around it (RFC 8288)."""

from dataclasses import fields
from math import ceil
from urllib.parse import quote, urlencode

from flask import request


def link_header(query, total):
    """Return a Link header value with the pages around this one (RFC 8288)."""
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in pages_around(query, total).items())


def pages_around(query, total):
    """Return the URLs of the first, previous, next and last page, by link relation."""
    last = max(ceil(total / query.per_page), 1)
    pages = {"first": page_url(query, 1), "last": page_url(query, last)}
    if query.page > 1:
        pages["prev"] = page_url(query, min(query.page - 1, last))
    if query.page < last:
        pages["next"] = page_url(query, query.page + 1)
    return pages


def page_url(query, number):
    """Return the URL of another page of the same query."""
    return f"{request.root_path}{request.path}?{urlencode(question(query) | {'page': number})}"


def asked_page(query, around):
    """Return the URL of this page as the client wrote it, so that it finds it in the response.

    For the URL of the whole list, return that of its first page.
    """
    written = quote(request.query_string, safe="!$&'()*+,/:;=?@%")
    url = f"{request.root_path}{request.path}?{written}".removesuffix("?")
    return around["first"] if url == list_url(query) else url


def list_url(query):
    """Return the URL of the query, without a page."""
    asked = {name: value for name, value in question(query).items() if "page" not in name}
    return f"{request.root_path}{request.path}?{urlencode(asked)}".removesuffix("?")


def question(query):
    """Return the query parameters that we know, as they are in the URL."""
    understood = {field.name for field in fields(query)}
    return {name: value for name, value in request.args.items() if name in understood}
