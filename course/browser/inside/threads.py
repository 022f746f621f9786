"""Stands in for threads, which a browser's Python does not have.

Starting one is refused, with Python's own error, and noted: an application may turn the error into
a 500. A Timer of an instant is done at once: by such, `limits` tidies up the counters of
Flask-Limiter. A longer one is refused, too.
"""

import threading

from course.browser.inside.missing import THREADS, refused

INSTANT = 0.05  # seconds


def stand_in_for_threads():
    threading.Thread.start = cannot_start
    threading.Timer = AtOnce


def cannot_start(*_arguments):
    refused.append(THREADS)
    raise RuntimeError("can't start new thread")


class AtOnce:
    """Calls a function when it is started, and is not alive any more once it has been started."""

    def __init__(self, interval, function, args=None, kwargs=None):
        self.interval, self.call = interval, lambda: function(*(args or ()), **(kwargs or {}))

    def start(self):
        if self.interval > INSTANT:
            cannot_start()
        self.call()

    def cancel(self):
        """Do nothing: it was called, or never will be."""

    def is_alive(self):
        return False
