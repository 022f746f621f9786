"""A headless Chromium that a test tells what to do, as its own developer tools would.

The DevTools protocol goes through a pipe here, so that it needs neither a port nor a driver.
"""

import json
import os
import shutil
import time
from contextlib import suppress
from itertools import count

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
TWO_FRAMES = (  # until the page is painted: Chromium drops clicks on what nobody has seen yet
    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
)


class NotDone(AssertionError):
    """Chromium has not done what it was told, and says why."""


class Chromium:
    """One page of a browser that has a profile of its own, and perhaps more switches."""

    patience = 20  # seconds

    def __init__(self, profile, *switches):
        to_browser, self.commands = os.pipe()
        self.replies, from_browser = os.pipe()
        self.numbers = count(1)
        self.unread = b""
        if os.geteuid() == 0:
            switches += ("--no-sandbox",)  # root has none
        self.pid = os.posix_spawn(
            executable(),
            ["chromium", *OPTIONS, *switches, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, to_browser, 3),  # Chromium's numbers for the pipe
                (os.POSIX_SPAWN_DUP2, from_browser, 4),
                (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            ],
        )
        os.close(to_browser)
        os.close(from_browser)
        self.session = {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = {"sessionId": attached["sessionId"]}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session = {}
        self.call("Browser.close")
        os.waitpid(self.pid, 0)
        os.close(self.commands)
        os.close(self.replies)

    def call(self, method, **parameters):
        """Give a command, and return its result."""
        number = next(self.numbers)
        command = {"id": number, "method": method, "params": parameters} | self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        while (message := self.next_message()).get("id") != number:
            pass  # an event, of which there are many
        if "error" in message:
            raise NotDone(message["error"])
        return message["result"]

    def next_message(self):
        while b"\0" not in self.unread:
            received = os.read(self.replies, 65536)
            assert received, "Chromium has ended."
            self.unread += received
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def evaluate(self, script):
        """Return what a script is worth; of a promise, what it brings."""
        asked = {"expression": script, "returnByValue": True, "awaitPromise": True}
        return self.call("Runtime.evaluate", **asked)["result"].get("value")

    @property
    def url(self):
        return self.evaluate("location.href")

    @property
    def text(self):
        return self.evaluate("document.body.innerText")

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState == 'complete'")

    def wait_for(self, condition):
        """Wait until a script says true; between two pages there is nothing to ask."""
        deadline = time.monotonic() + self.patience
        while not self.is_true(condition):
            if time.monotonic() > deadline:
                pytest.fail(f"{condition} should be true by now at {self.url}: {self.text}")
            time.sleep(0.05)

    def is_true(self, condition):
        with suppress(NotDone):  # the page goes while it is asked
            return self.evaluate(condition)

    def fill_in(self, selector, text):
        """Type into a field."""
        self.wait_for(f"document.querySelector({selector!r}) != null")
        self.evaluate(f"document.querySelector({selector!r}).focus()")
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """Press the mouse where the element is, as a user does who sees it standing still."""
        self.wait_for(f"document.querySelector({selector!r}) != null")
        self.wait_for("document.readyState == 'complete'")  # the style moves things
        self.evaluate(TWO_FRAMES)
        left, top, width, height = self.evaluate(
            f"(box => [box.x, box.y, box.width, box.height])"
            f"(document.querySelector({selector!r}).getBoundingClientRect())"
        )
        place = {"x": left + width / 2, "y": top + height / 2, "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **place)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **place)


class Witness(Chromium):
    """A browser that remembers what it has asked for, and of what it has complained."""

    def __init__(self, profile, *switches):
        self.requested, self.complaints = [], []
        super().__init__(profile, *switches)
        self.call("Network.enable")
        self.call("Log.enable")

    def next_message(self):
        message = super().next_message()
        match message:
            case {"method": "Network.requestWillBeSent", "params": {"request": {"url": url}}}:
                self.requested.append(url)
            case {"method": "Log.entryAdded", "params": {"entry": entry}}:
                self.complaints.append(entry["text"])
        return message


def executable():
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.fail("This test needs Chromium: apt-get install chromium.", pytrace=False)
    return found
