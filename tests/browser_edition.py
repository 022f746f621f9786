"""What tests of the browser edition begin with: it is built once, and served on this machine."""

import fcntl
import json
import os
import subprocess
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from chromium import Chromium

from course.browser.build import PAGE, build
from course.browser.packages import archives

IN_NODE = Path(__file__).with_name("python_in_node.mjs")


def built(tmp_path_factory):
    """Return the folder of the browser edition, which the first of all test processes builds."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent  # of all workers
    site = place / "browser-edition"
    with (place / "browser-edition.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site / "built").exists():
            build(site)
            (site / "built").touch()
    return site


def in_node(site, chapter, jobs):
    """Do jobs, each a name and its details, in Pyodide under Node; return their results.

    The packages are those that the page of this chapter loads.
    """
    done = subprocess.run(
        ["node", IN_NODE, site, PAGE / "python.mjs", *archives(chapter)],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


class Static(SimpleHTTPRequestHandler):
    """Any static host: it knows the type of a module of JavaScript, and notes what is asked."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def do_GET(self):
        content = self.server.instead.get(self.path)
        if content is None:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(self.path.partition("?")[0]))
        self.end_headers()
        self.wfile.write(content.encode())
        return None

    def log_message(self, *_):
        self.server.asked.append(self.path)


@contextmanager
def served(folder, instead=None):
    """Serve a folder; yield its URL and the list of what was asked for.

    `instead` has the texts of paths that are answered with another text than the folder's.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Static, directory=folder))
    server.daemon_threads, server.asked, server.instead = True, [], instead or {}
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Visitor(Chromium):
    """A browser that notes what it asks of other hosts, and the complaints of its pages."""

    patience = 300  # seconds: Python is 10 MB, and this machine may be busy

    def __init__(self, profile):
        self.elsewhere, self.complaints = [], []
        super().__init__(profile)
        for domain in ("Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.look(1280, 900)

    def next_message(self):
        message = super().next_message()
        match message:
            case {"method": "Network.requestWillBeSent", "params": {"request": {"url": url}}}:
                if not url.startswith(("http://127.0.0.1", "data:", "blob:")):
                    self.elsewhere.append(url)
            case {"method": "Log.entryAdded", "params": {"entry": {"text": text}}}:
                self.complaints.append(text)
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": details}}:
                self.complaints.append(json.dumps(details)[:500])
        return message

    def look(self, width, height, dark=False):
        """Look through a window of this size, in this scheme of colours."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def click(self, selector):
        """Click when it is enabled, scrolled to where it can be seen."""
        self.wait_for(f"document.querySelector({selector!r})?.disabled === false")
        self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        super().click(selector)

    def choose(self, selector, value):
        """Choose an option of a list."""
        self.evaluate(
            f"(list => {{ list.value = {value!r};"
            "list.dispatchEvent(new Event('change', {bubbles: true})); })"
            f"(document.querySelector({selector!r}))"
        )

    def press(self, key, code, modifiers=0):
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
            )

    def says(self, selector, text):
        """Wait until an element contains a text; return all that it contains."""
        self.wait_for(f"document.querySelector({selector!r})?.innerText.includes({text!r})")
        return self.evaluate(f"document.querySelector({selector!r}).innerText")

    @property
    def is_too_wide(self):
        return self.evaluate("document.documentElement.scrollWidth > window.innerWidth")
