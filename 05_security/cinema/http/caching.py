"""Cache-Control for all responses (RFC 9111), and the application's own cache."""

import hashlib
from contextlib import contextmanager
from functools import wraps

from flask import current_app, g, make_response, request
from flask_caching import Cache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from .credential_fields import has_credentials

SECONDS_KEPT = 300
AT_ONCE = {  # a cache is of no use if it is slower than the view
    "socket_connect_timeout": 0.2,  # seconds
    "socket_timeout": 0.2,
    "retry": Retry(NoBackoff(), retries=0),
}


class ForgivingCache(Cache):
    """A cache that may fail: an error is logged, and counts as a miss."""

    def get(self, key):
        with self.forgiving():
            return super().get(key)

    def set(self, key, value):
        with self.forgiving():
            super().set(key, value)

    @contextmanager
    def forgiving(self):
        try:
            yield
        except RedisError as error:
            current_app.logger.warning("The cache does not answer: %s", error)


answers = ForgivingCache()


def init_app(app):
    in_process = {"CACHE_TYPE": "SimpleCache", "CACHE_THRESHOLD": 150}  # answers
    shared = {
        "CACHE_TYPE": "RedisCache",
        "CACHE_REDIS_URL": app.config["CACHE_URL"],
        "CACHE_KEY_PREFIX": "cinema:",
        "CACHE_OPTIONS": AT_ONCE,
    }
    chosen = shared if app.config["CACHE_URL"] else in_process
    answers.init_app(app, config={"CACHE_DEFAULT_TIMEOUT": SECONDS_KEPT} | chosen)
    app.after_request(say_who_may_keep_it)


def cached(view):
    """Cache the response to a GET by its URL and ETag; put it below `@versioned`.

    A write gives entities new versions, and so new ETags: the old responses are never found again.
    No code has to remove them, and no response can be out of date.
    """

    @wraps(view)
    def kept(*args, **kwargs):
        asked = request.scheme, request.host, request.root_path, request.full_path, g.etag
        key = hashlib.sha256(repr(asked).encode()).hexdigest()
        answer = answers.get(key)
        if answer is None:
            response = make_response(view(*args, **kwargs))
            answer = response.get_data(), response.status_code, response.headers.to_wsgi_list()
            answers.set(key, answer)
            return response
        return answer

    return kept


def say_who_may_keep_it(response):
    """Add Cache-Control to every response that does not have its own."""
    response.headers.setdefault("Cache-Control", who_may_keep(response))
    return response


def who_may_keep(response):
    """Return a Cache-Control: public without credentials, private with them, else no-store.

    With `max-age`, a cache may answer without us for a while. With `no-cache`, it asks us each time
    whether its response is still current, and we can answer 304.
    """
    if request.method not in ("GET", "HEAD") or response.status_code not in (200, 304):
        return "no-store"
    if has_credentials():
        return "private, no-cache" if "ETag" in response.headers else "no-store"
    return f"public, max-age={current_app.config['PUBLIC_MAX_AGE']}, stale-if-error=600"
