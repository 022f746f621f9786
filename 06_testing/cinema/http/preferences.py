"""The Prefer header: after a change, return the entity or no body (RFC 7240)."""

from flask import make_response, request
from werkzeug.http import parse_list_header


def answer_as_preferred(answer, default="representation"):
    """Return a response, without its body if the client prefers that, or by default.

    Without a body, the status is 204, or stays 201.
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
