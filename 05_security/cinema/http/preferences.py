"""Lets the client choose what comes back after a change: the entity or nothing (RFC 7240)."""

from flask import make_response, request
from werkzeug.http import parse_list_header


def answer_as_preferred(answer, default="representation"):
    """Leave the body out of an answer if the client prefers so, or by default.

    An answer without a body is 204, or stays 201.
    """
    response = make_response(answer)
    wish = preferred_return()
    if wish:
        response.headers["Preference-Applied"] = f"return={wish}"
    if (wish or default) == "minimal":
        response.status_code = 201 if response.status_code == 201 else 204
        response.data = b""
        del response.headers["Content-Type"]
    return response


def preferred_return():
    """Return "minimal", "representation" or None; the first of several counts (section 2)."""
    for preference in parse_list_header(request.headers.get("Prefer", "")):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "return":
            value = value.strip().strip('"')
            return value if value in ("minimal", "representation") else None
    return None
