"""Headers for an old version of the API: deprecation, end, and the next version."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from werkzeug.http import http_date


def deprecable(blueprint):
    """Let a blueprint be registered as deprecated: with an end, and a version that follows.

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
    """The headers that announce a version's end, and the name of the next version."""

    successor: str
    headers: list


def announcement(options):
    """Return the End in these options, with Deprecation (RFC 9745) and Sunset (RFC 8594)."""
    deprecation = f"@{options['deprecated'].timestamp():.0f}"
    headers = [("Deprecation", deprecation), ("Sunset", http_date(options["sunset"]))]
    return End(options["successor"], headers)


def link_onwards(successor):
    """Return a Link to the same resource in the next version (RFC 5829)."""
    endpoint = request.endpoint.partition(".")[2]
    following = url_for(f"{successor}.{endpoint}", **request.view_args)
    return f'<{following}>; rel="successor-version"'
