"""Limits failed logins, for each address with each user name."""

import math
import time

from flask import current_app, request
from limits import parse
from werkzeug.exceptions import TooManyRequests


def refuse_if_too_many(name):
    """Raise TooManyRequests if this address has failed with this name too often."""
    limit, counters = limit_and_counters()
    if not counters.test(limit, *place(name)):
        end = counters.get_window_stats(limit, *place(name)).reset_time
        seconds = max(math.ceil(end - time.time()), 1)
        raise TooManyRequests(f"Ask again in {seconds} seconds.", retry_after=seconds)


def count(name):
    limit, counters = limit_and_counters()
    counters.hit(limit, *place(name))


def limit_and_counters():
    """Return the limit in our settings, and Flask-Limiter's counters."""
    return parse(current_app.config["FAILED_LOGINS"]), current_app.extensions["limits"].limiter


def place(name):
    return "failed logins", name, request.remote_addr
