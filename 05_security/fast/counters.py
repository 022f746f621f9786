"""Counts requests in a dictionary of this process.

Replaces: Flask-Limiter, switched off by its `enabled`, through `app.before_request_funcs` and
`app.after_request_funcs`.
Gives up: limits that several processes share. With a CACHE_URL there are such limits, and
Flask-Limiter stays. Failed logins are still counted in its storage.
"""

import math
import time
from threading import Lock

from cinema.http.rate_limits import tell_what_is_left
from flask import g, request
from limits import parse
from werkzeug.exceptions import TooManyRequests

MOST_ADDRESSES = 10_000  # then expired ones are removed


class Counters:
    """One limit, and the number of requests of each address in its current window."""

    def __init__(self, limit):
        self.amount, self.seconds = limit.amount, limit.get_expiry()
        self.policy = f'"requests";q={self.amount};w={self.seconds}'
        self.windows, self.lock = {}, Lock()

    def hit(self, address):
        """Count a request; return how many are left (-1: one too many), and the seconds left."""
        now = time.time()
        with self.lock:
            count, end = self.windows.get(address, (0, 0))
            if end <= now:
                count, end = 0, now + self.seconds
                if len(self.windows) >= MOST_ADDRESSES:
                    self.windows = {
                        who: each for who, each in self.windows.items() if each[1] > now
                    }
            self.windows[address] = count + 1, end
        return self.amount - count - 1, max(math.ceil(end - now), 1)

    def fields(self, left, seconds):
        what_is_left = f'"requests";r={max(left, 0)};t={seconds}'
        return [("RateLimit-Policy", self.policy), ("RateLimit", what_is_left)]


def init_app(app):
    if app.config["CACHE_URL"] or "counters" in app.extensions:
        return
    counters = app.extensions["counters"] = Counters(parse(app.config["RATE_LIMIT"]))
    app.extensions["limits"].enabled = False

    def count():
        g.left, g.seconds = counters.hit(request.remote_addr)
        if g.left < 0:
            raise TooManyRequests(f"Ask again in {g.seconds} seconds.", retry_after=g.seconds)

    def tell(response):
        response.headers.extend(counters.fields(g.left, g.seconds))
        return response

    app.before_request_funcs[None].insert(0, count)
    after = app.after_request_funcs[None]
    after[after.index(tell_what_is_left)] = tell
