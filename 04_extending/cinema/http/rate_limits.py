"""Rate limits: 429 for too many requests (RFC 6585, section 4), and how many are left."""

import math
import time

from flask import current_app
from flask_limiter import ApplicationLimit, Limiter
from flask_limiter.util import get_remote_address

SHARED = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}  # seconds


def init_app(app):
    """Count the requests of each address: in the cache server if there is one, else here."""
    limit = ApplicationLimit(app.config["RATE_LIMIT"], error_message=ask_again)
    app.extensions["limits"] = Limiter(
        get_remote_address,
        app=app,
        application_limits=[limit],
        request_identifier=lambda: "all",  # includes requests without a route
        storage_uri=app.config["CACHE_URL"] or "memory://",
        storage_options=SHARED if app.config["CACHE_URL"] else {},
        in_memory_fallback=[limit],
    )
    app.after_request(tell_what_is_left)


def tell_what_is_left(response):
    """Add the fields of draft-ietf-httpapi-ratelimit-headers."""
    limit = current_app.extensions["limits"].current_limit
    policy = f'"requests";q={limit.limit.amount};w={limit.limit.get_expiry()}'
    response.headers["RateLimit-Policy"] = policy
    response.headers["RateLimit"] = f'"requests";r={limit.remaining};t={seconds_left(limit)}'
    if limit.breached:
        response.headers["Retry-After"] = str(seconds_left(limit))
    return response


def ask_again():
    return f"Ask again in {seconds_left(current_app.extensions['limits'].current_limit)} seconds."


def seconds_left(limit):
    return max(math.ceil(limit.window.reset_time - time.time()), 1)
