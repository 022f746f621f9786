"""Tells the clients of an old version that it is old, until when it stays, and what follows it."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from werkzeug.http import http_date


def deprecable(blueprint):
    """Let a blueprint take settings when it is registered: how long it stays, and what follows.

    `app.register_blueprint(v1, deprecated=…, sunset=…, successor="v2")`: two datetimes with a time
    zone, and the name of the next version. Without them, the version is the current one.
    """

    @blueprint.record
    def remember(state):
        versions = state.app.extensions.setdefault("versions", {})
        versions[state.name] = announcement(state.options) if "successor" in state.options else None

    @blueprint.after_request
    def announce(response):
        if end := current_app.extensions["versions"][request.blueprints[-1]]:
            response.headers.extend([*end.headers, ("Link", link_onwards(end.successor))])
        return response

    return blueprint


@dataclass
class End:
    """When a version ends, as its answers say it, and the name of the version that follows."""

    successor: str
    headers: list


def announcement(options):
    """Return the End that was given as options: Deprecation (RFC 9745) and Sunset (RFC 8594)."""
    deprecation = f"@{options['deprecated'].timestamp():.0f}"
    headers = [("Deprecation", deprecation), ("Sunset", http_date(options["sunset"]))]
    return End(options["successor"], headers)


def link_onwards(successor):
    """Link to the same thing in the next version (RFC 5829)."""
    endpoint = request.endpoint.partition(".")[2]
    following = url_for(f"{successor}.{endpoint}", **request.view_args)
    return f'<{following}>; rel="successor-version"'
