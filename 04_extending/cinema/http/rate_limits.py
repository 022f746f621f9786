"""Limits how often somebody may ask (RFC 6585, section 4), and tells them how much is left.

The shared counters are those of `limits`, the engine inside Flask-Limiter. Those of this process
are our own: Flask-Limiter with counters in memory makes a GET of ours slower by half or more.
"""

import math
import time
from dataclasses import dataclass
from threading import Lock

from flask import current_app, request
from limits import parse
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

MOST_WINDOWS = 10_000  # of this process; then those that have ended are cleared away
CONNECT_AND_ANSWER_WITHIN = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}  # seconds


@dataclass
class Window:
    """How often somebody has asked in a time that has an end, in seconds since 1970."""

    reset_time: float
    amount: int
    count: int = 0

    @property
    def remaining(self):
        return max(self.amount - self.count, 0)


class Windows:
    """The counters of this process, which are asked as those of `limits` are."""

    def __init__(self):
        self.windows = {}
        self.lock = Lock()

    def hit(self, item, *who):
        with self.lock:
            window = self.windows[who] = self.get_window_stats(item, *who)
            window.count += 1
            if len(self.windows) > MOST_WINDOWS:
                self.forget_what_has_ended()
            return window.count <= window.amount

    def test(self, item, *who):
        return self.get_window_stats(item, *who).remaining > 0

    def get_window_stats(self, item, *who):
        now, window = time.time(), self.windows.get(who)
        if window is None or window.reset_time <= now:
            return Window(now + item.get_expiry(), item.amount)
        return window

    def forget_what_has_ended(self):
        now = time.time()
        self.windows = {who: each for who, each in self.windows.items() if each.reset_time > now}


class Limit:
    """So many hits in so much time, as a setting says, for everybody apart."""

    def __init__(self, setting):
        self.setting = setting

    def hit(self, *who):
        """Count a hit; raise TooManyRequests if there were too many."""
        if not self.ask("hit", *who):
            self.refuse_if_exhausted(*who)

    def count(self, *who):
        self.ask("hit", *who)

    def refuse_if_exhausted(self, *who):
        if not self.ask("test", *who):
            _, seconds = self.left(*who)
            raise TooManyRequests(f"Ask again in {seconds} seconds.", retry_after=seconds)

    def left(self, *who):
        """Return how many hits are left, and for how many seconds this holds."""
        window = self.ask("get_window_stats", *who)
        return window.remaining, max(math.ceil(window.reset_time - time.time()), 1)

    def ask(self, question, *who):
        """Ask the shared counters, or, when they are not to be reached, those of this process."""
        limits = current_app.extensions["limits"]
        try:
            return getattr(limits.shared, question)(limits.items[self.setting], self.setting, *who)
        except StorageError:
            return getattr(limits.own, question)(limits.items[self.setting], self.setting, *who)


class Limits:
    """The limits of an application, and where it counts."""

    def __init__(self, config):
        names = ("RATE_LIMIT", "FAILED_LOGINS")
        self.items = {name: parse(config[name]) for name in names}
        self.own = self.shared = Windows()
        if config["CACHE_URL"]:
            storage = storage_from_string(
                config["CACHE_URL"], wrap_exceptions=True, **CONNECT_AND_ANSWER_WITHIN
            )
            self.shared = FixedWindowRateLimiter(storage)


requests = Limit("RATE_LIMIT")


def init_app(app):
    limits = app.extensions["limits"] = Limits(app.config)
    item = limits.items["RATE_LIMIT"]
    policy = f'"requests";q={item.amount};w={item.get_expiry()}'

    @app.before_request
    def count_request():
        requests.hit(request.remote_addr)

    @app.after_request
    def tell_what_is_left(response):
        """Add the fields of draft-ietf-httpapi-ratelimit-headers."""
        remaining, seconds = requests.left(request.remote_addr)
        response.headers["RateLimit-Policy"] = policy
        response.headers["RateLimit"] = f'"requests";r={remaining};t={seconds}'
        return response
